using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>Whether a deployment is asked.</summary>
public enum CircuitState
{
    /// <summary>It is.</summary>
    Closed,

    /// <summary>It rests after failures and is not asked.</summary>
    Open,

    /// <summary>It has rested; one call at a time finds out whether it is well again.</summary>
    HalfOpen,
}

/// <summary>Leave to ask a deployment once, given back by how that went.</summary>
/// <param name="IsTrial">Whether it is the call that finds out whether the deployment is well again.</param>
public readonly record struct CircuitPermit(bool IsTrial);

/// <summary>
/// Keeps calls from a deployment that fails. It opens after <see cref="Limits.FailuresInARowMax"/> failures in a row, when
/// <see cref="Limits.FailureShareMax"/> of a minute's calls failed, or for as long as a provider asks to be left alone; then
/// one call tries. Each replica has its own. Takes no lock; what calls at the same instant count may be off by a few.
/// </summary>
/// <param name="time">The clock of its rests.</param>
public sealed class Circuit(TimeProvider time)
{
    private readonly SlidingCounts counts = new(time);
    private long openUntil;
    private long trialSince;
    private int failuresInARow;
    private int rests;

    /// <summary>Whether the deployment is asked now.</summary>
    public CircuitState State => Volatile.Read(ref openUntil) switch
    {
        0 => CircuitState.Closed,
        var until when time.GetTimestamp() < until => CircuitState.Open,
        _ => CircuitState.HalfOpen,
    };

    /// <summary>How long the deployment still rests; zero where it does not.</summary>
    public TimeSpan RestsFor =>
        Volatile.Read(ref openUntil) is var until and > 0 && time.GetTimestamp() is var now && now < until
            ? time.GetElapsedTime(now, until)
            : TimeSpan.Zero;

    /// <summary>Whether asking would be allowed: it is not counted as a trial.</summary>
    public bool MayEnter => State switch
    {
        CircuitState.Closed => true,
        CircuitState.Open => false,
        _ => !IsTried(Volatile.Read(ref trialSince)),
    };

    /// <summary>Calls and failures of the last <see cref="Limits.HealthMinutes"/> minutes.</summary>
    public (long Calls, long Failures) Counted => counts.Sum(SlidingCounts.AllSlots);

    /// <summary>Asks for leave; false where the deployment rests, or somebody else tries it.</summary>
    public bool TryEnter(out CircuitPermit permit)
    {
        permit = default;
        switch (State)
        {
            case CircuitState.Closed:
                return true;
            case CircuitState.Open:
                return false;
            default:
                var known = Volatile.Read(ref trialSince);
                permit = new CircuitPermit(IsTrial: true);
                return !IsTried(known)
                    && Interlocked.CompareExchange(ref trialSince, Math.Max(1, time.GetTimestamp()), known) == known;
        }
    }

    /// <summary>The deployment began to answer: whoever tried it has found out, and others need not wait until all is said.</summary>
    /// <returns>The leave that is given back at the end; an answer that breaks off later is a failure as any other.</returns>
    public CircuitPermit Began(CircuitPermit permit)
    {
        if (permit.IsTrial)
        {
            Volatile.Write(ref openUntil, 0);
            Volatile.Write(ref trialSince, 0);
        }

        return default;
    }

    /// <summary>The deployment answered, even if only that the request is wrong.</summary>
    public void Succeeded(CircuitPermit permit)
    {
        counts.Add(isFailure: false);
        Began(permit);

        // Read before written: all calls of a healthy deployment pass here, and should not fight for the line.
        if (Volatile.Read(ref rests) != 0 && State == CircuitState.Closed)
        {
            Volatile.Write(ref rests, 0);
        }

        if (Volatile.Read(ref failuresInARow) != 0)
        {
            Volatile.Write(ref failuresInARow, 0);
        }
    }

    /// <summary>The deployment failed.</summary>
    /// <param name="permit">What it was asked with.</param>
    /// <param name="leaveAlone">How long its provider wants to be left alone; null where it does not say.</param>
    public void Failed(CircuitPermit permit, TimeSpan? leaveAlone = null)
    {
        counts.Add(isFailure: true);
        var inARow = Interlocked.Increment(ref failuresInARow);
        if (leaveAlone is { } asked)
        {
            Rest(asked < Limits.RestLongest ? asked : Limits.RestLongest);
        }
        else if (permit.IsTrial || (State == CircuitState.Closed && (inARow >= Limits.FailuresInARowMax || FailsOften())))
        {
            var times = Interlocked.Increment(ref rests);
            var rest = Limits.RestFirst * Math.Pow(2, Math.Min(times, 10) - 1);
            Rest(rest < Limits.RestLongest ? rest : Limits.RestLongest);
        }

        if (permit.IsTrial)
        {
            Volatile.Write(ref trialSince, 0);
        }
    }

    /// <summary>Nobody knows how it went: the client left before.</summary>
    public void Left(CircuitPermit permit)
    {
        if (permit.IsTrial)
        {
            Volatile.Write(ref trialSince, 0);
        }
    }

    private bool IsTried(long since) => since != 0 && time.GetElapsedTime(since) < Limits.TrialLongest;

    private bool FailsOften()
    {
        var (calls, failures) = counts.Sum(SlidingCounts.SlotsPerMinute);
        return calls >= Limits.CallsForShareLeast && failures >= calls * Limits.FailureShareMax;
    }

    // The longest rest holds, whoever asks for it last.
    private void Rest(TimeSpan rest)
    {
        var until = Math.Max(1, time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency));
        for (var known = Volatile.Read(ref openUntil); until > known;)
        {
            var seen = Interlocked.CompareExchange(ref openUntil, until, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }
}
