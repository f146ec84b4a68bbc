namespace Quoin.Platform;

/// <summary>Bounds of the outbox.</summary>
public static class OutboxLimits
{
    /// <summary>How long told news is kept for people to look at.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    /// <summary>How often old news is looked for.</summary>
    public static readonly TimeSpan PurgeEvery = TimeSpan.FromHours(1);

    /// <summary>Messages deleted by one statement: a short lock, some megabytes of log.</summary>
    public const int PurgedAtOnce = 5_000;

    /// <summary>How far from what it tells of news is looked for: one transaction's time, with some to spare.</summary>
    public static readonly TimeSpan ToldAround = TimeSpan.FromSeconds(2);
}
