using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages;

/// <summary>Which usage a list is narrowed to; what is null does not narrow it.</summary>
/// <param name="Meter">A meter's key.</param>
/// <param name="Where">Values of dimensions.</param>
/// <param name="From">The first instant of use.</param>
/// <param name="To">The first instant after.</param>
public sealed record UsageSearch(
    string? Meter, IReadOnlyList<KeyValuePair<string, string>> Where, DateTimeOffset? From, DateTimeOffset? To)
{
    private const char Is = ':';

    /// <summary>Whether it narrows anything.</summary>
    public bool IsAny => Meter is not null || Where.Count > 0 || From is not null || To is not null;

    /// <summary>The values asked for.</summary>
    public Dimensions Match => Dimensions.Of(Where);

    /// <summary>The time asked for; null where neither end is.</summary>
    public Period? Time => From is null && To is null
        ? null
        : new Period(From ?? DateTimeOffset.UnixEpoch, To ?? DateTimeOffset.MaxValue);

    /// <summary>The same as the address' query has it.</summary>
    public (string Name, string? Value)[] Fields =>
    [
        ("meter", Meter),
        .. Where.Select(pair => ("where", (string?)$"{pair.Key}{Is}{pair.Value}")),
        ("from", From is { } from ? Rfc3339.Format(from) : null),
        ("to", To is { } to ? Rfc3339.Format(to) : null),
    ];

    /// <summary>Reads the address; what it says twice or wrong is left out.</summary>
    public static UsageSearch Read(HttpRequest request) =>
        new(FormText.Of(request, "meter"), ReadWhere(request), Instant(request, "from"), Instant(request, "to"));

    /// <summary>The values of dimensions an address names: <c>where=model:gpt-4o</c>, as often as there are.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ReadWhere(HttpRequest request)
    {
        var where = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in request.Query["where"].OfType<string>().Take(Limits.UsageDimensions))
        {
            var end = text.IndexOf(Is, StringComparison.Ordinal);
            if (end > 0 && end < text.Length - 1 && text.Length <= Limits.SearchLettersMax)
            {
                where[text[..end]] = text[(end + 1)..];
            }
        }

        return [.. where];
    }

    private static DateTimeOffset? Instant(HttpRequest request, string name) =>
        DateTimeOffset.TryParse(
            FormText.Of(request, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant.ToUniversalTime()
            : null;
}
