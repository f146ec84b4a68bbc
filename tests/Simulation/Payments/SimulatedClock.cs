namespace Quoin.Tests.Simulation.Payments;

/// <summary>
/// A clock that only the simulation moves. A short wait is over at once: pauses between repetitions. A long one never ends:
/// leases are not renewed by who stands still, and time-outs are the provider's to play.
/// </summary>
internal sealed class SimulatedClock(DateTimeOffset start) : TimeProvider
{
    // Between the longest pause of a repetition and the shortest period in which a lease is renewed.
    private static readonly TimeSpan ShortMax = TimeSpan.FromSeconds(2);

    private DateTimeOffset now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan span) => now += span;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(callback, state, dueTime);

    private sealed class Timer : ITimer
    {
        private readonly ITimer real;

        public Timer(TimerCallback callback, object? state, TimeSpan dueTime) =>
            real = System.CreateTimer(callback, state, Real(dueTime), Timeout.InfiniteTimeSpan);

        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(Real(dueTime), Timeout.InfiniteTimeSpan);

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();

        private static TimeSpan Real(TimeSpan dueTime) =>
            dueTime == Timeout.InfiniteTimeSpan || dueTime > ShortMax ? Timeout.InfiniteTimeSpan : TimeSpan.Zero;
    }
}
