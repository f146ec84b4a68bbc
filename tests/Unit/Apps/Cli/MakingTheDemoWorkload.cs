using Quoin.Cli;

namespace Quoin.Tests.Unit.Apps.Cli;

public sealed class MakingTheDemoWorkload
{
    private static readonly DateTimeOffset Monday = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly DemoWorkload workload = new(seed: 1, eventsPerWeek: 20_000);

    [Fact]
    public void Makes_the_same_history_again() =>
        workload.History(Monday, Monday.AddHours(6)).ShouldBe(new DemoWorkload(1, 20_000).History(Monday, Monday.AddHours(6)));

    [Fact]
    public void Makes_the_same_calls_wherever_history_is_begun_or_ended()
    {
        var whole = workload.History(Monday, Monday.AddHours(2)).ToArray();

        var parts = workload.History(Monday, Monday.AddMinutes(52))
            .Concat(workload.History(Monday.AddMinutes(45), Monday.AddHours(2)));

        parts.Distinct().OrderBy(call => call.Time).ShouldBe(whole);
    }

    [Fact]
    public void Gives_every_call_an_id_of_its_own()
    {
        var calls = workload.History(Monday, Monday.AddDays(7)).Concat(workload.Second(Monday)).ToArray();

        calls.DistinctBy(call => call.Id).Count().ShouldBe(calls.Length);
    }

    [Fact]
    public void Makes_about_as_many_calls_a_week_as_asked() =>
        workload.History(Monday, Monday.AddDays(7)).Count().ShouldBeInRange(19_000, 21_000);

    [Fact]
    public void Is_busiest_by_day_and_quiet_at_the_weekend()
    {
        int Calls(DateTimeOffset from, double hours) => workload.History(from, from.AddHours(hours)).Count();

        Calls(Monday.AddHours(14), 2).ShouldBeGreaterThan(4 * Calls(Monday.AddHours(5), 2));
        Calls(Monday.AddDays(1), 24).ShouldBeGreaterThan((int)(1.5 * Calls(Monday.AddDays(6), 24)));
    }

    [Fact]
    public void Calls_only_models_that_have_a_price()
    {
        var called = workload.History(Monday, Monday.AddDays(7)).Select(call => call.Model).Distinct();

        called.Order().ShouldBe(DemoModel.All.Select(model => model.Name).Order());
    }

    [Fact]
    public void Streams_a_few_calls_a_second()
    {
        var seconds = Enumerable.Range(0, 600).Select(second => workload.Second(Monday.AddHours(15).AddSeconds(second))).ToArray();

        seconds.Average(calls => calls.Count).ShouldBeInRange(1, 4);
        seconds[0].ShouldAllBe(call => call.Time >= Monday.AddHours(15) && call.Time < Monday.AddHours(15).AddSeconds(1));
        workload.Second(Monday.AddHours(15).AddMilliseconds(700)).ShouldBe(seconds[0]);
    }
}
