using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Quoin.ConsolePages.Shell;

/// <summary>
/// What the reader's browser says of itself, in a cookie its script keeps: how wide charts are to be drawn, and in
/// which time zone their hours are labelled. It changes how a page looks, never what it says.
/// </summary>
/// <param name="ChartWidth">CSS pixels.</param>
/// <param name="Zone">The reader's time zone; UTC until the browser has said one.</param>
public sealed record Viewer(int ChartWidth, TimeZoneInfo Zone)
{
    /// <summary>The cookie: <c>548|Europe/Berlin</c>.</summary>
    public const string Cookie = "quoin_view";

    /// <summary>What a request's cookie says; anything unreadable counts as unsaid.</summary>
    public static Viewer Of(HttpRequest request)
    {
        var parts = Uri.UnescapeDataString(request.Cookies[Cookie] ?? string.Empty).Split('|', 2);
        var isWidth = int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width);
        var zone = TimeZoneInfo.Utc;
        if (parts.Length == 2 && TimeZoneInfo.TryFindSystemTimeZoneById(parts[1], out var named))
        {
            zone = named;
        }

        return new Viewer(
            isWidth ? Math.Clamp(width, Limits.ChartWidthMin, Limits.ChartWidthMax) : Limits.ChartWidthDefault,
            zone);
    }
}
