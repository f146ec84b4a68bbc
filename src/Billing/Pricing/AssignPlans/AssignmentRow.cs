using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>What a customer promised to spend.</summary>
/// <param name="AmountMicros">Micros of the account's currency, each billing period.</param>
/// <param name="OverageFactor">What usage beyond it is multiplied by; 1 is the usual price.</param>
internal sealed record CommitmentRow(long AmountMicros, decimal OverageFactor = 1m);

/// <summary>What an account has, as the API shows it.</summary>
/// <param name="Id">The assignment.</param>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="BillingAccount">Who has it.</param>
/// <param name="Kind"><c>contract</c>, <c>reseller</c> or <c>plan</c>.</param>
/// <param name="Plan">The plan's short name; null for a contract of prices alone.</param>
/// <param name="PlanVersion">The plan's version.</param>
/// <param name="PriceBook">The book usage is priced by, where it is not the plan's own.</param>
/// <param name="EffectiveFrom">Since when.</param>
/// <param name="EffectiveTo">Until when; null has no end. Equal to its beginning, it was withdrawn.</param>
/// <param name="PricesFrom">Since when usage is priced by it.</param>
/// <param name="Anchor">Where its billing months are counted from.</param>
/// <param name="Commitment">What the customer promised to spend.</param>
/// <param name="DiscountBps">What it takes off other books' prices, in hundredths of a percent.</param>
/// <param name="TrialEndsAt">Until when no fee is due.</param>
/// <param name="Note">Why, for people.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record AssignmentRow(
    AssignmentId Id,
    OrgId OrganisationId,
    BillingAccountId BillingAccount,
    AssignmentKind Kind,
    string? Plan,
    PlanVersionId? PlanVersion,
    PriceBookId? PriceBook,
    DateTimeOffset EffectiveFrom,
    DateTimeOffset? EffectiveTo,
    DateTimeOffset PricesFrom,
    DateTimeOffset Anchor,
    CommitmentRow? Commitment,
    int DiscountBps,
    DateTimeOffset? TrialEndsAt,
    string Note,
    DateTimeOffset CreatedAt)
{
    public static AssignmentRow Of(Assignment assignment) => new(
        assignment.Id,
        assignment.Account.Org,
        assignment.Account.Account,
        assignment.Kind,
        assignment.Plan?.Family,
        assignment.Plan?.Id,
        assignment.Book,
        assignment.InForce.Start,
        assignment.InForce.End == DateTimeOffset.MaxValue ? null : assignment.InForce.End,
        assignment.PricesInForce.Start,
        assignment.Anchor,
        assignment.Commitment is { } promised ? new CommitmentRow(promised.AmountMicros, promised.OverageFactor) : null,
        assignment.DiscountBps,
        assignment.TrialEndsAt,
        assignment.Note,
        assignment.CreatedAt);
}
