using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Quoin.Platform;

/// <summary>
/// Names as Prometheus has them: <c>http.server.request.duration</c> in <c>s</c> is
/// <c>http_server_request_duration_seconds</c>. Follows OpenTelemetry's "Prometheus and OpenMetrics compatibility".
/// </summary>
internal static partial class MetricName
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["%"] = "percent",
    };

    /// <summary>The name of a metric, with its unit and, for counters, <c>_total</c>.</summary>
    public static string Of(string name, string? unit, MetricKind kind)
    {
        var text = Letters(name, withColon: true);
        var suffix = Suffix(unit, kind);
        if (suffix.Length > 0 && !text.EndsWith(suffix, StringComparison.Ordinal))
        {
            text = $"{text}_{suffix}";
        }

        return kind == MetricKind.Counter && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    /// <summary>The name of a label. <c>le</c> belongs to buckets, two leading underscores to Prometheus.</summary>
    public static string OfLabel(string name)
    {
        var text = Letters(name, withColon: false).TrimStart('_');
        return text switch
        {
            "" => "label",
            "le" => "exported_le",
            _ when char.IsAsciiDigit(text[0]) => "_" + text,
            _ => text,
        };
    }

    /// <summary>A value as Prometheus reads it.</summary>
    public static string OfValue(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Suffix(string? unit, MetricKind kind)
    {
        if (string.IsNullOrEmpty(unit))
        {
            return "";
        }

        if (unit == "1")
        {
            return kind == MetricKind.Gauge ? "ratio" : "";
        }

        // {request} only annotates a count; By/s is bytes_per_second.
        var bare = Annotation().Replace(unit, "").Split('/', 2);
        var counted = bare[0].Length == 0 ? "" : Word(bare[0]);
        var per = bare.Length == 1 || bare[1].Length == 0 ? "" : "per_" + Word(bare[1]).TrimEnd('s');
        return (counted + "_" + per).Trim('_');
    }

    private static string Word(string unit) => Units.GetValueOrDefault(unit, Letters(unit, withColon: false));

    private static string Letters(string text, bool withColon)
    {
        var letters = new StringBuilder(text.Length + 1);
        foreach (var letter in text)
        {
            letters.Append(char.IsAsciiLetterOrDigit(letter) || (withColon && letter == ':') ? letter : '_');
        }

        return letters.Length > 0 && char.IsAsciiDigit(letters[0]) && withColon ? "_" + letters : letters.ToString();
    }

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Annotation();
}

/// <summary>What Prometheus knows.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts by size.</summary>
    Histogram,
}
