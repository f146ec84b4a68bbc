using System.Collections.Concurrent;
using Npgsql;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>What an account has used of one price in its billing period: where its next unit stands in the tiers.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Who pays.</param>
/// <param name="Version">The price in force.</param>
/// <param name="Group">The values the price groups by.</param>
/// <param name="PeriodStart">When the billing period began.</param>
internal readonly record struct PositionKey(
    OrgId Org, BillingAccountId BillingAccount, PriceVersionId Version, Dimensions Group, DateTimeOffset PeriodStart);

/// <summary>Reads and remembers positions, at most <see cref="Limits.FreshFor"/> behind what was counted.</summary>
internal sealed class Positions(NpgsqlDataSource database, Metering.Metering metering, TimeProvider time)
{
    private readonly ConcurrentDictionary<PositionKey, (decimal[] Quantities, long ReadAt)> known = new();

    /// <summary>The quantity in each cell of the price, in their order.</summary>
    /// <param name="key">Which position.</param>
    /// <param name="version">The price.</param>
    /// <param name="until">The end of the quarter hour that is priced.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<IReadOnlyList<decimal>> Of(
        PositionKey key, PriceVersion version, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(key, out var last) && time.GetElapsedTime(last.ReadAt) < Limits.FreshFor)
        {
            return last.Quantities;
        }

        var readAt = time.GetTimestamp();
        var quantities = await Read(key, version, until, cancellationToken);
        if (known.Count >= Limits.OrganisationsRememberedMax)
        {
            known.Clear();
        }

        known[key] = (quantities, readAt);
        return quantities;
    }

    private async Task<decimal[]> Read(
        PositionKey key, PriceVersion version, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var meter = (await metering.Meters(cancellationToken)).Single(one => one.Key == version.Meter);
        var cells = version.Terms.Cells;
        TotalQuery[] queries =
        [
            .. cells.Select(cell => new TotalQuery(
                key.Org,
                key.BillingAccount,
                meter.Id,
                Dimensions.Of(version.Match.ToDictionary()
                    .Concat(key.Group.ToDictionary())
                    .Concat(cell.Match.ToDictionary())
                    .DistinctBy(pair => pair.Key)),
                new Period(QuarterHour.Of(key.PeriodStart), until))),
        ];
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var totals = await metering.Totals(transaction, queries, cancellationToken);
        return [.. totals.Select(total => total ?? 0)];
    }
}
