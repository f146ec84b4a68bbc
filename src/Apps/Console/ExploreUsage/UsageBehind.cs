using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>Names what lies behind a number of the explorer, as the addresses of lists have it.</summary>
public static class UsageBehind
{
    /// <summary>The query of a list of rated lines, or of events.</summary>
    /// <param name="found">What the number stands in.</param>
    /// <param name="time">Used in this time.</param>
    /// <param name="meter">Of this meter, where the question names none.</param>
    /// <param name="values">With these values, beside those of the question.</param>
    public static (string Name, string? Value)[] Fields(
        Exploration found, Period time, string? meter, IReadOnlyList<KeyValuePair<string, string>> values) =>
    [
        ("meter", found.Meter?.Key ?? meter),
        .. found.Question.Where
            .Where(pair => values.All(one => one.Key != pair.Key))
            .Concat(values)
            .Select(pair => ("where", (string?)$"{pair.Key}:{pair.Value}")),
        ("from", Rfc3339.Format(time.Start)),
        ("to", Rfc3339.Format(time.End)),
    ];
}
