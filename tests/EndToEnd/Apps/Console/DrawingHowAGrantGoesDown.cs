using Quoin.ConsolePages.BrowseCredit;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class DrawingHowAGrantGoesDown
{
    private static readonly DateTimeOffset Given = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Currency Dollar = Currency.Of("USD");

    [Fact]
    public void Steps_down_where_something_was_spent()
    {
        var picture = Draw(now: Given.AddHours(98), entries: [(0, 100), (49, 60)]);

        picture.Line.ShouldBe("M20 0H510V96H1000");
        picture.Area.ShouldBe("M20 0H510V96H1000V240H20Z");
        picture.HasFuture.ShouldBeFalse();
    }

    [Fact]
    public void Shows_an_expiry_that_is_near()
    {
        var picture = Draw(now: Given.AddDays(10), expires: Given.AddDays(20), entries: [(0, 100)]);

        picture.ExpiryLeft.ShouldBe("100");
        picture.HasFuture.ShouldBeTrue();
        picture.NowLeft.ShouldBe("50.98");
    }

    [Fact]
    public void Leaves_an_expiry_far_ahead_to_words()
    {
        var picture = Draw(now: Given.AddDays(1), expires: Given.AddDays(365), entries: [(0, 100)]);

        picture.ExpiryLeft.ShouldBeNull();
        picture.HasFuture.ShouldBeFalse();
    }

    [Fact]
    public void Goes_on_in_the_order_of_the_books_when_usage_comes_late()
    {
        var picture = Draw(now: Given.AddHours(98), entries: [(0, 100), (49, 60), (-5, 40)]);

        picture.Line.ShouldBe("M20 0H510V144H1000");
    }

    [Fact]
    public void Marks_values_in_whole_steps()
    {
        var picture = Draw(now: Given.AddDays(1), entries: [(0, 100)]);

        picture.Values.Select(mark => mark.Value.Micros / Money.MicrosPerUnit).ShouldBe([0, 50, 100]);
        picture.Values[1].Bottom.ShouldBe("50");
    }

    [Fact]
    public void Draws_a_grant_of_which_nothing_is_known_yet()
    {
        var picture = Draw(now: Given, entries: []);

        picture.Line.ShouldStartWith("M20 0");
    }

    private static BurnDown Draw(
        DateTimeOffset now, (int Hours, int Left)[] entries, DateTimeOffset? expires = null)
    {
        var left = entries is [.., var last] ? last.Left : 100;
        var terms = new GrantTerms(
            default, default, GrantSource.Promotional, 20, Units(100), null, expires, [], "Welcome", Given);
        var grant = new Grant(terms, GrantState.Open, Units(left), Units(0), Units(100 - left), EndedAt: null);
        var newest = entries.Reverse().Select(entry => new Entry(
            default,
            default,
            default,
            AccountKind.Grants,
            Units(0),
            Units(entry.Left),
            "usage_prepaid",
            "key",
            string.Empty,
            Given.AddHours(entry.Hours),
            now));
        return BurnDown.Of(grant, [.. newest], now, TimeZoneInfo.Utc);
    }

    private static Money Units(long units) => new(units * Money.MicrosPerUnit, Dollar);
}
