using System.Runtime.InteropServices;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// One flush of accepted requests, in one transaction:
/// (1) claim the keys of all events, sorted, so that flushes wait for each other and never deadlock;
/// (2) find out which keys were taken before, and whether by the same content;
/// (3) fold the new ones into buckets, in memory;
/// (4) write the new ones into the month's partition;
/// (5) add the folds to the buckets and to what waits for rating.
/// Only events that are new in (2) are folded in (3): counting before claiming is how usage is counted twice.
/// </summary>
internal sealed class IngestFlush(NpgsqlDataSource database, TimeProvider time, IdSource ids)
{
    /// <summary>Below this, COPY costs more round trips than it saves work.</summary>
    private const int CopyMin = 300;

    /// <summary>After a COPY of keys met one that was taken, so many flushes insert instead: repeats come in swarms.</summary>
    private const int InsertsAfterCollision = 50;

    private readonly FlushSpaces spaces = new();
    private int insertsLeft;

    /// <summary>Stores what is new.</summary>
    /// <returns>Whether there is something to accrue now.</returns>
    public async Task<bool> Run(IReadOnlyList<IngestWork> works, CancellationToken cancellationToken)
    {
        using var space = spaces.Rent();
        Group(works, space);
        var isStored = MayCopyKeys(space) && await TryStoreByCopy(space, cancellationToken);
        if (!isStored)
        {
            await Store(space, ClaimByInsert, cancellationToken);
        }

        foreach (var group in space.Groups)
        {
            group.Decide();
        }

        return space.HasLevels;
    }

    /// <summary>Stores what is new in a caller's transaction, which the caller commits. Claims never end it.</summary>
    public async Task RunWithin(
        NpgsqlTransaction transaction, IReadOnlyList<IngestWork> works, CancellationToken cancellationToken)
    {
        using var space = spaces.Rent();
        Group(works, space);
        await StoreWithin(transaction, space, ClaimByInsert, cancellationToken);
        foreach (var group in space.Groups)
        {
            group.Decide();
        }
    }

    private bool MayCopyKeys(FlushSpace space) =>
        space.Groups.Count >= CopyMin && Interlocked.Decrement(ref insertsLeft) < 0;

    // COPY is the cheapest way to claim keys and knows no "on conflict": where one is taken, the whole flush starts over.
    private async Task<bool> TryStoreByCopy(FlushSpace space, CancellationToken cancellationToken)
    {
        try
        {
            await Store(space, ClaimByCopy, cancellationToken);
            return true;
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            Volatile.Write(ref insertsLeft, InsertsAfterCollision);
            return false;
        }
    }

    private async Task Store(
        FlushSpace space,
        Func<NpgsqlTransaction, FlushSpace, CancellationToken, Task> claim,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await StoreWithin(transaction, space, claim, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task StoreWithin(
        NpgsqlTransaction transaction,
        FlushSpace space,
        Func<NpgsqlTransaction, FlushSpace, CancellationToken, Task> claim,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await claim(transaction, space, cancellationToken);
        if (space.Groups.Exists(group => group.IsNew))
        {
            await using var batch = transaction.Batch();
            if (space.Groups.Count >= CopyMin)
            {
                await CopyEvents(transaction.Connection!, space, now, cancellationToken);
            }
            else
            {
                InsertEvents(batch, space, now);
            }

            FoldOrigins.Add(batch, space.Origins);
            FoldHolds.Add(batch, space.Groups);
            var folded = Fold(space.Groups, now);
            folded.Write(batch);
            space.HasLevels = folded.HasLevels;
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    // The same source and id may come twice in one flush, from one request or from two: the first one claims the key.
    // Events that name holds are folded apart: what they come to is posted apart from what nothing was reserved for.
    private void Group(IReadOnlyList<IngestWork> works, FlushSpace space)
    {
        var folds = new Dictionary<(OrgId Org, bool NamesHolds), FoldCounter>();
        foreach (var work in works)
        {
            foreach (var parsed in work.Events)
            {
                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    space.ByKey, (parsed.Org.Value, parsed.KeyHash), out var isKnown);
                if (isKnown)
                {
                    group!.Follow(parsed);
                    continue;
                }

                ref var fold = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    folds, (work.Org, parsed.Hold is not null), out var isBegun);
                if (!isBegun)
                {
                    fold = new FoldCounter(ids.Next());
                }

                group = new KeyGroup(parsed, new EventPosition(fold!.Id, fold.Count++));
                space.Groups.Add(group);
                space.SortKeys.Add(parsed.KeyHash);
            }

            AddOrigin(space, work, folds.GetValueOrDefault((work.Org, false)));
            AddOrigin(space, work, folds.GetValueOrDefault((work.Org, true)));
        }

        // Any order will do that all flushes of all replicas share; hashes are compared faster than organisations.
        CollectionsMarshal.AsSpan(space.SortKeys).Sort(CollectionsMarshal.AsSpan(space.Groups));
    }

    private static void AddOrigin(FlushSpace space, IngestWork work, FoldCounter? fold)
    {
        if (fold is not null && fold.Count > fold.Told)
        {
            space.Origins.Add(new FoldOrigin(work.Org, fold.Id, fold.Told, fold.Count - fold.Told, work.CorrelationId));
            fold.Told = fold.Count;
        }
    }

    private const string CopyKeysSql = """
        copy metering.event_keys (org_id, key_hash, body_hash, fold_id, ordinal)
        from stdin (format binary)
        """;

    private static async Task ClaimByCopy(NpgsqlTransaction transaction, FlushSpace space, CancellationToken cancellationToken)
    {
        const short fields = 5;
        space.Rows.Clear();
        foreach (var group in space.Groups)
        {
            space.Rows.Row(fields);
            space.Rows.Uuid(group.First.Org.Value);
            space.Rows.Uuid(group.First.KeyHash);
            space.Rows.Uuid(group.First.BodyHash);
            space.Rows.Uuid(group.Position.Fold);
            space.Rows.Integer(group.Position.Ordinal);
        }

        await using var copy = await transaction.Connection!.BeginRawBinaryCopyAsync(CopyKeysSql, cancellationToken);
        await copy.WriteAsync(space.Rows.Complete(), cancellationToken);
    }

    private const string ClaimSql = """
        insert into metering.event_keys (org_id, key_hash, body_hash, fold_id, ordinal)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[])
        on conflict (org_id, key_hash) do nothing
        """;

    private static async Task ClaimByInsert(NpgsqlTransaction transaction, FlushSpace space, CancellationToken cancellationToken)
    {
        var groups = space.Groups;
        await using var command = transaction.Sql(
            ClaimSql,
            groups.ConvertAll(group => group.First.Org.Value),
            groups.ConvertAll(group => group.First.KeyHash),
            groups.ConvertAll(group => group.First.BodyHash),
            groups.ConvertAll(group => group.Position.Fold),
            groups.ConvertAll(group => group.Position.Ordinal));
        if (await command.ExecuteNonQueryAsync(cancellationToken) < groups.Count)
        {
            await FindEarlier(transaction, groups, cancellationToken);
        }
    }

    private const string EarlierSql = """
        select wanted.place, k.body_hash, k.fold_id, k.ordinal
        from unnest($1::uuid[], $2::uuid[]) with ordinality as wanted (org_id, key_hash, place)
        cross join lateral (
            select body_hash, fold_id, ordinal
            from metering.event_keys
            where event_keys.org_id = wanted.org_id and event_keys.key_hash = wanted.key_hash
            limit 1
        ) k
        """;

    // A statement of its own sees what the transactions we waited for have committed.
    private static async Task FindEarlier(NpgsqlTransaction transaction, List<KeyGroup> groups, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            EarlierSql,
            groups.ConvertAll(group => group.First.Org.Value),
            groups.ConvertAll(group => group.First.KeyHash));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            groups[(int)reader.GetInt64(0) - 1].FoundStored(
                reader.GetGuid(1),
                new EventPosition(reader.GetGuid(2), reader.GetInt32(3)));
        }
    }

    private const string CopySql = """
        copy metering.events
            (org_id, fold_id, ordinal, billing_account_id, recorded_at, occurred_at, source, event_id, type, subject, data,
            hold_id)
        from stdin (format binary)
        """;

    private static async Task CopyEvents(
        NpgsqlConnection connection,
        FlushSpace space,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        const short fields = 12;
        var rows = space.Rows;
        rows.Clear();
        foreach (var group in space.Groups)
        {
            if (!group.IsNew)
            {
                continue;
            }

            var parsed = group.First;
            rows.Row(fields);
            rows.Uuid(parsed.Org.Value);
            rows.Uuid(group.Position.Fold);
            rows.Integer(group.Position.Ordinal);
            rows.Uuid(parsed.BillingAccount.Value);
            rows.Instant(now);
            rows.Instant(parsed.OccurredAt);
            rows.Text(parsed.Source.Span);
            rows.Text(parsed.Id.Span);
            rows.Text(parsed.Type.Span);
            if (parsed.Subject is { } subject)
            {
                rows.Text(subject.Span);
            }
            else
            {
                rows.Null();
            }

            rows.Jsonb(parsed.Data.Span);
            if (parsed.Hold is { } hold)
            {
                rows.Uuid(hold);
            }
            else
            {
                rows.Null();
            }
        }

        await using var copy = await connection.BeginRawBinaryCopyAsync(CopySql, cancellationToken);
        await copy.WriteAsync(rows.Complete(), cancellationToken);
    }

    private const string InsertSql = """
        insert into metering.events
            (org_id, fold_id, ordinal, billing_account_id, occurred_at, source, event_id, type, subject, data, hold_id,
            recorded_at)
        select org_id, fold_id, ordinal, billing_account_id, occurred_at, source, event_id, type, subject, data::jsonb, hold_id, $12
        from unnest(
            $1::uuid[], $2::uuid[], $3::integer[], $4::uuid[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::uuid[])
            as sent (org_id, fold_id, ordinal, billing_account_id, occurred_at, source, event_id, type, subject, data, hold_id)
        """;

    private static void InsertEvents(NpgsqlBatch batch, FlushSpace space, DateTimeOffset now)
    {
        var groups = space.Groups.FindAll(group => group.IsNew);
        batch.Sql(
            InsertSql,
            groups.ConvertAll(group => group.First.Org.Value),
            groups.ConvertAll(group => group.Position.Fold),
            groups.ConvertAll(group => group.Position.Ordinal),
            groups.ConvertAll(group => group.First.BillingAccount.Value),
            groups.ConvertAll(group => group.First.OccurredAt),
            groups.ConvertAll(group => Encoding.UTF8.GetString(group.First.Source.Span)),
            groups.ConvertAll(group => Encoding.UTF8.GetString(group.First.Id.Span)),
            groups.ConvertAll(group => Encoding.UTF8.GetString(group.First.Type.Span)),
            groups.ConvertAll(group => group.First.Subject is { } subject ? Encoding.UTF8.GetString(subject.Span) : null),
            groups.ConvertAll(group => Encoding.UTF8.GetString(group.First.Data.Span)),
            groups.ConvertAll(group => group.First.Hold),
            now);
    }

    private static UsageFold Fold(List<KeyGroup> groups, DateTimeOffset now)
    {
        var folded = new UsageFold(now);
        foreach (var group in groups)
        {
            if (!group.IsNew)
            {
                continue;
            }

            var parsed = group.First;
            var position = group.Position;
            var fact = new Fact(
                parsed.Org, parsed.BillingAccount, parsed.OccurredAt, parsed.KeyHash, position, position.Fold);
            if (parsed.Hold is not null)
            {
                folded.NamingHolds.Add(position.Fold);
            }

            foreach (var measured in parsed.Measurements!)
            {
                folded.Add(fact, measured, sign: 1);
            }
        }

        return folded;
    }

    private sealed class FoldCounter(Guid id)
    {
        public Guid Id => id;

        public int Count { get; set; }

        /// <summary>Of how many of them it is told which request they came by.</summary>
        public int Told { get; set; }
    }
}
