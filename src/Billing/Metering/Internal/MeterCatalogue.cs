using Npgsql;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// The meters, remembered for a short while: they change by migration or by an operator, rarely. Whoever finds them half-way to
/// stale has them read again in the background.
/// </summary>
internal sealed class MeterCatalogue(NpgsqlDataSource database, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private Remembered? last;

    public const string MetersSql = """
        select m.meter_id, m.key, m.aggregation, m.unit, v.version, v.effective_from, v.definition::text
        from metering.meters m
        join metering.meter_versions v on v.meter_id = m.meter_id
        order by m.key, v.version
        """;

    /// <summary>The meters, at most a second behind the database.</summary>
    public ValueTask<MeterSet> Current(CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref last);
        if (known is not { IsStale: false } || time.GetElapsedTime(known.ReadAt) is var age && age >= Freshness)
        {
            return new ValueTask<MeterSet>(Read(known, cancellationToken));
        }

        if (age >= Freshness / 2 && known.ClaimRefresh())
        {
            // Should it fail, whoever finds them stale reads them and is told.
            _ = Task.Run(() => Read(known, CancellationToken.None), CancellationToken.None);
        }

        return ValueTask.FromResult(known.Meters);
    }

    /// <summary>Reads them anew at the next question: this replica has changed them.</summary>
    public void Forget()
    {
        if (Volatile.Read(ref last) is { } known)
        {
            Volatile.Write(ref last, new Remembered(known.Meters, known.ReadAt, isStale: true));
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

        // What was forgotten meanwhile stays forgotten: this may be older than the change.
        Interlocked.CompareExchange(ref last, new Remembered(set, readAt, isStale: false), known);
        return set;
    }

    private sealed class Remembered(MeterSet meters, long readAt, bool isStale)
    {
        private int refreshing;

        public MeterSet Meters => meters;

        public long ReadAt => readAt;

        public bool IsStale => isStale;

        public bool ClaimRefresh() => Interlocked.Exchange(ref refreshing, 1) == 0;
    }
}
