using System.Globalization;

namespace Quoin.ConsolePages.Overview;

/// <summary>
/// What a page shows already; it says so when it asks for news. So no replica has to remember who has seen what, and
/// any of them may answer.
/// </summary>
/// <param name="Now">The tag of the balances and newest things it shows.</param>
/// <param name="Charts">The tag they had when its charts were drawn.</param>
/// <param name="ChartsAt">When that was.</param>
/// <param name="ChartWidth">How wide they were drawn.</param>
public sealed record Seen(string Now, string Charts, DateTimeOffset ChartsAt, int ChartWidth)
{
    /// <summary>Nothing yet.</summary>
    public static Seen Nothing { get; } = new(string.Empty, string.Empty, DateTimeOffset.UnixEpoch, 0);

    /// <summary>Reads <see cref="ToString"/>; anything else has seen nothing.</summary>
    public static Seen Read(string? text) => text?.Split('.') is [var now, var charts, var at, var width]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var pixels)
            ? new Seen(now, charts, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), pixels)
            : Nothing;

    /// <summary>Whether charts are drawn again.</summary>
    /// <param name="tag">What there is to see now.</param>
    /// <param name="width">How wide the page's charts are.</param>
    /// <param name="now">The time.</param>
    public bool WantsCharts(string tag, int width, DateTimeOffset now) =>
        width != ChartWidth
        || (tag != Charts && now - ChartsAt >= Limits.ChartsEvery)
        || now - ChartsAt >= Limits.ChartsAtLeastEvery;

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Now}.{Charts}.{ChartsAt.ToUnixTimeMilliseconds()}.{ChartWidth}");
}
