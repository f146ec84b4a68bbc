using Npgsql;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>The meters, remembered for a short while: they change by migration or by an operator, rarely.</summary>
internal sealed class MeterCatalogue(NpgsqlDataSource database, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private volatile Remembered? last;

    private const string MetersSql = """
        select meter_id, key, event_type, value_property, dimension_properties, unit
        from metering.meters
        order by key
        """;

    /// <summary>The meters, at most a second behind the database.</summary>
    public ValueTask<MeterSet> Current(CancellationToken cancellationToken)
    {
        var known = last;
        return known is not null && time.GetElapsedTime(known.ReadAt) < Freshness
            ? ValueTask.FromResult(known.Meters)
            : new ValueTask<MeterSet>(Read(known, cancellationToken));
    }

    private async Task<MeterSet> Read(Remembered? known, CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        await using var command = database.Sql(MetersSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var meters = new List<Meter>();
        while (await reader.ReadAsync(cancellationToken))
        {
            meters.Add(new Meter(
                new MeterId(reader.GetGuid(0)),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                [.. reader.GetFieldValue<string[]>(4).Order(StringComparer.Ordinal)],
                reader.GetString(5)));
        }

        // The same meters keep the same object: parsers are bound to it and stay in their pool.
        var set = known is not null && known.Meters.Says(meters) ? known.Meters : new MeterSet(meters);
        last = new Remembered(set, readAt);
        return set;
    }

    private sealed record Remembered(MeterSet Meters, long ReadAt);
}
