using System.Runtime.InteropServices;
using Npgsql;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.Charging.Internal;

/// <summary>
/// Compares an organisation's usage of a stretch of time: one snapshot holds its events, buckets, queue and lines, so
/// that usage streaming in and folds being rated meanwhile deceive nobody.
/// </summary>
internal sealed class CompareUsage(UsageTrail trail, Metering.Metering metering, LineQueries lines)
{
    /// <summary>Compares one stretch.</summary>
    /// <returns>How many measurements of events were derived; null when there are too many to hold at once.</returns>
    public async Task<long?> Run(
        NpgsqlTransaction transaction,
        OrgId org,
        Period stretch,
        DateTimeOffset recordedFrom,
        bool mayRefuse,
        List<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        var meters = await metering.Meters(cancellationToken);
        var slice = new Slice
        {
            Buckets = await trail.Buckets(transaction, org, stretch, cancellationToken),
            Unrated =
            [
                .. await trail.Waiting(transaction, org, stretch, cancellationToken),
                .. await UnpricedRows.SetAsideIn(transaction, org, stretch, cancellationToken),
            ],
            Lines = await lines.UsedIn(transaction, org, stretch, cancellationToken),
            Additive = meters.Where(meter => meter.IsAdditive).Select(meter => meter.Id).ToHashSet(),
            CountingEvents = meters
                .Where(meter => meter.Aggregation != Aggregation.TimeWeighted)
                .Select(meter => meter.Id)
                .ToHashSet(),
        };
        long count = 0;
        long held = slice.Buckets.Count + slice.Lines.Count;
        await foreach (var one in trail.Rederive(transaction, org, stretch, recordedFrom, cancellationToken))
        {
            count++;
            ref var folds = ref CollectionsMarshal.GetValueRefOrAddDefault(slice.Derived, one.Key, out _);
            folds ??= [];
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(folds, one.Fold, out var isKnown);
            sum += new DerivedSum(ExactDecimal.Of(one.Quantity), one.EventCount);
            if (!isKnown && ++held > Limits.UsageHeldMax && mayRefuse)
            {
                return null;
            }
        }

        faults.AddRange(SliceComparison.Faults(slice).Take(Limits.FindingsPerStepMax));
        return count;
    }
}
