using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Folded usage with the price that charges it.</summary>
internal sealed record PricedUsage(FoldedUsage Usage, RatingKey Key, PriceVersion Version);

/// <summary>Usage that cannot be rated now, why, and the type of what was thrown.</summary>
internal sealed record SetAside(FoldedUsage Usage, string Reason, string? Failure = null);

/// <summary>One step of rating, decided purely: what was taken, which prices hold, what each position says.</summary>
internal sealed class RatingRun
{
    public const string NoPrice = "no_price";
    public const string Overflow = "overflow";
    public const string Failed = "failed";
    public const string CorrelationMember = "correlation_id";

    private readonly List<PricedUsage> priced = [];
    private readonly List<SetAside> setAside = [];
    private readonly List<RatedLine> lines = [];

    /// <summary>Usage nothing prices, or that comes to more than can be.</summary>
    public IReadOnlyList<SetAside> SetAside => setAside;

    /// <summary>The lines, in the order they move their positions.</summary>
    public IReadOnlyList<RatedLine> Lines => lines;

    /// <summary>The keys whose positions the lines move, sorted: they are locked in this order.</summary>
    public RatingKey[] Keys => [.. priced.Select(usage => usage.Key).Distinct()
        .OrderBy(key => (key.Org.Value, key.BillingAccount.Value, key.Component.Value, key.PeriodStart))];

    /// <summary>Finds each usage's price.</summary>
    public void Price(
        IEnumerable<FoldedUsage> taken,
        IReadOnlyDictionary<BillingAccountKey, BillingAccountProfile> accounts,
        IReadOnlyDictionary<MeterId, Meter> meters,
        PriceSnapshot prices)
    {
        foreach (var usage in taken)
        {
            var account = accounts[new BillingAccountKey(usage.Org, usage.BillingAccount)];
            var lookup = new PriceLookup(
                AccountPrices.Catalogue, account.Currency, meters[usage.Meter].Key, usage.Dimensions, usage.BucketStart);
            if (prices.Find(lookup) is { Version: var version })
            {
                var period = Period.MonthOf(usage.BucketStart);
                var key = new RatingKey(usage.Org, usage.BillingAccount, version.Component, period.Start);
                priced.Add(new PricedUsage(usage, key, version));
            }
            else
            {
                setAside.Add(new SetAside(usage, NoPrice));
            }
        }
    }

    /// <summary>Moves the positions and makes the lines: one for each key, price version, kind and quarter hour.</summary>
    public void Rate(IReadOnlyDictionary<RatingKey, RatingPosition> positions, IdSource ids, DateTimeOffset now)
    {
        var steps = priced
            .GroupBy(usage => (usage.Key, usage.Version, usage.Usage.Meter, usage.Usage.Dimensions, usage.Usage.BucketStart))
            .OrderBy(step => (step.Key.Key.Org.Value, step.Key.Key.BillingAccount.Value, step.Key.Key.Component.Value))
            .ThenBy(step => step.Key.BucketStart)
            .ThenBy(step => step.Key.Dimensions.Text, StringComparer.Ordinal);
        foreach (var step in steps)
        {
            var (key, version, meter, dimensions, bucket) = step.Key;
            var quantity = step.Aggregate(ExactDecimal.Zero, (sum, usage) => sum + usage.Usage.Quantity).ToDecimal();
            var position = positions[key];
            if (quantity is not { } added || position.Add(version, added) is not { } delta)
            {
                setAside.AddRange(step.Select(usage => new SetAside(usage.Usage, Overflow)));
                continue;
            }

            lines.Add(new RatedLine(
                ids.Next<RatedLineId>(),
                key,
                version.Id,
                meter,
                dimensions,
                bucket,
                added,
                step.Sum(usage => usage.Usage.EventCount),
                new Money(delta, version.Currency),
                position.TotalQuantity,
                position.RatedMicros,
                [.. step.Select(usage => usage.Usage.Fold).Distinct()],
                null,
                now));
        }
    }

    /// <summary>The first fold of each billing account with lines: what led to its transfer.</summary>
    public IReadOnlyList<(OrgId Org, Guid Fold)> FirstFolds =>
        [.. lines.GroupBy(line => (line.Key.Org, line.Key.BillingAccount, line.Amount.Currency)).Select(FirstFold).Distinct()];

    /// <summary>One transfer for each billing account and currency the lines changed.</summary>
    /// <param name="accounts">Who pays before and who after.</param>
    /// <param name="run">Names this run in the transfers' keys.</param>
    /// <param name="causes">The correlation id of each of <see cref="FirstFolds"/>, where there is one.</param>
    public IReadOnlyList<TransferRequest> Transfers(
        IReadOnlyDictionary<BillingAccountKey, BillingAccountProfile> accounts,
        Guid run,
        IReadOnlyDictionary<(OrgId Org, Guid Fold), string?> causes) =>
    [
        .. lines
            .GroupBy(line => (line.Key.Org, line.Key.BillingAccount, line.Amount.Currency))
            .Select(group => (
                group.Key,
                Amount: group.Aggregate(Money.Zero(group.Key.Currency), (sum, line) => sum + line.Amount),
                Lines: group))
            .Where(posting => !posting.Amount.IsZero)
            .Select(posting => new TransferRequest(
                posting.Key.Org,
                posting.Key.BillingAccount,
                $"usage:{run:n}:{posting.Key.BillingAccount}:{posting.Key.Currency}",
                FactOf(accounts[new BillingAccountKey(posting.Key.Org, posting.Key.BillingAccount)], posting.Amount),
                posting.Lines.Max(line => line.BucketStart),
                $"usage of {posting.Lines.Count()} rated lines")
            {
                Metadata = CausedBy(causes[FirstFold(posting.Lines)]),
            }),
    ];

    private static (OrgId Org, Guid Fold) FirstFold(IEnumerable<RatedLine> lines)
    {
        var first = lines.MinBy(line => line.Folds[0])!;
        return (first.Key.Org, first.Folds[0]);
    }

    // The transfer says which request led to it, or the first of them: from there the entries are found, and back.
    private static Dictionary<string, string> CausedBy(string? correlationId) =>
        correlationId is null ? [] : new() { [CorrelationMember] = correlationId };

    private static BusinessFact FactOf(BillingAccountProfile account, Money amount) =>
        new BusinessFact.Usage(amount, account.Settlement == Settlement.Prepaid ? PaymentTerms.Prepaid : PaymentTerms.Postpaid);
}
