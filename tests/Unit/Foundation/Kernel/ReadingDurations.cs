using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class ReadingDurations
{
    private static readonly DateTimeOffset LeapDay = new(2028, 2, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("P1Y", "2029-02-28T12:00:00Z")]
    [InlineData("P1M", "2028-03-29T12:00:00Z")]
    [InlineData("P1Y2M", "2029-04-29T12:00:00Z")]
    [InlineData("P2W", "2028-03-14T12:00:00Z")]
    [InlineData("P1DT12H", "2028-03-02T00:00:00Z")]
    [InlineData("PT90M", "2028-02-29T13:30:00Z")]
    [InlineData("PT1S", "2028-02-29T12:00:01Z")]
    public void Counts_months_by_the_calendar_and_the_rest_by_its_length(string text, string expected)
    {
        CalendarDuration.Read(text)!.Value.After(LeapDay)
            .ShouldBe(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("1D")]
    [InlineData("P-1D")]
    [InlineData("P1.5D")]
    [InlineData("P1S")]
    [InlineData("P1D ")]
    [InlineData("P1D\n")]
    [InlineData("P1234567D")]
    public void Takes_no_other_text(string text)
    {
        CalendarDuration.Read(text).ShouldBeNull();
    }

    [Fact]
    public void Ends_where_time_ends()
    {
        CalendarDuration.Read("P999999Y")!.Value.After(LeapDay).ShouldBeNull();
    }
}
