using System.Globalization;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.Tests.Unit.Billing.Metering;

/// <summary>Days and months of a time zone, over changes of its clocks.</summary>
public sealed class CuttingTimeIntoWindows
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly TimeZoneInfo Santiago = TimeZoneInfo.FindSystemTimeZoneById("America/Santiago");

    [Theory]
    [InlineData("2026-03-28T23:00Z", "2026-03-29T22:00Z", 23)]
    [InlineData("2026-10-24T22:00Z", "2026-10-25T23:00Z", 25)]
    [InlineData("2026-06-09T22:00Z", "2026-06-10T22:00Z", 24)]
    public void A_day_lasts_from_midnight_to_midnight(string start, string end, int hours)
    {
        var range = new Period(At(start).AddHours(5), At(end).AddHours(5));

        var starts = UsageWindow.Day.Starts(range, Berlin, 10);

        starts.ShouldBe([At(start), At(end)]);
        (starts[1] - starts[0]).ShouldBe(TimeSpan.FromHours(hours));
    }

    [Fact]
    public void A_day_without_midnight_begins_when_the_clocks_are_put_forward()
    {
        // Chile: at midnight of Sunday 6 September 2026 it is one o'clock.
        var range = new Period(At("2026-09-05T12:00Z"), At("2026-09-07T12:00Z"));

        UsageWindow.Day.Starts(range, Santiago, 10).ShouldBe(
        [
            At("2026-09-05T04:00Z"),
            At("2026-09-06T04:00Z"),
            At("2026-09-07T03:00Z"),
        ]);
    }

    [Fact]
    public void Months_begin_at_midnight_of_their_first()
    {
        var range = new Period(At("2026-03-15T00:00Z"), At("2026-05-01T00:00Z"));

        UsageWindow.Month.Starts(range, Berlin, 10).ShouldBe(
        [
            At("2026-02-28T23:00Z"),
            At("2026-03-31T22:00Z"),
            At("2026-04-30T22:00Z"),
        ]);
    }

    [Fact]
    public void Windows_of_any_zone_follow_each_other_without_a_gap()
    {
        var range = new Period(At("2024-01-01T00:00Z"), At("2027-01-01T00:00Z"));
        string[] zones = ["Europe/Berlin", "America/Santiago", "America/Havana", "Asia/Beirut", "Africa/Cairo", "Asia/Kathmandu"];

        foreach (var zone in zones.Select(TimeZoneInfo.FindSystemTimeZoneById))
        {
            var starts = UsageWindow.Day.Starts(range, zone, 2_000);
            starts.Count.ShouldBeInRange(1096, 1097, zone.Id);
            starts.Zip(starts.Skip(1)).ShouldAllBe(pair =>
                pair.Second - pair.First >= TimeSpan.FromHours(23) && pair.Second - pair.First <= TimeSpan.FromHours(25));
            starts.ShouldAllBe(start => QuarterHour.IsStart(start), zone.Id);
        }
    }

    [Fact]
    public void Says_when_there_are_more_than_may_be() =>
        UsageWindow.Hour.Starts(Period.MonthOf(DateTimeOffset.UnixEpoch), TimeZoneInfo.Utc, 11).Count.ShouldBe(11);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
