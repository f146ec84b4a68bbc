using System.Text.Json;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>What may be said about a job when it is enqueued.</summary>
public sealed record JobTerms
{
    /// <summary>
    /// Names the work among jobs of its kind: while one with this key waits or runs there is no second, and asking
    /// again while it runs makes it start over when it ends. The key must say everything: the later payload replaces
    /// the first.
    /// </summary>
    public string? UniqueKey { get; init; }

    /// <summary>Jobs of one kind with the same order key run one after another, as they were enqueued.</summary>
    public string? OrderKey { get; init; }

    /// <summary>Not before, on the system clock; null for at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The organisation it is about.</summary>
    public OrgId? Org { get; init; }

    /// <summary>The correlation id of what causes it.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>A job that failed for good: its row stays until somebody revives or drops it.</summary>
/// <param name="JobId">Its number.</param>
/// <param name="Name">What kind.</param>
/// <param name="Org">The organisation it is about.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastError">How the last attempt ended.</param>
/// <param name="EnqueuedAt">When it was asked for.</param>
public sealed record DeadJob(
    long JobId, string Name, OrgId? Org, int Attempts, string? LastError, DateTimeOffset EnqueuedAt);

/// <summary>
/// The queue of work to do later: enqueue in the transaction that causes the work, hint after its commit.
/// </summary>
public sealed class Jobs(NpgsqlDataSource database, TimeProvider time, WakeUps wakeUps)
{
    /// <summary>The wake-up channel of the queue.</summary>
    public const string Channel = "jobs";

    // Locks the row it finds, so that a job asked for again cannot be taken before this transaction's work is visible.
    private const string EnqueueSql = """
        insert into platform.jobs as job
            (name, unique_key, order_key, org_id, payload, correlation_id, state, due_at, enqueued_at)
        values ($1, $2, $3, $4, $5::jsonb, $6, 'waiting', $7, $8)
        on conflict (name, unique_key) where unique_key is not null do update
        set payload = excluded.payload,
            correlation_id = excluded.correlation_id,
            is_wanted_again = job.state = 'running',
            state = case when job.state = 'running' then 'running' else 'waiting' end,
            due_at = case job.state
                when 'running' then job.due_at
                when 'waiting' then least(job.due_at, excluded.due_at)
                else excluded.due_at
            end,
            attempts = case when job.state = 'dead' then 0 else job.attempts end
        returning job_id
        """;

    /// <summary>
    /// Adds a job; it can be taken once the caller commits. A dead one with the same key comes back to life.
    /// </summary>
    /// <returns>The job's number, or that of the one with the same key.</returns>
    public async Task<long> Enqueue<TPayload>(
        NpgsqlTransaction transaction, TPayload payload, JobTerms terms, CancellationToken cancellationToken)
        where TPayload : IJobPayload
    {
        var now = time.GetUtcNow();
        await using var command = transaction.Sql(
            EnqueueSql,
            TPayload.JobName,
            Bounded(terms.UniqueKey),
            Bounded(terms.OrderKey),
            terms.Org?.Value,
            PayloadText(payload),
            terms.CorrelationId,
            terms.DueAt ?? now,
            now);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Tells workers to look now instead of within a second. After the commit, never before.</summary>
    public void Hint() => wakeUps.Hint(Channel);

    private const string DeadSql = """
        select job_id, name, org_id, attempts, last_error, enqueued_at
        from platform.jobs
        where state = 'dead'
          and job_id > $1
        order by job_id
        limit $2
        """;

    /// <summary>The dead jobs after a number, oldest first.</summary>
    /// <param name="after">The number of the last one that is known; 0 for none.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<IReadOnlyList<DeadJob>> Dead(long after, int count, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DeadSql, after, count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var dead = new List<DeadJob>();
        while (await reader.ReadAsync(cancellationToken))
        {
            dead.Add(ReadDead(reader));
        }

        return dead;
    }

    private const string SearchSql = """
        select job_id, name, org_id, state, attempts, last_error, unique_key, correlation_id, enqueued_at
        from platform.jobs
        where starts_with(name, $1)
          and org_id is not null
          and ($2::uuid is null or org_id = $2)
          and ($3::bigint is null or job_id = $3)
          and ($4::text is null or name = $4)
          and ($5::text is null or state = $5)
          and ($6::text[] is null or unique_key = any($6) or correlation_id = any($6))
          and ($7::timestamptz is null or enqueued_at >= $7)
          and ($8::timestamptz is null or enqueued_at < $8)
          and ($9::timestamptz is null or (date_trunc('milliseconds', enqueued_at), job_id) < ($9, $10))
        order by date_trunc('milliseconds', enqueued_at) desc, job_id desc
        limit $11
        """;

    /// <summary>Jobs about organisations that wait, run or are dead, the newest first.</summary>
    public async Task<IReadOnlyList<QueuedJob>> Search(JobSearch search, int count, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            SearchSql,
            search.NamePrefix,
            search.Org?.Value,
            search.Id,
            search.Name,
            search.State,
            search.Keys?.ToArray(),
            search.From,
            search.To,
            search.Before?.At,
            search.Before?.Number ?? 0,
            count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<QueuedJob>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new QueuedJob(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.IsDBNull(2) ? null : new OrgId(reader.GetGuid(2)),
                reader.GetString(3),
                reader.GetInt32(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetString(7),
                reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return found;
    }

    private const string ReviveSql = """
        with dead as (
            select job_id, name, org_id, attempts, last_error, enqueued_at
            from platform.jobs
            where job_id = $1
              and state = 'dead'
            for update
        ), revived as (
            update platform.jobs as job
            set state = 'waiting',
                due_at = $2,
                attempts = 0
            from dead
            where job.job_id = dead.job_id
        )
        select job_id, name, org_id, attempts, last_error, enqueued_at
        from dead
        """;

    /// <summary>Gives a dead job all its attempts again, once the caller commits. <see cref="Hint"/> after that.</summary>
    /// <returns>The job as it was; null when there is no such dead job.</returns>
    public Task<DeadJob?> Revive(NpgsqlTransaction transaction, long jobId, CancellationToken cancellationToken) =>
        One(transaction.Sql(ReviveSql, jobId, time.GetUtcNow()), cancellationToken);

    private const string DropSql = """
        delete from platform.jobs
        where job_id = $1
          and state = 'dead'
        returning job_id, name, org_id, attempts, last_error, enqueued_at
        """;

    /// <summary>Removes a dead job, once the caller commits: what it was to do is not done.</summary>
    /// <returns>The job as it was; null when there is no such dead job.</returns>
    public Task<DeadJob?> Drop(NpgsqlTransaction transaction, long jobId, CancellationToken cancellationToken) =>
        One(transaction.Sql(DropSql, jobId), cancellationToken);

    private static async Task<DeadJob?> One(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? ReadDead(reader) : null;
        }
    }

    private static DeadJob ReadDead(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetString(1),
        reader.IsDBNull(2) ? null : new OrgId(reader.GetGuid(2)),
        reader.GetInt32(3),
        reader.IsDBNull(4) ? null : reader.GetString(4),
        reader.GetFieldValue<DateTimeOffset>(5));

    internal static string PayloadText<TPayload>(TPayload payload)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(payload, JsonConventions.Options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(json.Length, JobLimits.PayloadBytesMax, nameof(payload));
        return System.Text.Encoding.UTF8.GetString(json);
    }

    internal static string? Bounded(string? key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key?.Length ?? 0, JobLimits.KeyCharactersMax, nameof(key));
        return key;
    }
}
