using System.Collections.Concurrent;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Keeps requesters to their rate over all replicas together. A requester's row says when what was drawn is paid off (the
/// generic cell rate algorithm); a replica draws a small share at a time and counts it down in memory, so that the usual
/// request costs no round trip. Never more is admitted than the rate allows and each replica's share: at most a burst's
/// thirty-second part.
/// </summary>
public sealed class RequestRates(NpgsqlDataSource database, RequestRateOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Share> shares = new(StringComparer.Ordinal);
    private readonly long stepNanos = 60_000_000_000L / options.PerMinute;
    private readonly long drawnAtOnceMax = Math.Max(1, options.Burst / RequestRateLimits.DrawsPerBurst);

    /// <summary>Takes one request of what a requester may send.</summary>
    /// <param name="requester">Whose rate: the id of an organisation or of a key.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null when it may be served; else how long until the next one may.</returns>
    public ValueTask<TimeSpan?> Take(string requester, CancellationToken cancellationToken)
    {
        var share = ShareOf(requester);
        if (Interlocked.Decrement(ref share.Left) >= 0)
        {
            return new ValueTask<TimeSpan?>((TimeSpan?)null);
        }

        var refusedUntil = Volatile.Read(ref share.RefusedUntilNanos);
        var now = NowNanos();
        return refusedUntil > now
            ? new ValueTask<TimeSpan?>(Span(refusedUntil - now))
            : DrawAndTake(requester, share, cancellationToken);
    }

    private async ValueTask<TimeSpan?> DrawAndTake(string requester, Share share, CancellationToken cancellationToken)
    {
        // One draws, the others wait for it: a crowd costs one round trip.
        await share.Turn.WaitAsync(cancellationToken);
        try
        {
            if (Interlocked.Decrement(ref share.Left) >= 0)
            {
                return null;
            }

            var now = NowNanos();
            if (share.RefusedUntilNanos <= now)
            {
                var drawn = await Draw(requester, now, cancellationToken);
                if (drawn > 0)
                {
                    Interlocked.Exchange(ref share.Left, drawn - 1);
                    return null;
                }

                // Before the burst has room for one more nothing can be drawn: until then nobody need ask.
                var paidOff = await PaidOff(requester, now, cancellationToken);
                Volatile.Write(ref share.RefusedUntilNanos, paidOff + (stepNanos * (1 - options.Burst)));
            }

            return Span(Math.Max(1, share.RefusedUntilNanos - now));
        }
        finally
        {
            share.Turn.Release();
        }
    }

    // $3 one step, $4 a burst in steps, $5 how many are wanted. As many as the burst leaves room for are drawn; none changes nothing.
    private const string DrawSql = """
        insert into platform.request_rates as r (requester, paid_off_nanos, drawn)
        values ($1, $2 + $3 * least($4, $5), least($4, $5))
        on conflict (requester) do update
        set paid_off_nanos = greatest(r.paid_off_nanos, $2)
                + $3 * least($5, ($2 + $3 * $4 - greatest(r.paid_off_nanos, $2)) / $3),
            drawn = least($5, ($2 + $3 * $4 - greatest(r.paid_off_nanos, $2)) / $3)
        where $2 + $3 * $4 - greatest(r.paid_off_nanos, $2) >= $3
        returning drawn
        """;

    private async Task<long> Draw(string requester, long now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DrawSql, requester, now, stepNanos, (long)options.Burst, drawnAtOnceMax);
        return await command.ExecuteScalarAsync(cancellationToken) is long drawn ? drawn : 0;
    }

    private const string PaidOffSql = """
        select paid_off_nanos
        from platform.request_rates
        where requester = $1
        """;

    private async Task<long> PaidOff(string requester, long now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PaidOffSql, requester);
        return await command.ExecuteScalarAsync(cancellationToken) is long paidOff ? paidOff : now;
    }

    // A requester whose row is gone starts with a whole burst, which is what being paid off means.
    private const string PurgeSql = """
        delete from platform.request_rates
        where requester in (
            select requester
            from platform.request_rates
            where paid_off_nanos < $1
            limit $2
            for update skip locked)
        """;

    /// <summary>Removes the rows of those who have sent nothing for long enough.</summary>
    internal async Task Purge(CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var command = database.Sql(PurgeSql, NowNanos(), RequestRateLimits.PurgedAtOnceMax);
            if (await command.ExecuteNonQueryAsync(cancellationToken) < RequestRateLimits.PurgedAtOnceMax)
            {
                return;
            }
        }
    }

    private Share ShareOf(string requester)
    {
        if (shares.TryGetValue(requester, out var share))
        {
            return share;
        }

        if (shares.Count >= RequestRateLimits.RequestersRememberedMax)
        {
            shares.Clear();
        }

        return shares.GetOrAdd(requester, static _ => new Share());
    }

    private long NowNanos() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private static TimeSpan Span(long nanos) => TimeSpan.FromTicks((nanos / TimeSpan.NanosecondsPerTick) + 1);

    private sealed class Share
    {
        public long Left;

        public long RefusedUntilNanos;

        public SemaphoreSlim Turn { get; } = new(1);
    }
}
