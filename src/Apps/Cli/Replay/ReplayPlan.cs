namespace Quoin.Cli;

/// <summary>In which order a replay sends its rows, and which of them go together. Pure.</summary>
public static class ReplayPlan
{
    /// <summary>Indices of rows in the order they are sent.</summary>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="isTwice">Whether each row is sent twice: all again after the first time, or anywhere when shuffled.</param>
    /// <param name="shuffleSeed">Names one of the shuffled orders; null keeps the file's.</param>
    public static int[] Order(int rows, bool isTwice, int? shuffleSeed)
    {
        var order = new int[isTwice ? checked(rows * 2) : rows];
        for (var place = 0; place < order.Length; place++)
        {
            order[place] = place % rows;
        }

        if (shuffleSeed is { } seed)
        {
            new Random(seed).Shuffle(order);
        }

        return order;
    }

    /// <summary>When a row is sent, counted from the start, at so many times the trace's own pace.</summary>
    public static TimeSpan DueAfter(DateTimeOffset first, DateTimeOffset time, double speed) =>
        time <= first ? TimeSpan.Zero : (time - first) / speed;
}

/// <summary>Rows that travel in one request.</summary>
/// <param name="Number">Its place among the batches, from zero.</param>
/// <param name="Start">Its first place in the replay's order.</param>
/// <param name="Count">How many places it covers.</param>
public readonly record struct ReplayBatch(int Number, int Start, int Count);
