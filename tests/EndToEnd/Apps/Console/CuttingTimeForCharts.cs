using Quoin.ConsolePages.ExploreUsage;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class CuttingTimeForCharts
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly TimeZoneInfo Kathmandu = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu");
    private static readonly TimeZoneInfo Santiago = TimeZoneInfo.FindSystemTimeZoneById("America/Santiago");

    [Fact]
    public void Gives_days_of_23_and_25_hours_where_clocks_change()
    {
        var spring = UsageRange.Read("custom", "day", "2026-03-28", "2026-03-30", Berlin, At("2026-11-21T10:00Z"));
        var autumn = UsageRange.Read("custom", "day", "2026-10-24", "2026-10-26", Berlin, At("2026-11-21T10:00Z"));

        Hours(spring).ShouldBe([24, 23, 24]);
        Hours(autumn).ShouldBe([24, 25, 24]);
        spring.Bounds[0].ShouldBe(At("2026-03-27T23:00Z"));
    }

    [Fact]
    public void Begins_a_day_later_where_clocks_skip_its_midnight()
    {
        UsageSteps.Midnight(new DateOnly(2026, 9, 6), Santiago).ShouldBe(At("2026-09-06T04:00Z"));
    }

    [Fact]
    public void Cuts_hours_where_the_readers_clock_shows_them_full()
    {
        var range = UsageRange.Read("24h", "hour", null, null, Kathmandu, At("2026-11-21T10:00Z"));

        range.Bounds.ShouldAllBe(bound => bound.Minute == 15);
        range.Columns.Count.ShouldBe(24);
        range.Period.Contains(At("2026-11-21T10:00Z")).ShouldBeTrue();
    }

    [Fact]
    public void Compares_what_goes_on_with_as_much_of_the_time_before()
    {
        var range = UsageRange.Read("month", null, null, null, TimeZoneInfo.Utc, At("2026-11-21T10:00Z"));

        range.Period.Start.ShouldBe(At("2026-11-01T00:00Z"));
        range.PeriodBefore.Start.ShouldBe(At("2026-10-01T00:00Z"));
        range.PeriodBefore.End.ShouldBe(At("2026-10-21T10:15Z"));
        range.GoesOn.ShouldBeTrue();
    }

    [Fact]
    public void Compares_what_is_over_with_all_of_the_time_before()
    {
        var range = UsageRange.Read("custom", null, "2026-11-10", "2026-11-12", TimeZoneInfo.Utc, At("2026-11-21T10:00Z"));

        range.PeriodBefore.Start.ShouldBe(At("2026-11-07T00:00Z"));
        range.PeriodBefore.End.ShouldBe(At("2026-11-10T00:00Z"));
        range.GoesOn.ShouldBeFalse();
    }

    [Fact]
    public void Shows_twelve_months_in_months()
    {
        var range = UsageRange.Read("12mo", null, null, null, Berlin, At("2026-11-21T10:00Z"));

        range.Step.ShouldBe(UsageStep.Month);
        range.Columns.Count.ShouldBe(12);
        range.Columns[0].ShouldBe(At("2025-11-30T23:00Z"));
        range.Columns[^1].ShouldBe(At("2026-10-31T23:00Z"));
    }

    [Theory]
    [InlineData("custom", "2026-11-30", "2026-11-01")]
    [InlineData("custom", "yesterday", "today")]
    [InlineData("custom", "0001-01-01", "9999-12-31")]
    [InlineData("century", null, null)]
    public void Shows_a_week_where_the_address_names_no_time(string name, string? from, string? to) =>
        UsageRange.Read(name, null, from, to, Berlin, At("2026-11-21T10:00Z")).Name.ShouldBe("7d");

    [Fact]
    public void Offers_no_steps_that_are_too_many_or_too_few()
    {
        var range = UsageRange.Read("12mo", "hour", null, null, Berlin, At("2026-11-21T10:00Z"));

        range.Steps.ShouldBe([UsageStep.Month]);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<double> Hours(UsageRange range) =>
        range.Bounds.Zip(range.Bounds.Skip(1), (start, end) => (end - start).TotalHours);
}
