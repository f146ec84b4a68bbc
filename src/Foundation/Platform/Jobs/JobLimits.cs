namespace Quoin.Platform;

/// <summary>Bounds of jobs.</summary>
public static class JobLimits
{
    /// <summary>Jobs one replica runs at once: they mostly wait for others, and each may hold a connection.</summary>
    public const int ConcurrentMax = 16;

    /// <summary>How long a job belongs to a replica without being renewed, unless it says otherwise.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait without a hint before the queue is looked at.</summary>
    public static readonly TimeSpan IdleLongest = TimeSpan.FromSeconds(1);

    /// <summary>Attempts before a job is dead, unless it says otherwise: about an hour with the pauses below.</summary>
    public const int AttemptsMax = 12;

    /// <summary>The pause after a first failed attempt, unless a job says otherwise.</summary>
    public static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between attempts, unless a job says otherwise.</summary>
    public static readonly TimeSpan RetryLongest = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How often one attempt is repeated at once when the database gave way (a serialization failure, a dead
    /// connection).
    /// </summary>
    public const int TransientRetriesMax = 3;

    /// <summary>The pause before the first of those repeats.</summary>
    public static readonly TimeSpan TransientRetryFirst = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause before one of those repeats.</summary>
    public static readonly TimeSpan TransientRetryLongest = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of a job's or message's payload: it names things, it does not carry them.</summary>
    public const int PayloadBytesMax = 64 * 1024;

    /// <summary>Characters of a key that makes jobs unique or keeps them in order.</summary>
    public const int KeyCharactersMax = 300;

    /// <summary>Characters of a failure kept on its job.</summary>
    public const int ErrorCharactersMax = 2_000;

    /// <summary>How often depths are read for metrics: a count over the queue each time.</summary>
    public static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(5);

    /// <summary>Letters of why a dead job is revived or dropped.</summary>
    public const int ReasonLettersMax = 1_000;

    /// <summary>Bytes of a request about a dead job: a reason.</summary>
    public const int BodyBytesMax = 8 * 1024;
}
