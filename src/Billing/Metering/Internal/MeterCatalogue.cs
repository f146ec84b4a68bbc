using Npgsql;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>The meters, remembered for a short while: they change by migration or by an operator, rarely.</summary>
internal sealed class MeterCatalogue(NpgsqlDataSource database, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private volatile Remembered? last;

    public const string MetersSql = """
        select m.meter_id, m.key, m.aggregation, m.unit, v.version, v.effective_from, v.definition::text
        from metering.meters m
        join metering.meter_versions v on v.meter_id = m.meter_id
        order by m.key, v.version
        """;

    /// <summary>The meters, at most a second behind the database.</summary>
    public ValueTask<MeterSet> Current(CancellationToken cancellationToken)
    {
        var known = last;
        return known is { IsStale: false } && time.GetElapsedTime(known.ReadAt) < Freshness
            ? ValueTask.FromResult(known.Meters)
            : new ValueTask<MeterSet>(Read(known, cancellationToken));
    }

    /// <summary>Reads them anew at the next question: this replica has changed them.</summary>
    public void Forget()
    {
        if (last is { } known)
        {
            last = known with { IsStale = true };
        }
    }

    private async Task<MeterSet> Read(Remembered? known, CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        await using var command = database.Sql(MetersSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var meters = await MeterRows.Read(reader, cancellationToken);

        // The same meters keep the same object: parsers are bound to it and stay in their pool.
        var set = known is not null && known.Meters.Says(meters) ? known.Meters : new MeterSet(meters);
        last = new Remembered(set, readAt);
        return set;
    }

    private sealed record Remembered(MeterSet Meters, long ReadAt, bool IsStale = false);
}
