using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>A correction as the API shows it.</summary>
/// <param name="Id">The correction.</param>
/// <param name="Transfer">The transfer it corrects.</param>
/// <param name="BillingAccount">In whose chart.</param>
/// <param name="Kind">Whether it undoes the transfer, or amends it.</param>
/// <param name="Key">The request's natural key.</param>
/// <param name="Reason">Why, as who asked says.</param>
/// <param name="Evidence">What shows it.</param>
/// <param name="Legs">An adjustment's legs; none for a reversal.</param>
/// <param name="State">Where it stands.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="RequestedAt">When.</param>
/// <param name="DecidedBy">Who decided, or took it back; null while nobody has.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="DecisionReason">Why, as who decided says.</param>
/// <param name="PostedTransfer">The correcting transfer; null while it is not in the books.</param>
internal sealed record CorrectionProfile(
    CorrectionId Id,
    TransferId Transfer,
    BillingAccountId BillingAccount,
    CorrectionKind Kind,
    string Key,
    string Reason,
    string Evidence,
    IReadOnlyList<LegShape> Legs,
    CorrectionState State,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    string? DecidedBy,
    DateTimeOffset? DecidedAt,
    string? DecisionReason,
    TransferId? PostedTransfer)
{
    public static CorrectionProfile Of(Correction correction) => new(
        correction.Id,
        correction.Asked.Transfer,
        correction.BillingAccount,
        correction.Asked.Kind,
        correction.Asked.Key,
        correction.Asked.Reason,
        correction.Asked.Evidence,
        [.. correction.Asked.Legs.Select(LegShape.Of)],
        correction.State,
        correction.RequestedBy,
        correction.RequestedAt,
        correction.DecidedBy,
        correction.DecidedAt,
        correction.DecisionReason,
        correction.Posted);
}
