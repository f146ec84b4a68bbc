using Npgsql;
using NpgsqlTypes;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// One flush of accepted requests, in one transaction:
/// (1) claim the keys of all events, sorted, so that flushes wait for each other and never deadlock;
/// (2) find out which keys were taken before, and whether by the same content;
/// (3) fold the new ones into buckets, in memory;
/// (4) copy the new ones into the month's partition;
/// (5) add the folds to the buckets and to what waits for rating.
/// Only events that are new in (2) are folded in (3): counting before claiming is how usage is counted twice.
/// </summary>
internal sealed class IngestFlush(NpgsqlDataSource database, TimeProvider time, IdSource ids)
{
    public async Task Run(IReadOnlyList<IngestWork> works, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var groups = Group(works);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var claimed = await ClaimKeys(transaction, groups, cancellationToken);
        if (claimed < groups.Length)
        {
            await FindEarlier(transaction, groups, cancellationToken);
        }

        var accepted = groups.Where(group => group.IsNew).ToArray();
        if (accepted.Length > 0)
        {
            await CopyEvents(connection, accepted, now, cancellationToken);
            await AddFolds(transaction, Fold(accepted), now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        foreach (var group in groups)
        {
            group.Decide();
        }
    }

    // The same source and id may come twice in one flush, from one request or from two: the first one claims the key.
    private KeyGroup[] Group(IReadOnlyList<IngestWork> works)
    {
        var groups = new Dictionary<(Guid Org, Guid Key), KeyGroup>();
        var folds = new Dictionary<OrgId, FoldCounter>();
        foreach (var parsed in works.SelectMany(work => work.Events))
        {
            var key = (parsed.Org.Value, parsed.KeyHash);
            if (groups.TryGetValue(key, out var group))
            {
                group.Follow(parsed);
                continue;
            }

            if (!folds.TryGetValue(parsed.Org, out var fold))
            {
                folds.Add(parsed.Org, fold = new FoldCounter(ids.Next()));
            }

            groups.Add(key, new KeyGroup(parsed, new EventPosition(fold.Id, fold.Count++)));
        }

        // Any order will do that all flushes of all replicas share; hashes are compared faster than organisations.
        var sorted = groups.Values.ToArray();
        Array.Sort(Array.ConvertAll(sorted, group => group.First.KeyHash), sorted);
        return sorted;
    }

    private const string ClaimSql = """
        insert into metering.event_keys (org_id, key_hash, body_hash, fold_id, ordinal)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[])
        on conflict (org_id, key_hash) do nothing
        """;

    private static async Task<int> ClaimKeys(NpgsqlTransaction transaction, KeyGroup[] groups, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ClaimSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(groups, group => group.First.Org.Value) },
                new() { Value = Array.ConvertAll(groups, group => group.First.KeyHash) },
                new() { Value = Array.ConvertAll(groups, group => group.First.BodyHash) },
                new() { Value = Array.ConvertAll(groups, group => group.Position.Fold) },
                new() { Value = Array.ConvertAll(groups, group => group.Position.Ordinal) },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
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
    private static async Task FindEarlier(NpgsqlTransaction transaction, KeyGroup[] groups, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(EarlierSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(groups, group => group.First.Org.Value) },
                new() { Value = Array.ConvertAll(groups, group => group.First.KeyHash) },
            },
        };
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
            (org_id, fold_id, ordinal, billing_account_id, recorded_at, occurred_at, source, event_id, type, subject, data)
        from stdin (format binary)
        """;

    private static async Task CopyEvents(
        NpgsqlConnection connection,
        KeyGroup[] accepted,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        const short fields = 11;
        const int fixedBytes = 160;
        var rows = new BinaryCopyBuffer(accepted.Sum(group => fixedBytes + group.First.Data.Length + group.First.Source.Length));
        foreach (var group in accepted)
        {
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
        }

        await using var copy = await connection.BeginRawBinaryCopyAsync(CopySql, cancellationToken);
        await copy.WriteAsync(rows.Complete(), cancellationToken);
    }

    private static FoldedUsage[] Fold(KeyGroup[] accepted)
    {
        var sums = new Dictionary<(OrgId, BillingAccountId, MeterId, Dimensions, DateTimeOffset, Guid), Sum>();
        foreach (var group in accepted)
        {
            var parsed = group.First;
            var bucket = QuarterHour.Of(parsed.OccurredAt);
            foreach (var measured in parsed.Measurements)
            {
                var key = (parsed.Org, parsed.BillingAccount, measured.Meter, measured.Dimensions, bucket, group.Position.Fold);
                if (!sums.TryGetValue(key, out var sum))
                {
                    sums.Add(key, sum = new Sum());
                }

                sum.Quantity += measured.Quantity;
                sum.Events++;
            }
        }

        // Sorted as the bucket's primary key is: rows are locked in one order by every flush of every replica.
        return [.. sums
            .OrderBy(pair => (pair.Key.Item1.Value, pair.Key.Item2.Value, pair.Key.Item3.Value))
            .ThenBy(pair => pair.Key.Item4.Text, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Item5)
            .Select(pair => new FoldedUsage(
                pair.Key.Item1,
                pair.Key.Item2,
                pair.Key.Item3,
                pair.Key.Item4,
                pair.Key.Item5,
                pair.Key.Item6,
                pair.Value.Quantity,
                pair.Value.Events,
                default))];
    }

    private const string BucketsSql = """
        insert into metering.usage_buckets
            (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::numeric[], $7::bigint[])
        on conflict (org_id, billing_account_id, meter_id, dimensions, bucket_start) do update
        set quantity = usage_buckets.quantity + excluded.quantity,
            event_count = usage_buckets.event_count + excluded.event_count
        """;

    private const string UnratedSql = """
        insert into metering.unrated_folds
            (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count, fold_id, shard, recorded_at)
        select *, $10
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::numeric[], $7::bigint[], $8::uuid[], $9::smallint[])
            as folded (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count, fold_id, shard)
        """;

    private static async Task AddFolds(
        NpgsqlTransaction transaction,
        FoldedUsage[] folds,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection!, transaction);
        var buckets = new NpgsqlBatchCommand(BucketsSql);
        AddUsage(buckets, folds);
        batch.BatchCommands.Add(buckets);
        var unrated = new NpgsqlBatchCommand(UnratedSql);
        AddUsage(unrated, folds);
        unrated.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => fold.Fold) });
        unrated.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => Shard.Of(fold.Org)) });
        unrated.Parameters.Add(new() { Value = now });
        batch.BatchCommands.Add(unrated);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddUsage(NpgsqlBatchCommand command, FoldedUsage[] folds)
    {
        command.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => fold.Org.Value) });
        command.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => fold.BillingAccount.Value) });
        command.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => fold.Meter.Value) });
        command.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => fold.Dimensions.Text) });
        command.Parameters.Add(new()
        {
            Value = Array.ConvertAll(folds, fold => fold.BucketStart.UtcDateTime),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        command.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => fold.Quantity) });
        command.Parameters.Add(new() { Value = Array.ConvertAll(folds, fold => fold.EventCount) });
    }

    private sealed class FoldCounter(Guid id)
    {
        public Guid Id => id;

        public int Count { get; set; }
    }

    private sealed class Sum
    {
        public decimal Quantity { get; set; }

        public long Events { get; set; }
    }

    /// <summary>All events of a flush with one key: the first may be stored, the others follow its fate.</summary>
    private sealed class KeyGroup(ParsedEvent first, EventPosition position)
    {
        private Guid storedBody = first.BodyHash;
        private EventPosition storedAt = position;
        private List<ParsedEvent>? followers;

        public ParsedEvent First => first;

        public EventPosition Position { get; } = position;

        public bool IsNew => storedAt == Position;

        public void Follow(ParsedEvent parsed) => (followers ??= []).Add(parsed);

        public void FoundStored(Guid body, EventPosition at) => (storedBody, storedAt) = (body, at);

        public void Decide()
        {
            Decide(first, IsNew);
            followers?.ForEach(follower => Decide(follower, false));
        }

        private void Decide(ParsedEvent parsed, bool isNew)
        {
            parsed.Position = storedAt;
            parsed.Verdict = isNew ? Verdict.Accepted : parsed.BodyHash == storedBody ? Verdict.Duplicate : Verdict.Conflict;
        }
    }
}
