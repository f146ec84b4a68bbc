using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.Http;

public sealed class TurningPages
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Leads_through_a_list_once_and_completely()
    {
        var list = Enumerable.Range(0, 23).Select(number => (At: Noon.AddSeconds(number / 4), Number: (long)number)).ToList();
        var limit = new PageLimit(5);
        var seen = new List<long>();

        Cursor<(DateTimeOffset At, long Number)>? cursor = null;
        do
        {
            var after = list.Where(row => cursor is null || row.CompareTo(cursor.Keys) > 0).Take(limit.RowsToFetch).ToList();
            var page = Page.Of(after, limit, row => (row.At, row.Number));
            seen.AddRange(page.Data.Select(row => row.Number));
            cursor = page.NextCursor is null ? null : Cursor<(DateTimeOffset At, long Number)>.Read(page.NextCursor);
        }
        while (cursor is not null);

        seen.ShouldBe(list.Select(row => row.Number));
    }

    [Fact]
    public void Ends_without_a_cursor_when_the_last_page_is_exactly_full()
    {
        var page = Page.Of([1, 2, 3], new PageLimit(3), row => row);

        page.Data.ShouldBe([1, 2, 3]);
        page.NextCursor.ShouldBeNull();
    }

    [Fact]
    public void A_limit_nobody_gave_is_fifty()
    {
        default(PageLimit).Rows.ShouldBe(50);
        Should.Throw<ArgumentOutOfRangeException>(() => new PageLimit(0));
        Should.Throw<ArgumentOutOfRangeException>(() => new PageLimit(501));
    }

    [Fact]
    public void A_cursor_brings_back_keys_of_every_kind()
    {
        var keys = (Noon, OrgId.From(new Guid("019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b")), "gpt-ö", 42L, -1, Guid.Empty);
        Cursor<(DateTimeOffset, OrgId, string, long, int, Guid)>.Read(CursorOf(keys).ToString())!.Keys.ShouldBe(keys);
        Cursor<string>.Read(CursorOf("m").ToString())!.Keys.ShouldBe("m");
    }

    [Fact]
    public void A_cursor_of_a_list_with_other_keys_is_refused()
    {
        var ofNumbers = CursorOf((Noon, 1L)).ToString();

        Cursor<(DateTimeOffset, Guid)>.Read(ofNumbers).ShouldBeNull();
        Cursor<(long, DateTimeOffset)>.Read(ofNumbers).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("AAAAAAAAAAAA")]
    public void A_cursor_that_nobody_gave_out_is_refused(string text)
    {
        Cursor<(DateTimeOffset, long)>.Read(text).ShouldBeNull();
    }

    [Fact]
    public void A_cursor_with_one_letter_changed_is_refused()
    {
        var text = CursorOf((Noon, 1234567890123L)).ToString();
        var changes = from index in Gen.Choose(0, text.Length - 1)
                      from letter in Gen.Elements("ABCxyz019-_".ToCharArray())
                      where text[index] != letter
                      select text[..index] + letter + text[(index + 1)..];

        Prop.ForAll(changes.ToArbitrary(), changed => Cursor<(DateTimeOffset, long)>.Read(changed) is null).QuickCheckThrowOnFailure();
    }

    private static Cursor<TKeys> CursorOf<TKeys>(TKeys keys)
        where TKeys : notnull => new(keys);
}
