namespace Quoin.Inference.Internal;

/// <summary>
/// One asking of a deployment, from the request to its end; told once how it ended, so that the deployment's circuit and
/// health know. What nobody tells is taken for a client that left.
/// </summary>
internal sealed class Asking(Deployment deployment, CircuitPermit permit, TimeProvider time) : IDisposable
{
    private readonly long startedAt = time.GetTimestamp();
    private long begunAt;
    private bool hasEnded;

    /// <summary>How long it took to begin; null where it has not begun.</summary>
    public TimeSpan? FirstByte => begunAt == 0 ? null : time.GetElapsedTime(startedAt, begunAt);

    /// <summary>The first piece of the answer has come.</summary>
    public void Began()
    {
        begunAt = Math.Max(1, time.GetTimestamp());
        deployment.Watch?.Began(time.GetElapsedTime(startedAt, begunAt));
    }

    /// <summary>The answer is over.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="usage">What it used.</param>
    public void Ended(CallStatus status, ModelUsage usage)
    {
        switch (status)
        {
            case CallStatus.Succeeded when End():
                var after = time.GetElapsedTime(startedAt);
                deployment.Watch?.Answered(permit, after, after - (FirstByte ?? TimeSpan.Zero), usage.AllOutputTokens);
                break;
            case CallStatus.BrokenOff:
                Failed("broken_off", null, null);
                break;
            default:
                Dispose();
                break;
        }
    }

    /// <summary>It was answered that the request is wrong: the deployment is well.</summary>
    public void Refused()
    {
        if (End())
        {
            deployment.Watch?.Circuit.Succeeded(permit);
        }
    }

    /// <summary>The deployment failed.</summary>
    /// <param name="reason">In a word.</param>
    /// <param name="status">The status it answered with; null where it sent none.</param>
    /// <param name="leaveAlone">How long it wants to be left alone; null where it does not say.</param>
    public void Failed(string reason, int? status, TimeSpan? leaveAlone)
    {
        if (End())
        {
            deployment.Watch?.Failed(permit, reason, status, leaveAlone);
        }
    }

    /// <summary>Nobody will tell how it ended.</summary>
    public void Dispose()
    {
        if (End())
        {
            deployment.Watch?.Circuit.Left(permit);
        }
    }

    private bool End() => !hasEnded && (hasEnded = true);
}
