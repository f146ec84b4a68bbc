using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Limiting;

/// <summary>Which window holds an instant.</summary>
public sealed class CuttingWindows
{
    private static readonly Period BillingPeriod = new(At("2026-02-17T08:30:00Z"), At("2026-03-17T08:30:00Z"));

    [Theory]
    [InlineData(QuotaInterval.Day, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData(QuotaInterval.Day, "2026-02-28T23:59:59.999999Z", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData(QuotaInterval.Day, "2026-03-01T01:00:00+02:00", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData(QuotaInterval.Week, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")]
    [InlineData(QuotaInterval.Week, "2026-03-01T23:59:59Z", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData(QuotaInterval.Week, "2026-01-01T00:00:00Z", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z")]
    [InlineData(QuotaInterval.Month, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z")]
    [InlineData(QuotaInterval.Month, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData(QuotaInterval.Year, "2026-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData(QuotaInterval.Period, "2026-03-01T00:00:00Z", "2026-02-17T08:30:00Z", "2026-03-17T08:30:00Z")]
    public void A_window_begins_and_ends_where_the_calendar_says(QuotaInterval interval, string at, string start, string end) =>
        LimitWindows.Of(interval, At(at), BillingPeriod).ShouldBe(new Period(At(start), At(end)));

    [Fact]
    public void What_stands_has_one_window_for_ever() =>
        LimitWindows.Of(QuotaInterval.Standing, At("2026-03-01T00:00:00Z"), BillingPeriod).ShouldBe(LimitWindows.Standing);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, null);
}
