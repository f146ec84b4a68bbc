using Quoin.Cli;

namespace Quoin.Tests.Unit.Apps.Cli;

public sealed class PlanningAReplay
{
    [Fact]
    public void Keeps_the_files_order_where_nothing_else_is_said() =>
        ReplayPlan.Order(4, isTwice: false, shuffleSeed: null).ShouldBe([0, 1, 2, 3]);

    [Fact]
    public void Sends_all_again_after_the_first_time() =>
        ReplayPlan.Order(3, isTwice: true, shuffleSeed: null).ShouldBe([0, 1, 2, 0, 1, 2]);

    [Fact]
    public void Shuffles_into_the_order_the_seed_names()
    {
        var order = ReplayPlan.Order(1_000, isTwice: false, shuffleSeed: 3);

        order.ShouldBe(ReplayPlan.Order(1_000, isTwice: false, shuffleSeed: 3));
        order.ShouldNotBe(ReplayPlan.Order(1_000, isTwice: false, shuffleSeed: 4));
        order.Order().ShouldBe(Enumerable.Range(0, 1_000));
    }

    [Fact]
    public void Mixes_the_first_and_the_second_time_when_shuffled()
    {
        var order = ReplayPlan.Order(1_000, isTwice: true, shuffleSeed: 3);

        order.CountBy(index => index).ShouldAllBe(index => index.Value == 2);
        order.Take(1_000).Distinct().Count().ShouldBeLessThan(1_000);
    }

    [Fact]
    public void Follows_the_traces_own_pace_so_many_times_faster()
    {
        var first = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        ReplayPlan.DueAfter(first, first.AddSeconds(60), speed: 1).ShouldBe(TimeSpan.FromSeconds(60));
        ReplayPlan.DueAfter(first, first.AddSeconds(60), speed: 30).ShouldBe(TimeSpan.FromSeconds(2));
        ReplayPlan.DueAfter(first, first.AddSeconds(-1), speed: 1).ShouldBe(TimeSpan.Zero);
    }
}
