using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>What the address asks: everything the page shows follows from it.</summary>
/// <param name="Meter">A meter's key; null is all of them.</param>
/// <param name="By">
/// What is told apart: dimensions, or <see cref="ByMeter"/>; empty is nothing. Null is what suits the meter.
/// </param>
/// <param name="Where">Only usage with these values.</param>
/// <param name="Range">Which range.</param>
/// <param name="Step">In which steps.</param>
/// <param name="From">The first day of a range of the reader's own.</param>
/// <param name="To">Its last day.</param>
/// <param name="Zone">The zone whose days are meant.</param>
/// <param name="IsCompared">Whether with the time before.</param>
public sealed record UsageQuestion(
    string? Meter,
    IReadOnlyList<string>? By,
    IReadOnlyList<KeyValuePair<string, string>> Where,
    string? Range,
    string? Step,
    string? From,
    string? To,
    TimeZoneInfo Zone,
    bool IsCompared)
{
    /// <summary>Tells meters apart.</summary>
    public const string ByMeter = "meter";

    private const string Nothing = "none";
    private const char Between = ',';
    private const char Is = ':';

    /// <summary>The values asked for.</summary>
    public Dimensions Match => Dimensions.Of(Where);

    /// <summary>The same as the address' query has it.</summary>
    public (string Name, string? Value)[] Fields =>
    [
        ("meter", Meter),
        ("by", By is null ? null : By.Count == 0 ? Nothing : string.Join(Between, By)),
        .. Where.Select(pair => ("where", (string?)$"{pair.Key}{Is}{pair.Value}")),
        ("range", Range),
        ("step", Step),
        ("from", Range == UsageRange.Custom ? From : null),
        ("to", Range == UsageRange.Custom ? To : null),
        ("zone", Zone.Id),
        ("compare", IsCompared ? "before" : null),
    ];

    /// <summary>Reads the address; what it says twice or wrong is left out.</summary>
    public static UsageQuestion Read(HttpRequest request, Viewer viewer)
    {
        var by = FormText.Of(request, "by");
        var where = UsageSearch.ReadWhere(request);

        // A form without a script cannot put two fields into one.
        if (FormText.Of(request, "dimension") is { } name && FormText.Of(request, "value") is { } value)
        {
            where = [.. where.Where(pair => pair.Key != name), new(name, value)];
        }

        return new UsageQuestion(
            FormText.Of(request, "meter"),
            by is null ? null : by == Nothing ? [] : [.. by.Split(Between).Distinct().Take(Limits.UsageDimensions)],
            [.. where.Take(Limits.UsageDimensions)],
            FormText.Of(request, "range"),
            FormText.Of(request, "step"),
            FormText.Of(request, "from"),
            FormText.Of(request, "to"),
            TimeZoneInfo.TryFindSystemTimeZoneById(FormText.Of(request, "zone") ?? string.Empty, out var zone) ? zone : viewer.Zone,
            FormText.Of(request, "compare") is not null);
    }

    /// <summary>With one value more asked for, or another one of the same dimension.</summary>
    public UsageQuestion Only(string dimension, string value) =>
        this with { Where = [.. Where.Where(pair => pair.Key != dimension), new(dimension, value)] };

    /// <summary>With one dimension told apart that was not, or the other way round.</summary>
    /// <param name="dimension">Which.</param>
    /// <param name="shown">What is told apart now.</param>
    public UsageQuestion Toggle(string dimension, IReadOnlyList<string> shown) => this with
    {
        By = shown.Contains(dimension)
            ? [.. shown.Where(one => one != dimension)]
            : [.. shown.TakeLast(Limits.UsageGroupings - 1), dimension],
    };
}
