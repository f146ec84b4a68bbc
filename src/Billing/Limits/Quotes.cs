using Quoin.Kernel;

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
    /// <summary>What the customer pays as money, rounded up to whole micros: what is to be reserved for it.</summary>
    public Money ToReserve => new(checked((long)decimal.Ceiling(CustomerMicros)), Currency);
}

/// <summary>What usage would cost now: the price of the next units, by what the account has used of the period so far.</summary>
public sealed class Quotes
{
    /// <summary>Prices usage at the margin.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="billingAccount">Who pays.</param>
    /// <param name="at">When it is used, by the organisation's clock.</param>
    /// <param name="parts">The usage.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The quote; null where the organisation has no such billing account.</returns>
    public ValueTask<Quote?> Of(
        OrgId org,
        BillingAccountId billingAccount,
        DateTimeOffset at,
        IReadOnlyList<UsagePart> parts,
        CancellationToken cancellationToken) => throw new NotSupportedException();
}
