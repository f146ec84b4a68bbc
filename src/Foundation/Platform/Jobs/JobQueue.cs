using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>A job this replica has taken.</summary>
internal sealed record ClaimedJob(
    long JobId, string Name, int Attempt, long LeaseVersion, OrgId? Org, string? CorrelationId, string Payload,
    Guid? MessageId);

/// <summary>The runner's statements on the queue.</summary>
internal sealed class JobQueue(NpgsqlDataSource database, TimeProvider time, Replica replica)
{
    // An ordered job waits for every earlier one of its key that is not dead: a dead one must not hold up the rest.
    private const string ClaimSql = """
        with claimed as (
            select job_id
            from platform.jobs job
            where name = any ($1)
              and state <> 'dead'
              and due_at <= $2
              and (order_key is null or not exists (
                  select
                  from platform.jobs earlier
                  where earlier.name = job.name
                    and earlier.order_key = job.order_key
                    and earlier.job_id < job.job_id
                    and earlier.state <> 'dead'))
            order by due_at, job_id
            limit $3
            for update of job skip locked
        )
        update platform.jobs job
        set state = 'running',
            due_at = kind.until,
            attempts = attempts + 1,
            lease_version = lease_version + 1,
            leased_by = $4
        from claimed, unnest($1::text[], $5::timestamptz[]) as kind (name, until)
        where job.job_id = claimed.job_id
          and kind.name = job.name
        returning job.job_id, job.name, job.attempts, job.lease_version, job.org_id, job.correlation_id,
            job.payload::text, job.message_id
        """;

    /// <summary>Takes jobs that are due: new ones, failed ones, and those of replicas that died.</summary>
    /// <param name="leases">The kinds to take, and how long an attempt at each lasts without being renewed.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    public async Task<IReadOnlyList<ClaimedJob>> Claim(
        IReadOnlyDictionary<string, TimeSpan> leases, int count, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = database.Sql(
            ClaimSql, leases.Keys.ToArray(), now, count, replica.Name, leases.Values.Select(lease => now + lease).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<ClaimedJob>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add(new ClaimedJob(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.GetInt32(2),
                reader.GetInt64(3),
                reader.IsDBNull(4) ? null : new OrgId(reader.GetGuid(4)),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetGuid(7)));
        }

        return claimed;
    }

    private const string RenewSql = """
        update platform.jobs
        set due_at = $3
        where job_id = $1
          and lease_version = $2
          and state = 'running'
        """;

    /// <summary>Keeps a job for longer.</summary>
    /// <returns>False when it is no longer this replica's.</returns>
    public async Task<bool> Renew(ClaimedJob job, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(RenewSql, job.JobId, job.LeaseVersion, time.GetUtcNow() + lease);
        command.CommandTimeout = LeaseLimits.StatementSecondsMax;
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    // One asked for again while it ran has all its attempts before it, even if this was the last of the earlier ones.
    private const string PutBackSql = """
        update platform.jobs
        set state = case when $3 and not is_wanted_again then 'dead' else 'waiting' end,
            due_at = $4,
            attempts = case when is_wanted_again then 0 else $5 end,
            leased_by = null,
            is_wanted_again = false,
            last_error = $6
        where job_id = $1
          and lease_version = $2
          and state = 'running'
        """;

    /// <summary>
    /// Puts a job back after an attempt that did not complete it; nothing happens if another has it now.
    /// </summary>
    public async Task PutBack(
        ClaimedJob job, bool isDead, TimeSpan pause, int attempts, string? error, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            PutBackSql, job.JobId, job.LeaseVersion, isDead, time.GetUtcNow() + pause, attempts, error);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string EnsureSql = """
        insert into platform.jobs (name, unique_key, payload, state, due_at, enqueued_at)
        values ($1, 'recurring', '{}', 'waiting', $2, $2)
        on conflict (name, unique_key) where unique_key is not null do nothing
        """;

    /// <summary>Makes sure a recurring job's row is there.</summary>
    public async Task Ensure(string name, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(EnsureSql, name, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string SubscribeSql = """
        insert into platform.outbox_subscriptions (topic, subscriber)
        values ($1, $2)
        on conflict do nothing
        """;

    /// <summary>Makes sure a subscriber's row is there.</summary>
    public async Task Subscribe(string topic, string subscriber, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(SubscribeSql, topic, subscriber);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string DepthSql = """
        select name,
               count(*) filter (where state <> 'dead' and due_at <= $1),
               min(due_at) filter (where state <> 'dead' and due_at <= $1),
               count(*) filter (where state = 'dead')
        from platform.jobs
        group by name
        """;

    /// <summary>How much waits, by name, and how much is dead.</summary>
    public async Task<IReadOnlyDictionary<string, (StageDepth Due, long Dead)>> Depths(
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DepthSql, time.GetUtcNow());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var depths = new Dictionary<string, (StageDepth, long)>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var oldest = reader.IsDBNull(2) ? null : (DateTimeOffset?)reader.GetFieldValue<DateTimeOffset>(2);
            depths[reader.GetString(0)] = (new StageDepth(reader.GetInt64(1), oldest), reader.GetInt64(3));
        }

        return depths;
    }
}
