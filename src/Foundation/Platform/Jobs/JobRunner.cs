using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Runs this replica's jobs, up to <see cref="JobLimits.ConcurrentMax"/> at once, in no order but that of their order
/// keys. The one place where work is repeated because the database gave way.
/// </summary>
public sealed class JobRunner : BackgroundService, IHostedLifecycleService
{
    private readonly Dictionary<string, JobDefinition> definitions;
    private readonly Dictionary<string, TimeSpan> leases;
    private readonly JobQueue queue;
    private readonly NpgsqlDataSource database;
    private readonly IServiceProvider services;
    private readonly TimeProvider time;
    private readonly WakeUps wakeUps;
    private readonly Jitter jitter;
    private readonly JobMetrics metrics;
    private readonly HostRoles roles;
    private readonly ILogger<JobRunner> logger;

    internal JobRunner(
        IEnumerable<JobDefinition> definitions,
        JobQueue queue,
        NpgsqlDataSource database,
        IServiceProvider services,
        TimeProvider time,
        WakeUps wakeUps,
        Jitter jitter,
        JobMetrics metrics,
        HostRoles roles,
        ILogger<JobRunner> logger)
    {
        this.definitions = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
        leases = this.definitions.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.Options.Lease?.Invoke(services) ?? JobLimits.LeaseDuration,
            StringComparer.Ordinal);
        (this.queue, this.database, this.services, this.time) = (queue, database, services, time);
        (this.wakeUps, this.jitter, this.metrics, this.roles, this.logger) = (wakeUps, jitter, metrics, roles, logger);
    }

    /// <summary>
    /// Makes recurring jobs and subscriptions known. Before anything runs: what is published from then on is delivered.
    /// </summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in definitions.Values)
        {
            if (definition.Topic is { } topic)
            {
                await queue.Subscribe(topic, definition.Name, cancellationToken);
            }

            if (definition.Every is not null)
            {
                await queue.Ensure(definition.Name, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Runs what is due, one job after the other, on the caller's thread, until nothing is: for tests, simulations and
    /// tools that run without the loop.
    /// </summary>
    /// <returns>How many attempts were made.</returns>
    public async Task<int> RunDue(CancellationToken cancellationToken)
    {
        var attempts = 0;
        while (await queue.Claim(leases, 1, cancellationToken) is [var job])
        {
            await Attempt(job, cancellationToken);
            attempts++;
        }

        return attempts;
    }

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!roles.Worker)
        {
            return;
        }

        await Task.Yield();
        using var hints = wakeUps.Listen(Jobs.Channel, time);
        var running = new HashSet<Task>();
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var claimed = await Start(running, stoppingToken);
                failures = 0;
                await Wait(hints, running, claimed, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (NpgsqlException failure)
            {
                failures++;
                var pause = Backoff.After(failures, PumpLimits.RetryFirst, PumpLimits.RetryLongest, jitter.Next());
                Log.JobsNotClaimed(logger, failures, pause, failure);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            running.RemoveWhere(attempt => attempt.IsCompleted);
        }

        await Task.WhenAll(running);
    }

    private async Task<int> Start(HashSet<Task> running, CancellationToken stopping)
    {
        var free = JobLimits.ConcurrentMax - running.Count;
        if (free == 0)
        {
            return 0;
        }

        var claimed = await queue.Claim(leases, free, stopping);
        running.UnionWith(claimed.Select(job => Attempt(job, stopping)));
        return claimed.Count;
    }

    // An end frees a place, and may be what the next job of an order key waits for.
    private static async Task Wait(
        WakeUpListener hints, HashSet<Task> running, int claimed, CancellationToken stopping)
    {
        if (claimed > 0 && running.Count < JobLimits.ConcurrentMax)
        {
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var hint = hints.Wait(JobLimits.IdleLongest, ended.Token);
        await Task.WhenAny([.. running, hint]);
        await ended.CancelAsync();
        await ((Task)hint).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Attempt(ClaimedJob job, CancellationToken stopping)
    {
        var definition = definitions[job.Name];
        var started = time.GetTimestamp();
        var ending = JobEnding.Completed;
        try
        {
            await RunWhileHeld(job, definition, stopping);
        }
        catch (LeaseLostException lost)
        {
            ending = JobEnding.Lost;
            Log.JobLost(logger, job.Name, job.JobId, lost);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Not the job's fault: it begins again elsewhere at once, this attempt uncounted.
            ending = JobEnding.Stopped;
            await PutBack(job, isDead: false, TimeSpan.Zero, job.Attempt - 1, error: null);
        }
        catch (Exception failure)
        {
            ending = await Fail(job, definition, failure);
        }

        metrics.Attempted(job.Name, ending, time.GetElapsedTime(started));
        definition.Options.Watcher?.Invoke(services, ending, job.Attempt);
    }

    private Task RunWhileHeld(ClaimedJob job, JobDefinition definition, CancellationToken stopping) =>
        new Upkeep(time, leases[job.Name]).While(
            token => RunThroughTransientFailures(job, definition, token),
            token => queue.Renew(job, leases[job.Name], token),
            $"job {job.JobId}",
            stopping);

    private async Task RunThroughTransientFailures(
        ClaimedJob job, JobDefinition definition, CancellationToken cancellationToken)
    {
        for (var retry = 1; ; retry++)
        {
            try
            {
                await RunOnce(job, definition, cancellationToken);
                return;
            }
            catch (Exception failure) when (
                retry <= JobLimits.TransientRetriesMax
                && TransientFailure.Is(failure)
                && !cancellationToken.IsCancellationRequested)
            {
                var pause = Backoff.After(
                    retry, JobLimits.TransientRetryFirst, JobLimits.TransientRetryLongest, jitter.Next());
                Log.JobRepeated(logger, job.Name, job.JobId, pause, failure);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private async Task RunOnce(ClaimedJob job, JobDefinition definition, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var run = new JobRun(job, definition, scope.ServiceProvider, time);
        await definition.Run(run, job, cancellationToken);
        if (!run.IsCompleted)
        {
            // The work is done: a host that stops now still says so.
            await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            await run.Complete(transaction, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }
    }

    private async Task<JobEnding> Fail(ClaimedJob job, JobDefinition definition, Exception failure)
    {
        var options = definition.Options;
        var isDead = job.Attempt >= options.AttemptsMax && definition.Every is null;
        var pause = options.RetryStep is { } step
            ? step * job.Attempt
            : Backoff.After(job.Attempt, options.RetryFirst, options.RetryLongest, jitter.Next());
        Log.JobFailed(logger, job.Name, job.JobId, job.Attempt, isDead, failure);
        var error = $"{failure.GetType().Name}: {failure.Message}";
        await PutBack(job, isDead, pause, job.Attempt, error[..Math.Min(error.Length, JobLimits.ErrorCharactersMax)]);
        return isDead ? JobEnding.Dead : JobEnding.Failed;
    }

    private async Task PutBack(ClaimedJob job, bool isDead, TimeSpan pause, int attempts, string? error)
    {
        try
        {
            await queue.PutBack(job, isDead, pause, attempts, error, CancellationToken.None);
        }
        catch (NpgsqlException failure)
        {
            // Its lease ends by itself, and somebody takes it then.
            Log.JobNotPutBack(logger, job.Name, job.JobId, failure);
        }
    }
}
