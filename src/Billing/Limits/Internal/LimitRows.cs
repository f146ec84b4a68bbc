using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Writes counters and promises, set-based.</summary>
internal static class LimitRows
{
    // The guard can only fail when the lock was not held: then nothing of the flush may stand.
    private const string CountersSql = """
        with written as (
            update limits.counters
            set used = changed.used,
                changed_at = $6
            from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::numeric[], $5::numeric[])
                as changed (org_id, code, window_start, used, used_before)
            where counters.org_id = changed.org_id
                and counters.code = changed.code
                and counters.window_start = changed.window_start
                and counters.used = changed.used_before
            returning 1
        )
        select limits.require_all_written(count(*), $7)
        from written
        """;

    public static void WriteCounters(
        NpgsqlBatch batch, (CounterKey Key, decimal Before, decimal Used)[] counters, DateTimeOffset now)
    {
        if (counters.Length > 0)
        {
            batch.Sql(
                CountersSql,
                Array.ConvertAll(counters, one => one.Key.Org.Value),
                Array.ConvertAll(counters, one => one.Key.Code),
                Array.ConvertAll(counters, one => one.Key.WindowStart),
                Array.ConvertAll(counters, one => one.Used),
                Array.ConvertAll(counters, one => one.Before),
                now,
                (long)counters.Length);
        }
    }

    private const string InsertSql = """
        insert into limits.reservations
            (org_id, key, code, window_start, amount, used_after, is_metered, state, expires_at, recorded_at, ended_at,
            keep_until)
        select *
        from unnest(
            $1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::numeric[], $6::numeric[], $7::boolean[], $8::text[],
            $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
        """;

    public static void Insert(NpgsqlBatch batch, Reservation[] added)
    {
        if (added.Length > 0)
        {
            batch.Sql(
                InsertSql,
                Array.ConvertAll(added, one => one.Key.Org.Value),
                Array.ConvertAll(added, one => one.Key.Key),
                Array.ConvertAll(added, one => one.Counter.Code),
                Array.ConvertAll(added, one => one.Counter.WindowStart),
                Array.ConvertAll(added, one => one.Amount),
                Array.ConvertAll(added, one => one.UsedAfter),
                Array.ConvertAll(added, one => one.IsMetered),
                Array.ConvertAll(added, one => StoredWord.Of(one.State)),
                Array.ConvertAll(added, one => one.ExpiresAt),
                Array.ConvertAll(added, one => one.RecordedAt),
                Array.ConvertAll(added, one => one.EndedAt),
                Array.ConvertAll(added, one => one.KeepUntil));
        }
    }

    private const string UpdateSql = """
        update limits.reservations
        set state = changed.state,
            expires_at = changed.expires_at,
            ended_at = changed.ended_at,
            keep_until = changed.keep_until
        from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
            as changed (org_id, key, state, expires_at, ended_at, keep_until)
        where reservations.org_id = changed.org_id
            and reservations.key = changed.key
        """;

    public static void Update(NpgsqlBatch batch, Reservation[] changed)
    {
        if (changed.Length > 0)
        {
            batch.Sql(
                UpdateSql,
                Array.ConvertAll(changed, one => one.Key.Org.Value),
                Array.ConvertAll(changed, one => one.Key.Key),
                Array.ConvertAll(changed, one => StoredWord.Of(one.State)),
                Array.ConvertAll(changed, one => one.ExpiresAt),
                Array.ConvertAll(changed, one => one.EndedAt),
                Array.ConvertAll(changed, one => one.KeepUntil));
        }
    }

    private const string ExpiredSql = """
        select distinct org_id, code, window_start
        from (
            select org_id, code, window_start
            from limits.reservations
            where state = 'held'
                and expires_at <= $1
            order by expires_at
            limit $2
        ) as expired
        """;

    /// <summary>Counters with promises that have expired, those of the longest first.</summary>
    public static async Task<IReadOnlyList<CounterKey>> Expired(
        NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ExpiredSql, now, Limits.SweptAtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<CounterKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new CounterKey(
                new OrgId(reader.GetGuid(0)), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return keys;
    }

    private const string PurgeSql = """
        delete from limits.reservations r
        using (
            select org_id, key
            from limits.reservations
            where state <> 'held'
                and keep_until <= $1
            order by keep_until
            limit $2
        ) as old
        where r.org_id = old.org_id
            and r.key = old.key
        """;

    /// <summary>Forgets keys past their time.</summary>
    public static async Task Purge(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            await using var command = database.Sql(PurgeSql, now, Limits.PurgedAtOnce);
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (removed == Limits.PurgedAtOnce);
    }
}
