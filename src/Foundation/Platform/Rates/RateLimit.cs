namespace Quoin.Platform;

/// <summary>How often something may happen: so many at once, then one per step.</summary>
/// <param name="Scope">What is limited; a stable word.</param>
/// <param name="Burst">How many at once.</param>
/// <param name="Step">After which time there may be one more.</param>
public sealed record RateLimit(string Scope, int Burst, TimeSpan Step)
{
    /// <summary>
    /// How many a replica takes at a time and then counts down in memory. One, as where nothing is said, is exact over all
    /// replicas, at a round trip each; more is what they can be wrong by, each.
    /// </summary>
    public int Share { get; init; } = 1;

    /// <summary>The step in billionths of a second; finer than <see cref="Step"/> where there are millions a minute.</summary>
    public long StepNanos { get; init; } = Step.Ticks * TimeSpan.NanosecondsPerTick;
}
