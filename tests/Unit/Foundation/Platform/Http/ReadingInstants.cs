using FsCheck;
using FsCheck.Fluent;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.Http;

public sealed class ReadingInstants
{
    [Theory]
    [InlineData("2026-11-20T08:15:00Z", "2026-11-20T08:15:00Z")]
    [InlineData("2026-11-20t08:15:00z", "2026-11-20T08:15:00Z")]
    [InlineData("2026-11-20T08:15:00+02:00", "2026-11-20T06:15:00Z")]
    [InlineData("2026-11-20T08:15:00-05:30", "2026-11-20T13:45:00Z")]
    [InlineData("2026-11-20T08:15:00.5Z", "2026-11-20T08:15:00.5Z")]
    [InlineData("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z")]
    [InlineData("2026-11-20T08:15:00.123456789Z", "2026-11-20T08:15:00.123456Z")]
    public void Takes_a_date_a_time_and_an_offset(string text, string instant)
    {
        Rfc3339.TryParse(text, out DateTimeOffset read).ShouldBeTrue();
        Rfc3339.Format(read).ShouldBe(instant);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-20")]
    [InlineData("2026-11-20T08:15:00")]
    [InlineData("2026-11-20 08:15:00Z")]
    [InlineData("2026-11-20T08:15Z")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-11-20T24:00:00Z")]
    [InlineData("2026-11-20T08:15:60Z")]
    [InlineData("2026-11-20T08:15:00.Z")]
    [InlineData("2026-11-20T08:15:00.1234567890Z")]
    [InlineData("2026-11-20T08:15:00+0200")]
    [InlineData("2026-11-20T08:15:00+24:00")]
    [InlineData("2026-11-20T08:15:00Zulu")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("２026-11-20T08:15:00Z")]
    [InlineData("-2026-11-20T08:15:00")]
    public void Refuses_everything_else(string text)
    {
        Rfc3339.TryParse(text, out DateTimeOffset _).ShouldBeFalse();
    }

    [Fact]
    public void Any_instant_of_whole_microseconds_comes_back_as_it_went()
    {
        var instants = ArbMap.Default.GeneratorFor<DateTime>()
            .Select(any => new DateTimeOffset(any.Ticks - (any.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero));

        Prop.ForAll(
            instants.ToArbitrary(),
            instant => Rfc3339.TryParse(Rfc3339.Format(instant), out DateTimeOffset read) && read == instant)
            .QuickCheckThrowOnFailure();
    }
}
