namespace Quoin.Platform;

/// <summary>What a job is told: a record that names the things to work on, kept as JSON in its row.</summary>
public interface IJobPayload
{
    /// <summary>The job's stable name, <c>module.verb_noun</c>; rows of older releases carry it.</summary>
    static abstract string JobName { get; }
}

/// <summary>
/// Does a job. It may be run more than once: its effects must bear that, or stand in one transaction with
/// <see cref="JobRun.Complete"/>. Throwing means a failed attempt.
/// </summary>
public delegate Task JobHandler<in TPayload>(JobRun run, TPayload payload, CancellationToken cancellationToken);

/// <summary>How a job is run.</summary>
public sealed record JobOptions
{
    /// <summary>Attempts before it is dead. A recurring job never is.</summary>
    public int AttemptsMax { get; init; } = JobLimits.AttemptsMax;

    /// <summary>The pause after a first failed attempt; doubles each time.</summary>
    public TimeSpan RetryFirst { get; init; } = JobLimits.RetryFirst;

    /// <summary>The longest pause between attempts.</summary>
    public TimeSpan RetryLongest { get; init; } = JobLimits.RetryLongest;

    /// <summary>
    /// The pause after each failed attempt, times its number, instead of one that doubles; null for the doubling one.
    /// </summary>
    public TimeSpan? RetryStep { get; init; }

    /// <summary>
    /// How long one attempt belongs to a replica without being renewed, by the host's options: as long as that a job is
    /// nobody's after its replica was killed. Left out, <see cref="JobLimits.LeaseDuration" />.
    /// </summary>
    public Func<IServiceProvider, TimeSpan>? Lease { get; init; }

    /// <summary>Is told how each attempt ended, for whoever counts what must not be missed; it must not throw.</summary>
    public JobWatcher? Watcher { get; init; }
}

/// <summary>How an attempt at a job ended.</summary>
public enum JobEnding
{
    /// <summary>The job is done.</summary>
    Completed,

    /// <summary>Another replica has it now.</summary>
    Lost,

    /// <summary>The host stops; the attempt does not count.</summary>
    Stopped,

    /// <summary>It failed and is tried again.</summary>
    Failed,

    /// <summary>It failed for good.</summary>
    Dead,
}

/// <summary>Hears how an attempt at a job ended, after that was written.</summary>
/// <param name="services">The host's services.</param>
/// <param name="ending">How.</param>
/// <param name="attempt">Which attempt it was, from 1.</param>
public delegate void JobWatcher(IServiceProvider services, JobEnding ending, int attempt);

/// <summary>What one kind of job is, registered once.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Options">How it is run.</param>
/// <param name="Run">Reads the payload and does the job.</param>
internal sealed record JobDefinition(
    string Name, JobOptions Options, Func<JobRun, ClaimedJob, CancellationToken, Task> Run)
{
    /// <summary>For a job that runs for ever again: how long after each end it begins anew.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>For a delivery: the topic it subscribes to.</summary>
    public string? Topic { get; init; }
}
