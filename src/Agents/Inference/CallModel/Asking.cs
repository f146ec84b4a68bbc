using System.Diagnostics;

namespace Quoin.Inference.Internal;

/// <summary>
/// One asking of a deployment, from the request to its end; told once how it ended, so that the deployment's circuit and
/// health know, and whoever watches. What nobody tells is taken for a client that left.
/// </summary>
internal sealed class Asking : IDisposable
{
    private readonly Candidate candidate;
    private readonly GenAiTelemetry telemetry;
    private readonly TimeProvider time;
    private readonly Activity? activity;
    private CircuitPermit permit;
    private long startedAt;
    private long begunAt;
    private bool hasEnded;

    public Asking(
        PreparedCall call, Candidate candidate, CircuitPermit permit, GenAiTelemetry telemetry, TimeProvider time)
    {
        (this.candidate, this.permit, this.telemetry, this.time) = (candidate, permit, telemetry, time);
        startedAt = time.GetTimestamp();
        activity = telemetry.Start(call, candidate);
    }

    /// <summary>How long it took to begin; null where it has not begun.</summary>
    public TimeSpan? FirstByte => begunAt == 0 ? null : time.GetElapsedTime(startedAt, begunAt);

    /// <summary>Who is asked.</summary>
    public Deployment Deployment => candidate.Deployment;

    private DeploymentWatch? Watch => candidate.Deployment.Watch;

    /// <summary>The request leaves now; what was waited for before is not the deployment's doing.</summary>
    public void Sent() => startedAt = time.GetTimestamp();

    /// <summary>The first piece of the answer has come.</summary>
    public void Began()
    {
        begunAt = Math.Max(1, time.GetTimestamp());
        var after = time.GetElapsedTime(startedAt, begunAt);
        permit = Watch?.Began(permit, after) ?? permit;
        telemetry.Began(candidate, after);
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
                var speaking = after - (FirstByte ?? TimeSpan.Zero);
                Watch?.Answered(permit, after, speaking, usage.AllOutputTokens);
                telemetry.Answered(candidate, activity, after, speaking, usage);
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
    /// <param name="reason">The status, in digits.</param>
    public void Refused(string reason)
    {
        if (End())
        {
            Watch?.Circuit.Succeeded(permit);
            telemetry.Failed(candidate, activity, time.GetElapsedTime(startedAt), reason, isRefused: true);
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
            Watch?.Failed(permit, reason, status, leaveAlone);
            telemetry.Failed(candidate, activity, time.GetElapsedTime(startedAt), reason, isRefused: false);
        }
    }

    /// <summary>Nobody will tell how it ended.</summary>
    public void Dispose()
    {
        if (End())
        {
            Watch?.Circuit.Left(permit);
            telemetry.Left(candidate, activity);
        }
    }

    private bool End() => !hasEnded && (hasEnded = true);
}
