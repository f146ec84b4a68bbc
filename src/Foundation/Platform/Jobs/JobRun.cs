using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>One attempt at a job.</summary>
public sealed class JobRun
{
    private readonly long leaseVersion;
    private readonly TimeSpan? every;
    private readonly TimeProvider time;

    internal JobRun(ClaimedJob job, JobDefinition definition, IServiceProvider services, TimeProvider time)
    {
        (JobId, Attempt, Org, CorrelationId) = (job.JobId, job.Attempt, job.Org, job.CorrelationId);
        (leaseVersion, every, Services, this.time) = (job.LeaseVersion, definition.Every, services, time);
    }

    /// <summary>The job's number.</summary>
    public long JobId { get; }

    /// <summary>Which attempt this is, from 1; a killed replica's counts.</summary>
    public int Attempt { get; }

    /// <summary>The organisation it is about, where there is one.</summary>
    public OrgId? Org { get; }

    /// <summary>The correlation id of what caused it.</summary>
    public string? CorrelationId { get; }

    /// <summary>Services, in a scope of this attempt.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Whether <see cref="Complete"/> has been called.</summary>
    internal bool IsCompleted { get; private set; }

    private const string GuardSql = """
        select is_wanted_again
        from platform.jobs
        where job_id = $1
          and lease_version = $2
          and state = 'running'
        for update
        """;

    /// <summary>
    /// Makes a transaction succeed only if the job is still this replica's. Call it last before committing.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica runs the job now.</exception>
    public Task Guard(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        Lock(transaction, cancellationToken);

    private const string RemoveSql = """
        delete from platform.jobs
        where job_id = $1
        """;

    private const string BeginAgainSql = """
        update platform.jobs
        set state = 'waiting',
            due_at = $2,
            attempts = 0,
            leased_by = null,
            is_wanted_again = false,
            last_error = null
        where job_id = $1
        """;

    /// <summary>
    /// Ends the job in the transaction of its effects, which makes them happen exactly once. A handler that does not
    /// call it is completed after it returns.
    /// </summary>
    /// <exception cref="LeaseLostException">
    /// Another replica runs the job now; the transaction must not be committed.
    /// </exception>
    public async Task Complete(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var isWantedAgain = await Lock(transaction, cancellationToken);
        await using var command = (isWantedAgain, every) switch
        {
            (true, _) => transaction.Sql(BeginAgainSql, JobId, time.GetUtcNow()),
            (_, { } pause) => transaction.Sql(BeginAgainSql, JobId, time.GetUtcNow() + pause),
            _ => transaction.Sql(RemoveSql, JobId),
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        IsCompleted = true;
    }

    private async Task<bool> Lock(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(GuardSql, JobId, leaseVersion);
        return await command.ExecuteScalarAsync(cancellationToken) as bool?
            ?? throw new LeaseLostException($"job {JobId}");
    }
}
