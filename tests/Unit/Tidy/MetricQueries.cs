using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>Which metrics there are, and what is wrong with questions about them in PromQL.</summary>
internal static partial class MetricQueries
{
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "sum", "max", "by", "rate", "increase", "histogram_quantile", "unless", "or", "offset", "topk",
    };

    /// <summary>Metrics and labels that questions ask for and nobody shows.</summary>
    public static IEnumerable<string> Problems(IEnumerable<string> questions, Dictionary<string, HashSet<string>> shown) =>
        from question in questions
        from problem in ProblemsOf(question, shown)
        select $"{problem} in {question}";

    /// <summary>
    /// Names of what a scrape shows, with the labels of each: every instrument of the source is made, measured with the labels
    /// its file gives, and read back.
    /// </summary>
    public static async Task<Dictionary<string, HashSet<string>>> Shown()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var metrics = new PrometheusMetrics(meters, NullLogger<PrometheusMetrics>.Instance);
        await metrics.StartAsync(CancellationToken.None);
        foreach (var file in Repository.Code.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            foreach (Match made in Instrument().Matches(file.Text))
            {
                var labels = Tag().Matches(file.Text).Select(match => match.Groups["name"].Value).Distinct();
                Measure(meters.Create(Owner().Match(file.Text).Value), made, labels);
            }
        }

        var shown = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var line in metrics.Collect().Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var series = Selector().Match(line);
            shown.TryAdd(series.Groups["name"].Value, []);
            shown[series.Groups["name"].Value].UnionWith(
                Label().Matches(series.Groups["labels"].Value).Select(match => match.Groups["name"].Value));
        }

        return shown;
    }

    private static IEnumerable<string> ProblemsOf(string expression, Dictionary<string, HashSet<string>> shown)
    {
        var grouped = Grouping().Matches(expression).SelectMany(match => match.Groups["labels"].Value.Split(", ")).ToArray();
        var bare = Grouping().Replace(expression, " ");
        var metrics = Selector().Matches(Window().Replace(bare, ""))
            .Select(match => (Name: match.Groups["name"].Value, Labels: Label().Matches(match.Groups["labels"].Value)))
            .Where(metric => !Words.Contains(metric.Name))
            .ToArray();
        foreach (var (name, labels) in metrics)
        {
            if (!shown.TryGetValue(name, out var known))
            {
                yield return name;
                continue;
            }

            foreach (var label in labels.Select(match => match.Groups["name"].Value).Where(label => !known.Contains(label)))
            {
                yield return $"{name}{{{label}}}";
            }
        }

        // Prometheus itself says which instance it scraped.
        foreach (var label in grouped.Where(label =>
            label != "instance" && !metrics.All(metric => shown.GetValueOrDefault(metric.Name)?.Contains(label) == true)))
        {
            yield return $"by ({label})";
        }
    }

    private static void Measure(Meter meter, Match made, IEnumerable<string> labels)
    {
        var (name, unit) = (made.Groups["name"].Value, made.Groups["unit"] is { Success: true, Value: var found } ? found : null);
        var tags = labels.Select(label => new KeyValuePair<string, object?>(label, "x")).ToArray();
        switch (made.Groups["kind"].Value)
        {
            case "Counter":
                meter.CreateCounter<long>(name, unit).Add(1, tags);
                break;
            case "Histogram":
                meter.CreateHistogram<double>(name, unit).Record(1, tags);
                break;
            default:
                meter.CreateObservableGauge(name, () => new Measurement<long>(1, tags), unit);
                break;
        }
    }

    [GeneratedRegex(@"\bby \((?<labels>[\w, ]+)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\[\w+\]|\boffset \w+")]
    private static partial Regex Window();

    [GeneratedRegex(@"(?<![\w""])(?<name>[a-z][a-z_]*(?::[\w:]+)?)(?:\{(?<labels>[^}]*)\})?(?![\w""])")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(?<name>\w+)(?:=~?|!=|!~)""")]
    private static partial Regex Label();

    [GeneratedRegex(
        @"Create(?<kind>Counter|Histogram|ObservableGauge)(?:<\w+>)?\(\s*""(?<name>[\w.]+)"""
        + @"(?:[^;]*?""(?<unit>s|By|KiBy|\{\w+\})"")?[^;]*?\);")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"(?<="")Quoin\.\w+(?="")")]
    private static partial Regex Owner();

    [GeneratedRegex(@"(?:KeyValuePair<string, object\?>|\bnew|\bWith)\((?:[\w()]+, )?""(?<name>[\w.]+)"",")]
    private static partial Regex Tag();
}
