namespace Quoin.Tests.Support;

/// <summary>
/// A clock that stands still until a test moves it. Timers and <c>Task.Delay(…, clock)</c> fire while it is moved, in
/// the order they are due, each seeing the instant it was due at.
/// </summary>
public sealed class SettableClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> pending = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> watchers = [];
    private DateTimeOffset now;
    private TimeSpan elapsed;

    /// <summary>A clock that shows 1 January 2026, 00:00 UTC.</summary>
    public SettableClock()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>A clock that shows <paramref name="start"/>.</summary>
    public SettableClock(DateTimeOffset start) => now = start.ToUniversalTime();

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (gate)
        {
            return elapsed.Ticks;
        }
    }

    /// <summary>Moves the clock on and fires what becomes due.</summary>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        TimeSpan target;
        lock (gate)
        {
            target = elapsed + span;
        }

        while (NextDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>
    /// Shows another instant. Forward is <see cref="Advance"/>; backward is a correction of the wall clock, which fires
    /// nothing and leaves timestamps alone, as a real one does.
    /// </summary>
    public void Set(DateTimeOffset instant)
    {
        TimeSpan ahead;
        lock (gate)
        {
            ahead = instant - now;
            if (ahead < TimeSpan.Zero)
            {
                now = instant.ToUniversalTime();
                return;
            }
        }

        Advance(ahead);
    }

    /// <summary>Completes once at least <paramref name="count"/> timers wait: the code under test has gone to sleep.</summary>
    public Task WhenWaiting(int count = 1)
    {
        lock (gate)
        {
            if (pending.Count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            watchers.Add((count, reached));
            return reached.Task;
        }
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    // Takes the earliest timer due by the target and moves the clock to it; with none left, moves to the target.
    private Timer? NextDue(TimeSpan target)
    {
        lock (gate)
        {
            var next = pending.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            var reached = next is null || next.Due < elapsed ? (next is null ? target : elapsed) : next.Due;
            now += reached - elapsed;
            elapsed = reached;
            if (next is null)
            {
                return null;
            }

            if (next.Period > TimeSpan.Zero)
            {
                next.Due += next.Period;
            }
            else
            {
                pending.Remove(next);
            }

            return next;
        }
    }

    private void Schedule(Timer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            pending.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            (timer.Due, timer.Period) = (elapsed + dueTime, period);
            pending.Add(timer);
            foreach (var watcher in watchers.Where(watcher => pending.Count >= watcher.Count))
            {
                watcher.Reached.TrySetResult();
            }

            watchers.RemoveAll(watcher => watcher.Reached.Task.IsCompleted);
        }

        if (dueTime == TimeSpan.Zero)
        {
            Advance(TimeSpan.Zero);
        }
    }

    private void Remove(Timer timer)
    {
        lock (gate)
        {
            pending.Remove(timer);
        }
    }

    private sealed class Timer(SettableClock clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; set; }

        public TimeSpan Period { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Schedule(this, dueTime, period);
            return true;
        }

        public void Fire() => callback(state);

        public void Dispose() => clock.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
