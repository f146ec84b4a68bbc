using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>What is assigned; an account has at most one of each kind at a time.</summary>
public enum AssignmentKind
{
    /// <summary>A contract with this customer: prices, a discount, a commitment.</summary>
    Contract,

    /// <summary>The plan a reseller gave its customer.</summary>
    Reseller,

    /// <summary>A plan.</summary>
    Plan,
}

/// <summary>What a customer promised to spend.</summary>
/// <param name="AmountMicros">Micros of the account's currency, each billing period.</param>
/// <param name="OverageFactor">What usage beyond it is multiplied by; 1 is the usual price.</param>
public sealed record Commitment(long AmountMicros, decimal OverageFactor);

/// <summary>What an account has, and when. The end alone may move, and only ahead.</summary>
/// <param name="Id">The assignment.</param>
/// <param name="Account">Who has it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Plan">The plan's version; null for a contract of prices alone.</param>
/// <param name="Book">The book usage is priced by; null is the plan's own, if it has one.</param>
/// <param name="InForce">From a quarter hour on, up to its end; <see cref="DateTimeOffset.MaxValue"/> where there is none.</param>
/// <param name="PricesInForce">
/// When usage is priced by it: as <paramref name="InForce"/>, but never before usage that may be rated already.
/// </param>
/// <param name="Anchor">Where its billing months are counted from.</param>
/// <param name="Commitment">What the customer promised to spend; null is nothing.</param>
/// <param name="DiscountBps">What a contract takes off other books' prices, in hundredths of a percent.</param>
/// <param name="TrialEndsAt">Until when no fee is due; null has no trial.</param>
/// <param name="Note">Why, for people.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Assignment(
    AssignmentId Id,
    BillingAccountKey Account,
    AssignmentKind Kind,
    PlanVersion? Plan,
    PriceBookId? Book,
    Period InForce,
    Period PricesInForce,
    DateTimeOffset Anchor,
    Commitment? Commitment,
    int DiscountBps,
    DateTimeOffset? TrialEndsAt,
    string Note,
    DateTimeOffset CreatedAt);

/// <summary>All an account has and had, and what follows from it.</summary>
public sealed class AccountPlans
{
    /// <summary>An account nothing was ever assigned to.</summary>
    public static readonly AccountPlans None = new([]);

    /// <summary>Arranges what one account has for look-up.</summary>
    /// <param name="assignments">Of one kind, none overlap.</param>
    public AccountPlans(IEnumerable<Assignment> assignments)
    {
        Assignments = [.. assignments
            .Where(assignment => assignment.InForce.Start < assignment.InForce.End)
            .OrderBy(assignment => assignment.Kind)
            .ThenBy(assignment => assignment.InForce.Start)];
        Prices = Assignments.Count == 0 ? AccountPrices.Catalogue : new AccountPrices(Assignments.Select(BookOf));
    }

    /// <summary>By kind and time; what was withdrawn before it began is not among them.</summary>
    public IReadOnlyList<Assignment> Assignments { get; }

    /// <summary>Which books price its usage, at any time.</summary>
    public AccountPrices Prices { get; }

    /// <summary>What is in force of a kind at an instant; null when there is none.</summary>
    public Assignment? At(AssignmentKind kind, DateTimeOffset at) =>
        Assignments.FirstOrDefault(assignment => assignment.Kind == kind && assignment.InForce.Contains(at));

    /// <summary>
    /// The assignment that says what an account is, at an instant: its own plan, else a reseller's, else a contract's.
    /// Fees, grants and billing months are this one's.
    /// </summary>
    public Assignment? LeadingAt(DateTimeOffset at) =>
        At(AssignmentKind.Plan, at) ?? At(AssignmentKind.Reseller, at) ?? At(AssignmentKind.Contract, at);

    /// <summary>The billing period that holds an instant.</summary>
    public Period PeriodAt(DateTimeOffset at) => BillingPeriods.Of(Assignments, at);

    /// <summary>
    /// What it may do at an instant: a contract's entitlements before a reseller's before the plan's, each key once.
    /// </summary>
    public IReadOnlyList<Entitlement> EntitlementsAt(DateTimeOffset at) =>
    [
        .. Assignments
            .Where(assignment => assignment.InForce.Contains(at))
            .SelectMany(assignment => assignment.Plan?.Entitlements ?? [])
            .DistinctBy(entitlement => entitlement.Key),
    ];

    private static AccountBook BookOf(Assignment assignment) => new(
        assignment.Kind switch
        {
            AssignmentKind.Contract => PriceSource.Contract,
            AssignmentKind.Reseller => PriceSource.ResellerPlan,
            _ => PriceSource.Plan,
        },
        assignment.Id,
        assignment.Book ?? assignment.Plan?.Book,
        assignment.DiscountBps,
        assignment.PricesInForce);
}
