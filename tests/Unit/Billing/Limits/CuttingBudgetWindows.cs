using Quoin.Kernel;
using Quoin.Limiting;

namespace Quoin.Tests.Unit.Billing.Limiting;

public sealed class CuttingBudgetWindows
{
    private static readonly DateTimeOffset Start = new(2026, 3, 11, 9, 30, 0, TimeSpan.Zero);
    private static readonly Period Billing = new(Start.AddDays(-5), Start.AddDays(25));

    [Theory]
    [InlineData("day", "2026-03-12T00:00:00Z", "2026-03-13T00:00:00Z")]
    [InlineData("week", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z")]
    [InlineData("month", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData("year", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("billing_period", "2026-03-06T09:30:00Z", "2026-04-05T09:30:00Z")]
    [InlineData("24h", "2026-03-12T09:30:00Z", "2026-03-13T09:30:00Z")]
    [InlineData("1d", "2026-03-12T09:30:00Z", "2026-03-13T09:30:00Z")]
    [InlineData("90m", "2026-03-12T09:30:00Z", "2026-03-12T11:00:00Z")]
    public void The_window_that_holds_an_instant_begins_and_ends(string text, string from, string to)
    {
        var window = BudgetWindow.Parse(text)!.At(Start.AddDays(1).AddMinutes(20), Start, Billing);

        window.ShouldBe(new Period(DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(to, null)));
    }

    [Theory]
    [InlineData("60s", "1m")]
    [InlineData("90s", "90s")]
    [InlineData("3600s", "1h")]
    [InlineData("48h", "2d")]
    [InlineData("total", "total")]
    public void A_window_has_one_text(string text, string canonical)
    {
        BudgetWindow.Parse(text)!.ToString().ShouldBe(canonical);
        BudgetWindow.Parse(canonical).ShouldBe(BudgetWindow.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("0s")]
    [InlineData("-1d")]
    [InlineData("1w")]
    [InlineData("every")]
    [InlineData("3661d")]
    [InlineData("2147483647d")]
    public void Other_text_is_no_window(string text) => BudgetWindow.Parse(text).ShouldBeNull();
}
