using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class CuttingTime
{
    [Fact]
    public void Puts_an_instant_into_its_quarter_hour()
    {
        var instant = new DateTimeOffset(2026, 3, 1, 0, 14, 59, 999, TimeSpan.Zero).AddTicks(9_999);

        QuarterHour.Of(instant).ShouldBe(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        QuarterHour.Of(instant.AddTicks(1)).ShouldBe(new DateTimeOffset(2026, 3, 1, 0, 15, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Takes_the_month_in_UTC_whatever_the_offset()
    {
        var instant = new DateTimeOffset(2026, 3, 1, 1, 0, 0, TimeSpan.FromHours(2));

        Period.MonthOf(instant).Start.ShouldBe(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Is_half_open()
    {
        var month = Period.MonthOf(new DateTimeOffset(2026, 2, 10, 0, 0, 0, TimeSpan.Zero));

        month.Contains(month.Start).ShouldBeTrue();
        month.Contains(month.End).ShouldBeFalse();
    }
}
