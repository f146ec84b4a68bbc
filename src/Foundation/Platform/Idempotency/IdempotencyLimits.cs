namespace Quoin.Platform;

/// <summary>Bounds of idempotent requests.</summary>
public static class IdempotencyLimits
{
    /// <summary>
    /// Characters of an <c>Idempotency-Key</c>: what others in the field take, and more than any UUID.
    /// </summary>
    public const int KeyCharactersMax = 255;

    /// <summary>How long an answer is kept; promised are 24 hours, and the purge runs once an hour.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(25);

    /// <summary>How often old answers are looked for.</summary>
    public static readonly TimeSpan PurgeEvery = TimeSpan.FromHours(1);

    /// <summary>Answers deleted by one statement: a short lock, some megabytes of log.</summary>
    public const int PurgedAtOnce = 5_000;

    /// <summary>
    /// The longest answer kept; a longer one is given once, and its repetition is told to read instead.
    /// </summary>
    public const int AnswerBytesMax = 1024 * 1024;

    /// <summary>
    /// The part of a request's body held in memory while it is hashed; the rest waits in a temporary file.
    /// </summary>
    public const int BodyInMemoryBytesMax = 1024 * 1024;

    /// <summary>How long a request belongs to the replica that does it without being renewed.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    /// <summary>How long a repetition waits for the first request's answer before it is told to come back.</summary>
    public static readonly TimeSpan WaitLongest = TimeSpan.FromSeconds(2);

    /// <summary>How often it looks meanwhile.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>When a repetition told to come back should.</summary>
    public const int RetryAfterSeconds = 1;
}
