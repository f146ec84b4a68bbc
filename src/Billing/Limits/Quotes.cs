using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting.Internal;
using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>A piece of usage to be priced.</summary>
/// <param name="Meter">The meter's key.</param>
/// <param name="Dimensions">The dimensions it has on that meter.</param>
/// <param name="Quantity">How much, in the meter's unit; not negative.</param>
public sealed record UsagePart(string Meter, IReadOnlyDictionary<string, string> Dimensions, decimal Quantity);

/// <summary>A piece of usage and what it costs.</summary>
/// <param name="Part">The usage.</param>
/// <param name="PriceVersion">The id of the price version that prices it, as text.</param>
/// <param name="CustomerMicros">What the customer pays, in micros, unrounded.</param>
/// <param name="ProviderMicros">What it costs the operator, in micros, unrounded; zero where the price does not say.</param>
public sealed record QuotedPart(UsagePart Part, string PriceVersion, decimal CustomerMicros, decimal ProviderMicros);

/// <summary>What usage costs at the margin.</summary>
/// <param name="Currency">The billing account's.</param>
/// <param name="CustomerMicros">What the customer pays, in micros, unrounded: the sum of the parts.</param>
/// <param name="ProviderMicros">What it costs the operator, in micros, unrounded: the sum of the parts.</param>
/// <param name="Parts">The parts that have a price, in the order they were asked.</param>
/// <param name="Unpriced">The meters of the parts that have none, each once.</param>
public sealed record Quote(
    Currency Currency,
    decimal CustomerMicros,
    decimal ProviderMicros,
    IReadOnlyList<QuotedPart> Parts,
    IReadOnlyList<string> Unpriced)
{
    /// <summary>Whether each unit of each part costs the same, however many there are and whatever was used before.</summary>
    public bool IsLinear { get; init; }

    /// <summary>What the customer pays as money, rounded up to whole micros: what is to be reserved for it.</summary>
    public Money ToReserve => new(checked((long)decimal.Ceiling(CustomerMicros)), Currency);
}

/// <summary>
/// What decides the prices of an account in a quarter hour: as long as it stays the same, so does what a linear quote costs.
/// </summary>
public sealed class QuoteTerms
{
    private readonly PriceSnapshot prices;
    private readonly AccountPlans agreed;
    private readonly DateTimeOffset bucket;

    internal QuoteTerms(PriceSnapshot prices, AccountPlans agreed, Currency currency, DateTimeOffset bucket) =>
        (this.prices, this.agreed, Currency, this.bucket) = (prices, agreed, currency, bucket);

    /// <summary>The billing account's currency.</summary>
    public Currency Currency { get; }

    /// <summary>Whether these are the very same. What was read anew may be taken for others, never the other way round.</summary>
    public bool AreStill(QuoteTerms others) =>
        ReferenceEquals(prices, others.prices)
        && ReferenceEquals(agreed, others.agreed)
        && Currency == others.Currency
        && bucket == others.bucket;
}

/// <summary>
/// What usage would cost now: the price of the next units, by what the account has used of the billing period so far. Prices
/// and usage are at most a second behind; of usage, what Metering has counted. Hours and cells that take parts of each
/// other's usage do not tell quantities before apart; unit prices do not depend on them.
/// </summary>
public sealed class Quotes
{
    private readonly PriceMemory prices;
    private readonly Positions positions;
    private readonly Plans plans;
    private readonly Organisations organisations;

    internal Quotes(PriceMemory prices, Positions positions, Plans plans, Organisations organisations) =>
        (this.prices, this.positions, this.plans, this.organisations) = (prices, positions, plans, organisations);

    /// <summary>What decides an account's prices now; null where the organisation has no such billing account.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="billingAccount">Who pays.</param>
    /// <param name="at">When, by the organisation's clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<QuoteTerms?> TermsOf(
        OrgId org, BillingAccountId billingAccount, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await organisations.FindBillingAccount(org, billingAccount, cancellationToken) is not { } account)
        {
            return null;
        }

        var snapshot = await prices.Current(cancellationToken);
        var agreed = await plans.Of(new BillingAccountKey(org, billingAccount), cancellationToken);
        return new QuoteTerms(snapshot, agreed, account.Currency, QuarterHour.Of(at));
    }

    /// <summary>Prices usage at the margin.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="billingAccount">Who pays.</param>
    /// <param name="at">When it is used, by the organisation's clock.</param>
    /// <param name="parts">The usage.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The quote; null where the organisation has no such billing account.</returns>
    public async ValueTask<Quote?> Of(
        OrgId org,
        BillingAccountId billingAccount,
        DateTimeOffset at,
        IReadOnlyList<UsagePart> parts,
        CancellationToken cancellationToken)
    {
        if (await organisations.FindBillingAccount(org, billingAccount, cancellationToken) is not { } account)
        {
            return null;
        }

        var snapshot = await prices.Current(cancellationToken);
        var agreed = await plans.Of(new BillingAccountKey(org, billingAccount), cancellationToken);
        var margins = new Dictionary<PositionKey, PriceMargin>();
        var quoted = new List<QuotedPart>(parts.Count);
        var unpriced = new List<string>();
        var isLinear = true;
        var bucket = QuarterHour.Of(at);
        foreach (var part in parts)
        {
            var lookup = new PriceLookup(agreed.Prices, account.Currency, part.Meter, Dimensions.Of(part.Dimensions), bucket);
            if (snapshot.Find(lookup) is not { } price)
            {
                unpriced.Add(part.Meter);
                continue;
            }

            var key = new PositionKey(org, billingAccount, price.Version.Id, price.Group, PeriodOf(agreed, bucket).Start);
            if (!margins.TryGetValue(key, out var margin))
            {
                var isTheSame = PriceMargin.IsTheSameAnywhere(price.Version);
                isLinear &= isTheSame;
                var before = isTheSame
                    ? []
                    : await positions.Of(key, price.Version, bucket.AddTicks(QuarterHour.Ticks), cancellationToken);
                margins.Add(key, margin = new PriceMargin(price.Version, price.DiscountBps, before));
            }

            var (amount, cost) = margin.Add(price.Cell.Key, part.Quantity);
            quoted.Add(new QuotedPart(part, price.Version.Id.ToString(), amount, cost));
        }

        return new Quote(
            account.Currency,
            quoted.Sum(one => one.CustomerMicros),
            quoted.Sum(one => one.ProviderMicros),
            quoted,
            [.. unpriced.Distinct(StringComparer.Ordinal)])
        {
            IsLinear = isLinear,
        };
    }

    private static Period PeriodOf(AccountPlans agreed, DateTimeOffset at) =>
        agreed.Assignments.Count == 0 ? Period.MonthOf(at) : agreed.PeriodAt(at);
}
