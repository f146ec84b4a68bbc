using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>
/// Compares the lines of every rating key that a range touches with what their prices come to, from the key's first line
/// on, and the positions with the lines.
/// </summary>
internal sealed class CompareRating(LineQueries lines, PriceBooks prices, Metering.Metering metering)
{
    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1);

    /// <summary>Compares them.</summary>
    /// <returns>How many lines were rated again.</returns>
    public async Task<long> Run(
        NpgsqlTransaction transaction,
        OrgId org,
        Period range,
        bool isLive,
        List<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        var keys = await lines.KeysUsedIn(transaction, org, range, cancellationToken);
        if (keys.Count == 0)
        {
            return 0;
        }

        var additive = (await metering.Meters(cancellationToken)).Where(meter => meter.IsAdditive).Select(meter => meter.Id);
        var replay = new LineReplay(await prices.Current(transaction, cancellationToken), additive.ToHashSet());
        var from = isLive ? keys.Min(key => key.PeriodStart) - ClockSlack : DateTimeOffset.UnixEpoch;
        long count = 0;
        await foreach (var line in lines.MadeFrom(transaction, org, from, cancellationToken))
        {
            if (keys.Contains(line.Key))
            {
                count++;
                faults.AddRange(replay.Next(line).Take(Limits.FindingsPerStepMax - faults.Count));
            }
        }

        await ComparePositions(transaction, org, replay, faults, cancellationToken);
        return count;
    }

    private const string PositionsSql = """
        select billing_account_id, component_id, period_start, rated_micros,
            (select coalesce(sum(quantity), 0) from unnest(quantities) as quantity), currency, group_values
        from charging.rating_positions
        where org_id = $1
        """;

    private static async Task ComparePositions(
        NpgsqlTransaction transaction,
        OrgId org,
        LineReplay replay,
        List<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        var stored = new Dictionary<RatingKey, (long Micros, decimal Quantity, Currency Currency)>();
        await using (var command = transaction.Sql(PositionsSql, org.Value))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var key = new RatingKey(
                    org,
                    new BillingAccountId(reader.GetGuid(0)),
                    new PriceComponentId(reader.GetGuid(1)),
                    reader.GetFieldValue<DateTimeOffset>(2),
                    Dimensions.FromText(reader.GetString(6)));
                stored[key] = (reader.GetInt64(3), reader.GetDecimal(4), Currency.Of(reader.GetString(5)));
            }
        }

        foreach (var (key, quantity, micros) in replay.Positions)
        {
            var isStored = stored.TryGetValue(key, out var position);
            if (!isStored || position.Micros != micros || position.Quantity != quantity)
            {
                faults.Add(new ReconciliationFault(
                    ReconciliationKind.AmountMismatch,
                    ReconciliationStage.Rating,
                    $"position {key.BillingAccount} {key.Component} {key.PeriodStart.UtcDateTime:yyyy-MM-dd} {key.Group}",
                    $"{quantity} for {micros} micros, as its lines come to",
                    isStored ? $"{position.Quantity} for {position.Micros} micros" : "no position")
                {
                    BillingAccount = key.BillingAccount,
                    Difference = isStored ? new Money(position.Micros - micros, position.Currency) : null,
                });
            }
        }
    }
}
