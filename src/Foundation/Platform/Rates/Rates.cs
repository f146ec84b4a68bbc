using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Keeps to rates over all replicas together. A key's row says when what was drawn is paid off (the generic cell rate
/// algorithm); one statement changes it, and its lock makes all who come at once take their turns. Where a limit lets
/// replicas draw a share at a time, the usual request is counted down in memory and costs no round trip: then never more is
/// admitted than the limit allows and each replica's share. Keys are kept as peppered hashes only.
/// </summary>
public sealed class Rates(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    private const string Pepper = "platform.rates";

    private readonly ConcurrentDictionary<(string Scope, string Key), Share> shares = new();

    /// <summary>Takes one of what a limit allows.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="key">Whose: an id, an address, where a visitor comes from.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null when it was taken; else how long to wait for the next one.</returns>
    public ValueTask<TimeSpan?> Take(RateLimit limit, string key, CancellationToken cancellationToken)
    {
        // What is exact needs no memory, and strangers' addresses would crowd out the shares of those who have some.
        if (limit.Share == 1)
        {
            return TakeOne(limit, key, cancellationToken);
        }

        var share = ShareOf(limit.Scope, key);
        if (Interlocked.Decrement(ref share.Left) >= 0)
        {
            return new ValueTask<TimeSpan?>((TimeSpan?)null);
        }

        var refusedUntil = Volatile.Read(ref share.RefusedUntilNanos);
        var now = NowNanos();
        return refusedUntil > now
            ? new ValueTask<TimeSpan?>(Span(refusedUntil - now))
            : DrawAndTake(limit, key, share, cancellationToken);
    }

    private async ValueTask<TimeSpan?> TakeOne(RateLimit limit, string key, CancellationToken cancellationToken)
    {
        var now = NowNanos();
        return await Draw(limit, key, now, cancellationToken) > 0
            ? null
            : Span(Math.Max(1, await RefusedUntil(limit, key, now, cancellationToken) - now));
    }

    private async ValueTask<TimeSpan?> DrawAndTake(
        RateLimit limit, string key, Share share, CancellationToken cancellationToken)
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
                var drawn = await Draw(limit, key, now, cancellationToken);
                if (drawn > 0)
                {
                    Interlocked.Exchange(ref share.Left, drawn - 1);
                    return null;
                }

                Volatile.Write(ref share.RefusedUntilNanos, await RefusedUntil(limit, key, now, cancellationToken));
            }

            return Span(Math.Max(1, share.RefusedUntilNanos - now));
        }
        finally
        {
            share.Turn.Release();
        }
    }

    // $4 one step, $5 a burst in steps, $6 how many are wanted. As many as the burst leaves room for are drawn; none changes
    // nothing.
    private const string DrawSql = """
        insert into platform.rates as r (scope, key_hash, paid_off_nanos, drawn)
        values ($1, $2, $3 + $4 * least($5, $6), least($5, $6))
        on conflict (scope, key_hash) do update
        set paid_off_nanos = greatest(r.paid_off_nanos, $3)
                + $4 * least($6, ($3 + $4 * $5 - greatest(r.paid_off_nanos, $3)) / $4),
            drawn = least($6, ($3 + $4 * $5 - greatest(r.paid_off_nanos, $3)) / $4)
        where $3 + $4 * $5 - greatest(r.paid_off_nanos, $3) >= $4
        returning drawn
        """;

    private async Task<long> Draw(RateLimit limit, string key, long now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            DrawSql, limit.Scope, HashOf(key), now, limit.StepNanos, (long)limit.Burst, (long)limit.Share);
        return await command.ExecuteScalarAsync(cancellationToken) is long drawn ? drawn : 0;
    }

    private const string PaidOffSql = """
        select paid_off_nanos
        from platform.rates
        where scope = $1
            and key_hash = $2
        """;

    // Before the burst has room for one more nothing can be drawn: until then nobody need ask.
    private async Task<long> RefusedUntil(RateLimit limit, string key, long now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PaidOffSql, limit.Scope, HashOf(key));
        var paidOff = await command.ExecuteScalarAsync(cancellationToken) is long at ? at : now;
        return paidOff + (limit.StepNanos * (1 - limit.Burst));
    }

    // A key whose row is gone starts with a whole burst, which is what being paid off means.
    private const string PurgeSql = """
        delete from platform.rates
        where (scope, key_hash) in (
            select scope, key_hash
            from platform.rates
            where paid_off_nanos < $1
            limit $2
            for update skip locked)
        """;

    /// <summary>Removes the rows of those who have taken nothing for long enough.</summary>
    internal async Task Purge(CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var command = database.Sql(PurgeSql, NowNanos(), RateLimits.PurgedAtOnceMax);
            if (await command.ExecuteNonQueryAsync(cancellationToken) < RateLimits.PurgedAtOnceMax)
            {
                return;
            }
        }
    }

    private Share ShareOf(string scope, string key)
    {
        if (shares.TryGetValue((scope, key), out var share))
        {
            return share;
        }

        if (shares.Count >= RateLimits.SharesRememberedMax)
        {
            shares.Clear();
        }

        return shares.GetOrAdd((scope, key), static _ => new Share());
    }

    private byte[] HashOf(string key)
    {
        var hash = new byte[HMACSHA256.HashSizeInBytes];
        secrets.Hash(Pepper, Encoding.UTF8.GetBytes(key), hash);
        return hash;
    }

    private long NowNanos() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    // Rounded up: whoever waits so long is served.
    private static TimeSpan Span(long nanos) =>
        TimeSpan.FromTicks((nanos + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);

    private sealed class Share
    {
        public long Left;

        public long RefusedUntilNanos;

        public SemaphoreSlim Turn { get; } = new(1);
    }
}
