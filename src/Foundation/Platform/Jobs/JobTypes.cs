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
}

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
