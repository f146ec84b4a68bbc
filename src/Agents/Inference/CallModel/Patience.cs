namespace Quoin.Inference.Internal;

/// <summary>
/// How long a provider is waited for: cancels when the client has gone, when the first byte, the next piece or the end takes
/// too long.
/// </summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly CancellationTokenRegistration leaving;
    private readonly CancellationToken client;
    private readonly ProviderTimeouts timeouts;
    private readonly TimeProvider time;
    private long startedAt;

    public Patience(ProviderTimeouts timeouts, TimeProvider time, CancellationToken client)
    {
        (this.timeouts, this.time, this.client) = (timeouts, time, client);
        source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        leaving = client.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
    }

    /// <summary>Ends when patience does.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Whether it was the client who left.</summary>
    public bool IsClientGone => client.IsCancellationRequested;

    /// <summary>The request leaves: the provider's time runs from now on. Of several requests, all share the time of the first.</summary>
    public ValueTask Leaving()
    {
        startedAt = startedAt == 0 ? Math.Max(1, time.GetTimestamp()) : startedAt;
        source.CancelAfter(Shorter(timeouts.FirstByte));
        return ValueTask.CompletedTask;
    }

    /// <summary>A piece has come; the next one has its own time.</summary>
    public void Renew() => source.CancelAfter(Shorter(timeouts.Idle));

    /// <inheritdoc />
    public void Dispose()
    {
        leaving.Dispose();
        source.Dispose();
    }

    private TimeSpan Shorter(TimeSpan wanted)
    {
        var left = timeouts.Total - time.GetElapsedTime(startedAt);
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < wanted ? left : wanted;
    }
}
