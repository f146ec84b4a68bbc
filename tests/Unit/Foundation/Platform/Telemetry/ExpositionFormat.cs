using System.Globalization;
using System.Text.RegularExpressions;

namespace Quoin.Tests.Unit.Foundation.Platform.Telemetry;

/// <summary>
/// The rules of Prometheus' text format 0.0.4, read from its documentation and not from our writer:
/// https://prometheus.io/docs/instrumenting/exposition_formats/.
/// </summary>
internal static partial class ExpositionFormat
{
    /// <summary>What breaks the rules; nothing when all is well.</summary>
    public static List<string> Check(string text)
    {
        var wrong = new List<string>();
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var series = new HashSet<string>(StringComparer.Ordinal);
        var finished = new HashSet<string>(StringComparer.Ordinal);
        var current = "";
        if (!text.EndsWith('\n'))
        {
            wrong.Add("The last line does not end.");
        }

        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                continue;
            }

            if (TypeLine().Match(line) is { Success: true } type)
            {
                finished.Add(current);
                current = type.Groups["name"].Value;
                if (!types.TryAdd(current, type.Groups["type"].Value) || finished.Contains(current))
                {
                    wrong.Add($"{current} has two groups of lines.");
                }

                continue;
            }

            var sample = SampleLine().Match(line);
            if (!sample.Success)
            {
                wrong.Add($"Not a sample: {line}");
                continue;
            }

            Sample(line, sample, current, types, series, wrong);
        }

        Histograms(text, types, wrong);
        return wrong;
    }

    private static void Sample(
        string line, Match sample, string current, Dictionary<string, string> types, HashSet<string> series, List<string> wrong)
    {
        var name = sample.Groups["name"].Value;
        var belongs = name == current
            || (types.GetValueOrDefault(current) == "histogram" && name.StartsWith(current, StringComparison.Ordinal)
                && name[current.Length..] is "_bucket" or "_sum" or "_count");
        if (!belongs)
        {
            wrong.Add($"{line} stands under {current}.");
        }

        if (!series.Add(line[..line.LastIndexOf(' ')]))
        {
            wrong.Add($"Twice: {line}");
        }

        var labels = Label().Matches(sample.Groups["labels"].Value).Select(label => label.Groups["name"].Value).ToList();
        if (labels.Distinct().Count() != labels.Count || labels.Exists(label => label.StartsWith("__", StringComparison.Ordinal)))
        {
            wrong.Add($"Labels doubled or reserved: {line}");
        }

        var value = sample.Groups["value"].Value;
        if (value is not ("+Inf" or "-Inf" or "NaN") && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            wrong.Add($"Not a number: {line}");
        }
    }

    private static void Histograms(string text, Dictionary<string, string> types, List<string> wrong)
    {
        foreach (var (name, _) in types.Where(type => type.Value == "histogram"))
        {
            var buckets = text.Split('\n')
                .Where(line => line.StartsWith(name + "_bucket{", StringComparison.Ordinal))
                .Select(line => BucketLine().Match(line))
                .GroupBy(match => match.Groups["labels"].Value);
            foreach (var one in buckets)
            {
                var bounds = one.Select(match => Bound(match.Groups["le"].Value)).ToList();
                var counts = one
                    .Select(match => long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture))
                    .ToList();
                var rises = bounds.SequenceEqual(bounds.Order()) && counts.SequenceEqual(counts.Order());
                if (!rises || !double.IsPositiveInfinity(bounds[^1]))
                {
                    wrong.Add($"{name}{{{one.Key}}} does not rise to +Inf.");
                }

                var labels = one.Key.TrimEnd(',');
                var count = labels.Length == 0 ? $"{name}_count {counts[^1]}\n" : $"{name}_count{{{labels}}} {counts[^1]}\n";
                if (!text.Contains(count, StringComparison.Ordinal))
                {
                    wrong.Add($"{name}{{{labels}}} has a count that is not its last bucket.");
                }
            }
        }
    }

    private static double Bound(string text) =>
        text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram|summary|untyped)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"""
        + """(\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*",?)*)\})? (?<value>\S+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]|\\[\\"n])*",?""")]
    private static partial Regex Label();

    [GeneratedRegex("""_bucket\{(?<labels>.*)le="(?<le>[^"]+)"\} (?<count>\d+)$""")]
    private static partial Regex BucketLine();
}
