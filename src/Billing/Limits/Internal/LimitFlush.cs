using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Carries a group of works out in one transaction of two round trips. The first locks the counters, in the order of
/// their keys, and reads what stands; deciding is <see cref="LimitBook"/>'s; the second writes and commits. Under the
/// lock nothing else can change a counter, on this host or another.
/// </summary>
internal sealed class LimitFlush(
    NpgsqlDataSource database, TimeProvider time, MeteredUse metered, LimitNews news)
{
    public async Task Run(
        NpgsqlConnection connection, IReadOnlyList<LimitWork> works, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await TryRun(connection, works, cancellationToken) is not { Count: > 0 } missing)
                {
                    return;
                }

                await Open(missing, cancellationToken);
            }
            catch (PostgresException taken)
                when (taken.SqlState == PostgresErrorCodes.UniqueViolation && attempt < Limits.FlushAttemptsMax)
            {
                // Another replica was faster with one of the keys, on another counter; now it can be read.
                continue;
            }

            if (attempt == Limits.FlushAttemptsMax)
            {
                throw new InvalidOperationException($"Counters stayed missing after {attempt} attempts.");
            }
        }
    }

    private const string OpenSql = """
        insert into limits.counters (org_id, code, window_start, used, changed_at)
        select org_id, code, window_start, 0, $4
        from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as wanted (org_id, code, window_start)
        order by org_id, code, window_start
        on conflict do nothing
        """;

    // In a transaction of its own: inserting under other counters' locks could deadlock.
    private async Task Open(IReadOnlyList<CounterKey> missing, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            OpenSql,
            missing.Select(key => key.Org.Value).ToArray(),
            missing.Select(key => key.Code).ToArray(),
            missing.Select(key => key.WindowStart).ToArray(),
            time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<CounterKey>> TryRun(
        NpgsqlConnection connection, IReadOnlyList<LimitWork> works, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = Instant.Now(time);
        var book = new LimitBook(now);
        await Read(transaction, works, book, now, cancellationToken);
        if (book.Missing(works) is { Count: > 0 } missing)
        {
            return missing;
        }

        await ReadMetered(transaction, works, book, cancellationToken);
        book.Decide(works);
        await Write(transaction, book, now, cancellationToken);
        return [];
    }

    private const string LockSql = """
        select c.org_id, c.code, c.window_start, c.used
        from limits.counters c
        join (
            select org_id, code, window_start
            from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as named (org_id, code, window_start)
            union
            select r.org_id, r.code, r.window_start
            from unnest($4::uuid[], $5::text[]) as named (org_id, key)
            join limits.reservations r
                on r.org_id = named.org_id
                and r.key = named.key
        ) as wanted
            on wanted.org_id = c.org_id
            and wanted.code = c.code
            and wanted.window_start = c.window_start
        order by c.org_id, c.code, c.window_start
        for update of c
        """;

    // After the lock, so with a snapshot of its own: what whoever held the lock before has committed is in it.
    private const string KeysSql = """
        select r.org_id, r.key, r.code, r.window_start, r.amount, r.used_after, r.is_metered, r.state, r.expires_at,
            r.recorded_at, r.ended_at, r.keep_until
        from unnest($1::uuid[], $2::text[]) as named (org_id, key)
        join limits.reservations r
            on r.org_id = named.org_id
            and r.key = named.key
        """;

    private const string ExpiredSql = """
        select r.org_id, r.key, r.code, r.window_start, r.amount, r.used_after, r.is_metered, r.state, r.expires_at,
            r.recorded_at, r.ended_at, r.keep_until
        from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as named (org_id, code, window_start)
        join limits.reservations r
            on r.org_id = named.org_id
            and r.code = named.code
            and r.window_start = named.window_start
            and r.state = 'held'
            and r.expires_at <= $4
        limit $5
        """;

    private static async Task Read(
        NpgsqlTransaction transaction,
        IReadOnlyList<LimitWork> works,
        LimitBook book,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        CounterKey[] counters =
        [
            .. works.Select(work => work switch
            {
                RecordWork record => record.Counter,
                SweepWork sweep => sweep.Counter,
                _ => (CounterKey?)null,
            }).OfType<CounterKey>().Distinct(),
        ];
        ReservationKey[] keys =
        [
            .. works.Select(work => work switch
            {
                RecordWork record => record.Key,
                ChangeWork change => change.Key,
                _ => (ReservationKey?)null,
            }).OfType<ReservationKey>().Distinct(),
        ];
        var counterOrgs = Array.ConvertAll(counters, key => key.Org.Value);
        var codes = Array.ConvertAll(counters, key => key.Code);
        var starts = Array.ConvertAll(counters, key => key.WindowStart.ToUniversalTime());
        var keyOrgs = Array.ConvertAll(keys, key => key.Org.Value);
        var texts = Array.ConvertAll(keys, key => key.Key);
        await using var batch = transaction.Batch();
        batch.ProbeIndexes();
        batch.Sql(LockSql, counterOrgs, codes, starts, keyOrgs, texts);
        batch.Sql(KeysSql, keyOrgs, texts);
        batch.Sql(ExpiredSql, counterOrgs, codes, starts, now, Limits.ExpiredPerFlushMax);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            book.Open(CounterAt(reader, 0, 1, 2), reader.GetDecimal(3));
        }

        while (await reader.NextResultAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                book.Open(ReservationAt(reader));
            }
        }
    }

    private static CounterKey CounterAt(NpgsqlDataReader reader, int org, int code, int start) =>
        new(new OrgId(reader.GetGuid(org)), reader.GetString(code), reader.GetFieldValue<DateTimeOffset>(start));

    private static Reservation ReservationAt(NpgsqlDataReader reader) => new(
        new ReservationKey(new OrgId(reader.GetGuid(0)), reader.GetString(1)),
        CounterAt(reader, 0, 2, 3),
        reader.GetDecimal(4),
        reader.GetDecimal(5),
        reader.GetBoolean(6),
        StoredWord.Read<ReservationState>(reader.GetString(7)),
        InstantAt(reader, 8),
        reader.GetFieldValue<DateTimeOffset>(9),
        InstantAt(reader, 10),
        InstantAt(reader, 11));

    private static DateTimeOffset? InstantAt(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    // Under the lock: whoever gave a promise back after sending its usage did both before.
    private async Task ReadMetered(
        NpgsqlTransaction transaction, IReadOnlyList<LimitWork> works, LimitBook book, CancellationToken cancellationToken)
    {
        RecordWork[] counted = [.. works.OfType<RecordWork>().Where(work => work.Terms.IsMetered).DistinctBy(work => work.Counter)];
        if (counted.Length == 0)
        {
            return;
        }

        var queries = Array.ConvertAll(
            counted, work => new MeteredQuery(work.Org, work.Terms.Meters, work.Terms.Dimensions, work.Window));
        var totals = await metered.Of(transaction, queries, cancellationToken);
        foreach (var (work, total) in counted.Zip(totals))
        {
            book.AddMetered(work.Counter, total);
        }
    }

    private async Task Write(
        NpgsqlTransaction transaction, LimitBook book, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var counters = book.ChangedCounters.ToArray();
        var added = book.NewReservations.ToArray();
        var changed = book.ChangedReservations.ToArray();
        if (counters.Length + added.Length + changed.Length == 0)
        {
            return;
        }

        var tells = await news.Reached(transaction, book, now, cancellationToken);
        await using (var batch = transaction.Batch())
        {
            LimitRows.WriteCounters(batch, counters, now);
            LimitRows.Insert(batch, added);
            LimitRows.Update(batch, changed);

            // The driver sees the transaction end by what the server says, not by who asked for it.
            batch.Sql("commit");
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        if (tells)
        {
            news.Hint();
        }
    }
}
