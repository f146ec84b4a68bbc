using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>What this replica sees of one deployment: whether it may be asked, and how fast it answers.</summary>
/// <param name="time">The clock.</param>
public sealed class DeploymentWatch(TimeProvider time)
{
    private const double MillisecondsLeast = 1;
    private const double TokensPerSecondLeast = 0.1;

    private readonly SlidingHistogram latency = new(time, MillisecondsLeast);
    private readonly SlidingHistogram firstToken = new(time, MillisecondsLeast);
    private readonly SlidingHistogram speed = new(time, TokensPerSecondLeast);
    private volatile Failure? last;

    /// <summary>Keeps calls from it while it fails.</summary>
    public Circuit Circuit { get; } = new(time);

    /// <summary>The status it answered with when it failed last; null where it sent none, or never failed.</summary>
    public int? LastStatus => last?.Status;

    /// <summary>It began to answer.</summary>
    /// <param name="permit">What it was asked with.</param>
    /// <param name="after">After how long.</param>
    /// <returns>What to tell its end with.</returns>
    public CircuitPermit Began(CircuitPermit permit, TimeSpan after)
    {
        firstToken.Add(after.TotalMilliseconds);
        return Circuit.Began(permit);
    }

    /// <summary>It answered in full.</summary>
    /// <param name="permit">What it was asked with.</param>
    /// <param name="after">After how long.</param>
    /// <param name="speaking">How long of that it spoke.</param>
    /// <param name="outputTokens">How much it said.</param>
    public void Answered(CircuitPermit permit, TimeSpan after, TimeSpan speaking, long outputTokens)
    {
        Circuit.Succeeded(permit);
        latency.Add(after.TotalMilliseconds);
        if (outputTokens > 0 && speaking > TimeSpan.Zero)
        {
            speed.Add(outputTokens / speaking.TotalSeconds);
        }
    }

    /// <summary>It failed.</summary>
    /// <param name="permit">What it was asked with.</param>
    /// <param name="reason">In a word.</param>
    /// <param name="status">The status it answered with; null where it sent none.</param>
    /// <param name="leaveAlone">How long it wants to be left alone; null where it does not say.</param>
    public void Failed(CircuitPermit permit, string reason, int? status = null, TimeSpan? leaveAlone = null)
    {
        last = new Failure(reason, status, time.GetUtcNow());
        Circuit.Failed(permit, leaveAlone);
    }

    /// <summary>What was seen.</summary>
    public DeploymentHealth Read(ProviderModel deployment)
    {
        var (calls, errors) = Circuit.Counted;
        var failure = last;
        var rests = Circuit.RestsFor;
        return new DeploymentHealth(
            deployment.Provider,
            deployment.Model,
            Word(Circuit.State),
            rests > TimeSpan.Zero ? time.GetUtcNow() + rests : null,
            calls,
            errors,
            latency.Quantile(0.5),
            latency.Quantile(0.99),
            firstToken.Quantile(0.5),
            firstToken.Quantile(0.99),
            speed.Quantile(0.5),
            failure?.Reason,
            failure?.At);
    }

    private static string Word(CircuitState state) => state switch
    {
        CircuitState.Open => "open",
        CircuitState.HalfOpen => "half_open",
        _ => "closed",
    };

    private sealed record Failure(string Reason, int? Status, DateTimeOffset At);
}
