namespace Quoin.Tests.Simulation;

/// <summary>A seed that failed: which, where, and what led to it.</summary>
internal sealed class SeedFailedException(string message, Exception failure) : Exception(message, failure)
{
    /// <param name="seed">The seed.</param>
    /// <param name="place">Its place among the seeds of this run, from 1.</param>
    /// <param name="operations">How many operations it came to.</param>
    /// <param name="failure">What failed.</param>
    /// <param name="trace">What happened before.</param>
    public static SeedFailedException Of(int seed, int place, int operations, Exception failure, IReadOnlyList<string> trace) => new(
        $"""
        Seed {seed}, the {place}th of this run, failed after {operations} operations: {failure.Message}
        Replay it: ./dev simulate --seed {seed}
        What led to it:
        {string.Join(Environment.NewLine, trace.TakeLast(Seeds.IsReplay ? trace.Count : 60))}
        """,
        failure);
}
