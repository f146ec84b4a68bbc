namespace Quoin.Platform;

/// <summary>One page of a list: <c>{"data":[…],"next_cursor":"…"}</c>.</summary>
/// <typeparam name="T">A row, in its outside form.</typeparam>
/// <param name="Data">The rows, in the list's order.</param>
/// <param name="NextCursor">Passed as <c>cursor</c> it gives the next page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>Making pages from rows.</summary>
public static class Page
{
    /// <summary>
    /// A page from rows that were fetched with <see cref="PageLimit.RowsToFetch"/>: the one row too many tells that
    /// there is more, without counting.
    /// </summary>
    /// <param name="rows">The rows in order, at most one more than the limit.</param>
    /// <param name="limit">The limit the caller asked for.</param>
    /// <param name="keysOf">The keys the list is ordered by, of one row.</param>
    public static Page<TRow> Of<TRow, TKeys>(IReadOnlyList<TRow> rows, PageLimit limit, Func<TRow, TKeys> keysOf)
        where TKeys : notnull =>
        Of(rows, limit, keysOf, row => row);

    /// <summary>As the other, turning each row into its outside form.</summary>
    public static Page<TOut> Of<TRow, TKeys, TOut>(
        IReadOnlyList<TRow> rows,
        PageLimit limit,
        Func<TRow, TKeys> keysOf,
        Func<TRow, TOut> shown)
        where TKeys : notnull
    {
        var isLast = rows.Count <= limit.Rows;
        var data = rows.Take(limit.Rows).Select(shown).ToList();
        return new Page<TOut>(data, isLast ? null : new Cursor<TKeys>(keysOf(rows[limit.Rows - 1])).ToString());
    }
}

/// <summary>How many rows a page may have: 1 to 500, 50 where the caller does not say.</summary>
public readonly record struct PageLimit
{
    /// <summary>Where the caller does not say: a screenful.</summary>
    public const int RowsDefault = 50;

    /// <summary>The largest page: an answer stays below a megabyte, a query below a few milliseconds.</summary>
    public const int RowsMax = 500;

    private readonly int rows;

    /// <summary>A limit of so many rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not between 1 and 500.</exception>
    public PageLimit(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, RowsMax);
        this.rows = rows;
    }

    /// <summary>The rows the page has at most; a default limit has <see cref="RowsDefault"/>.</summary>
    public int Rows => rows == 0 ? RowsDefault : rows;

    /// <summary>What the query fetches: one more than the page has.</summary>
    public int RowsToFetch => Rows + 1;
}
