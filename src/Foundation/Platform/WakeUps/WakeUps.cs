using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Quoin.Platform;

/// <summary>
/// Hints to look sooner: after a commit, whoever made work says so on a channel; those who wait on it, in this process
/// and on other replicas, wake up. Never the truth: hints are coalesced, and may be lost or come twice.
/// </summary>
public sealed class WakeUps
{
    private readonly ConcurrentDictionary<WakeUpListener, byte> listeners = new();
    private readonly ConcurrentDictionary<string, byte> unsent = new(StringComparer.Ordinal);
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>
    /// Tells that there is work. Call after the commit that made it, never before. Neither waits nor fails; goes to
    /// other replicas on a connection of its own, at most every <see cref="WakeUpLimits.SendEvery"/>.
    /// </summary>
    /// <param name="channel">What there is work for; no spaces.</param>
    public void Hint(string channel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channel.Length, WakeUpLimits.ChannelCharactersMax);
        Wake(channel);
        if (unsent.Count < WakeUpLimits.ChannelsMax && unsent.TryAdd(channel, 0))
        {
            signal.Writer.TryWrite(true);
        }
    }

    /// <summary>Starts to listen; hints from now on are remembered, several as one.</summary>
    /// <param name="channel">What to be told about.</param>
    /// <param name="time">Measures the longest wait.</param>
    public WakeUpListener Listen(string channel, TimeProvider time)
    {
        var listener = new WakeUpListener(this, channel, time);
        listeners.TryAdd(listener, 0);
        return listener;
    }

    /// <summary>Wakes the listeners of this process.</summary>
    internal void Wake(string channel)
    {
        foreach (var (listener, _) in listeners)
        {
            if (string.Equals(listener.Channel, channel, StringComparison.Ordinal))
            {
                listener.Wake();
            }
        }
    }

    /// <summary>Wakes everyone: hints may have been missed.</summary>
    internal void WakeAll()
    {
        foreach (var (listener, _) in listeners)
        {
            listener.Wake();
        }
    }

    /// <summary>Waits until there are hints to send and takes them all.</summary>
    internal async Task<string[]> TakeUnsent(CancellationToken cancellationToken)
    {
        await signal.Reader.ReadAsync(cancellationToken);
        return [.. unsent.Keys.Where(channel => unsent.TryRemove(channel, out _))];
    }

    internal void Remove(WakeUpListener listener) => listeners.TryRemove(listener, out _);
}

/// <summary>Waits for hints on one channel. One waiter at a time.</summary>
public sealed class WakeUpListener : IDisposable
{
    private readonly WakeUps wakeUps;
    private readonly TimeProvider time;
    private readonly Channel<bool> signal = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal WakeUpListener(WakeUps wakeUps, string channel, TimeProvider time) =>
        (this.wakeUps, Channel, this.time) = (wakeUps, channel, time);

    /// <summary>What it is told about.</summary>
    public string Channel { get; }

    /// <summary>Waits for a hint, one that came since the last wait included.</summary>
    /// <param name="longest">How long to wait at most; the caller looks for itself then.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether a hint came.</returns>
    public async Task<bool> Wait(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hint = signal.Reader.ReadAsync(ended.Token).AsTask();
        var timeout = Task.Delay(longest, time, ended.Token);
        var first = await Task.WhenAny(hint, timeout);
        await ended.CancelAsync();

        // A hint that came at the last moment counts: it is taken off the channel already.
        await ((Task)hint).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return first == hint || hint.IsCompletedSuccessfully;
    }

    /// <summary>Whether a hint came since the last time; does not wait.</summary>
    public bool TryTake() => signal.Reader.TryRead(out _);

    /// <inheritdoc />
    public void Dispose() => wakeUps.Remove(this);

    internal void Wake() => signal.Writer.TryWrite(true);
}
