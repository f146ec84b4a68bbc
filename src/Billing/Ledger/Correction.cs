using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>A correction of a transfer, from its request on.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct CorrectionId(Guid Value) : IId<CorrectionId>
{
    /// <inheritdoc />
    public static string Prefix => "cor";

    /// <inheritdoc />
    public static CorrectionId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>How a transfer is corrected.</summary>
public enum CorrectionKind
{
    /// <summary>It is undone, leg by leg; credit spent since becomes overdraft. Once a transfer.</summary>
    Reversal,

    /// <summary>What it lacked is added, or what it had too much of is taken, by legs of its own.</summary>
    Adjustment,
}

/// <summary>Where a correction stands.</summary>
public enum CorrectionState
{
    /// <summary>Somebody asked for it.</summary>
    Requested,

    /// <summary>Somebody else approved it, and it is in the books.</summary>
    Posted,

    /// <summary>Somebody else rejected it.</summary>
    Rejected,

    /// <summary>Who asked for it took it back.</summary>
    Withdrawn,
}

/// <summary>A correction somebody asks for.</summary>
/// <param name="Transfer">What is wrong.</param>
/// <param name="Kind">What to do about it.</param>
/// <param name="Key">The request's natural key: the same key asks once, for ever.</param>
/// <param name="Reason">Why. It becomes part of the correcting transfer's reference, which the customer sees.</param>
/// <param name="Evidence">What shows it: a text or an address. For operators only.</param>
/// <param name="Legs">An adjustment's legs, summing to zero in each currency; none for a reversal.</param>
public sealed record NewCorrection(
    TransferId Transfer,
    CorrectionKind Kind,
    string Key,
    string Reason,
    string Evidence,
    IReadOnlyList<Leg> Legs);

/// <summary>A correction as it stands.</summary>
/// <param name="Id">The correction.</param>
/// <param name="BillingAccount">In whose chart.</param>
/// <param name="Asked">What was asked for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="RequestedAt">When.</param>
/// <param name="DecidedBy">Who decided, or took it back; null while nobody has.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="DecisionReason">Why.</param>
/// <param name="Posted">The correcting transfer; null while it is not in the books.</param>
public sealed record Correction(
    CorrectionId Id,
    BillingAccountId BillingAccount,
    NewCorrection Asked,
    CorrectionState State,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    string? DecidedBy,
    DateTimeOffset? DecidedAt,
    string? DecisionReason,
    TransferId? Posted);

/// <summary>Which corrections to read; what is null does not filter.</summary>
/// <param name="Transfer">Of this transfer.</param>
/// <param name="State">In this state.</param>
public sealed record CorrectionFilter(TransferId? Transfer, CorrectionState? State);

/// <summary>Why a transfer is not corrected, in the order it is checked.</summary>
public abstract record CorrectionRefusal
{
    private CorrectionRefusal()
    {
    }

    /// <summary>It is undone already.</summary>
    /// <param name="By">The transfer that undid it.</param>
    public sealed record AlreadyReversed(TransferId By) : CorrectionRefusal;

    /// <summary>Undoing it would be undone again at once: the grant it was about has ended.</summary>
    /// <param name="Kind">The transfer's kind.</param>
    public sealed record NotReversible(string Kind) : CorrectionRefusal;

    /// <summary>It moved nothing.</summary>
    public sealed record MovedNothing : CorrectionRefusal;

    /// <summary>It was adjusted: undone, the adjustment would stand alone.</summary>
    /// <param name="By">The adjusting transfer, to be undone first.</param>
    public sealed record Adjusted(TransferId By) : CorrectionRefusal;

    /// <summary>Its reversal is asked for already.</summary>
    /// <param name="Open">The correction.</param>
    public sealed record AlreadyRequested(CorrectionId Open) : CorrectionRefusal;

    /// <summary>It has as many corrections as one may have.</summary>
    /// <param name="Max">How many.</param>
    public sealed record TooMany(int Max) : CorrectionRefusal;
}

/// <summary>Every way asking for a correction can end, in the order they are checked.</summary>
public abstract record CorrectionRequestOutcome
{
    private CorrectionRequestOutcome()
    {
    }

    /// <summary>The organisation has no such transfer.</summary>
    public sealed record NoSuchTransfer : CorrectionRequestOutcome;

    /// <summary>Members of the request are wrong.</summary>
    /// <param name="Errors">Which, and why.</param>
    public sealed record Invalid(IReadOnlyList<(string Member, string Detail)> Errors) : CorrectionRequestOutcome;

    /// <summary>The key is taken by a request that says something else.</summary>
    /// <param name="First">The correction that has the key.</param>
    public sealed record KeyConflict(CorrectionId First) : CorrectionRequestOutcome;

    /// <summary>It waits for a second person, now or since an earlier request with the same key and body.</summary>
    /// <param name="Correction">The correction; it may be decided since.</param>
    /// <param name="IsReplay">Whether it was there already.</param>
    public sealed record Requested(Correction Correction, bool IsReplay) : CorrectionRequestOutcome;

    /// <summary>The transfer is not to be corrected like that.</summary>
    /// <param name="Why">Why.</param>
    public sealed record Refused(CorrectionRefusal Why) : CorrectionRequestOutcome;
}

/// <summary>Every way deciding a correction can end, in the order they are checked.</summary>
public abstract record CorrectionDecisionOutcome
{
    private CorrectionDecisionOutcome()
    {
    }

    /// <summary>The organisation has no such correction.</summary>
    public sealed record NotFound : CorrectionDecisionOutcome;

    /// <summary>Somebody decided it before, or otherwise; nothing changed.</summary>
    /// <param name="Correction">As it stands.</param>
    public sealed record AlreadyDecided(Correction Correction) : CorrectionDecisionOutcome;

    /// <summary>Who asked for it does not decide it, by whatever key; nothing changed.</summary>
    public sealed record SecondPersonNeeded : CorrectionDecisionOutcome;

    /// <summary>Only who asked for it takes it back; nothing changed.</summary>
    public sealed record RequesterNeeded : CorrectionDecisionOutcome;

    /// <summary>The transfer has changed since it was asked; nothing changed, and it still waits.</summary>
    /// <param name="Why">Why it cannot be corrected now.</param>
    public sealed record Refused(CorrectionRefusal Why) : CorrectionDecisionOutcome;

    /// <summary>The books do not take it; nothing changed, and it still waits.</summary>
    /// <param name="Why">How posting ended.</param>
    public sealed record NotPosted(PostOutcome Why) : CorrectionDecisionOutcome;

    /// <summary>It is decided, now or by the same actor before.</summary>
    /// <param name="Correction">As it stands.</param>
    /// <param name="IsReplay">Whether it was decided before.</param>
    public sealed record Decided(Correction Correction, bool IsReplay) : CorrectionDecisionOutcome;
}
