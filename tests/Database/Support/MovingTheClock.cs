using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Support;

public sealed class MovingTheClock
{
    private readonly SettableClock clock = new();

    [Fact]
    public async Task Ends_a_delay_when_its_time_has_come_and_not_before()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(1), clock);

        clock.Advance(TimeSpan.FromSeconds(59));
        var early = delay.IsCompleted;
        clock.Advance(TimeSpan.FromSeconds(1));
        await delay;

        early.ShouldBeFalse();
    }

    [Fact]
    public void Fires_timers_in_the_order_they_are_due_each_at_its_instant()
    {
        var start = clock.GetUtcNow();
        var fired = new List<double>();
        using var every = clock.CreateTimer(_ => Note(), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        using var once = clock.CreateTimer(_ => Note(), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromSeconds(5));

        fired.ShouldBe([2, 3, 4]);
        clock.GetUtcNow().ShouldBe(start.AddSeconds(5));

        void Note() => fired.Add((clock.GetUtcNow() - start).TotalSeconds);
    }

    [Fact]
    public void Leaves_timers_and_timestamps_alone_when_the_wall_clock_is_set_back()
    {
        var before = clock.GetTimestamp();
        var hasFired = false;
        using var timer = clock.CreateTimer(_ => hasFired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        clock.Set(clock.GetUtcNow().AddHours(-1));

        hasFired.ShouldBeFalse();
        clock.GetTimestamp().ShouldBe(before);
    }

    [Fact]
    public async Task Tells_when_the_code_under_test_has_gone_to_sleep()
    {
        var asleep = clock.WhenWaiting();
        var wasAsleep = asleep.IsCompleted;

        _ = Task.Delay(TimeSpan.FromHours(1), clock);
        await asleep;

        wasAsleep.ShouldBeFalse();
    }
}
