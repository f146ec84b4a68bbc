using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>
/// What wakes an operator, and what they read then: alerts ask for metrics that are there, and lead to a page that says what
/// to do; pages have one shape.
/// </summary>
public sealed partial class AlertingOperators
{
    private const string Rules = "deploy/alerts.yaml";
    private const string Runbooks = "docs/runbooks/";
    private const string Recorded = "quoin:payments_guardrail_events:15m";

    private static readonly string[] Sections = ["## When", "## Look first", "## Do", "## Verify", "## Undo"];

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "sum", "max", "by", "rate", "increase", "histogram_quantile", "unless", "or", "offset",
    };

    [Fact]
    public void Every_alert_says_what_happened_what_to_do_and_where_that_is_written()
    {
        foreach (var alert in Alerts())
        {
            alert.Annotations.Keys.ToArray().ShouldBe(["summary", "action", "runbook"], customMessage: alert.Name);
            alert.Annotations.Values.ShouldAllBe(text => text.Length > 10);
            Pages().ShouldContain(alert.Annotations["runbook"]);
        }
    }

    [Fact]
    public async Task Every_metric_and_label_of_a_rule_is_one_that_is_shown()
    {
        var shown = await Shown();
        shown.Add(Recorded, ["code", "about"]);

        var unknown = from rule in Expressions()
                      from problem in Problems(rule, shown)
                      select $"{problem} in {rule}";

        unknown.ShouldBeEmpty();
    }

    [Fact]
    public void Every_guardrail_has_an_alert_and_is_looked_for_by_a_test()
    {
        var codes = Code().Matches(Repository.File("src/Billing/Payments/Internal/Guardrails.cs").Text)
            .Select(match => match.Value).Distinct().ToArray();
        var alerts = Code().Matches(Repository.File(Rules).Text).Select(match => match.Value).Distinct();
        var tests = Repository.Files
            .Where(file => file.Path.StartsWith("tests/Database/", StringComparison.Ordinal))
            .SelectMany(file => Code().Matches(file.Text).Select(match => match.Value))
            .ToHashSet(StringComparer.Ordinal);

        codes.Length.ShouldBeGreaterThan(30);
        alerts.ShouldBe(codes, ignoreOrder: true);
        codes.Where(code => !tests.Contains(code)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_runbook_has_one_shape_and_stands_in_the_index()
    {
        var index = Repository.File(Runbooks + "README.md").Text;
        foreach (var page in Pages())
        {
            var sections = Repository.File(page).Lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal));
            sections.ShouldBe(Sections, customMessage: page);
            index.ShouldContain($"({page[Runbooks.Length..]})", customMessage: page);
        }
    }

    /// <summary>An operator's action is an endpoint that writes below <c>/v1/payments</c>.</summary>
    [Fact]
    public void Every_action_of_an_operator_on_payments_stands_in_a_runbook()
    {
        var pages = string.Concat(Pages().Select(page => Repository.File(page).Text));
        var acts = Repository.Files
            .Where(file => file.Path.StartsWith("src/Billing/Payments/PaymentsModule", StringComparison.Ordinal))
            .SelectMany(file => Operating().Matches(file.Text))
            .Select(match => match.Groups["act"].Value)
            .Where(act => act.Split('/')[1] is not ("billing" or "webhooks"))
            .ToArray();

        acts.Length.ShouldBeGreaterThan(10);
        acts.Where(act => !Regex.IsMatch(pages, "/v1/payments" + Placeholder().Replace(act, "\\w+_…"))).ShouldBeEmpty();
    }

    private static IEnumerable<string> Pages() => Repository.Files
        .Select(file => file.Path)
        .Where(path => path.StartsWith(Runbooks, StringComparison.Ordinal) && !path.EndsWith("/README.md", StringComparison.Ordinal));

    private static IEnumerable<Alert> Alerts() => Repository.File(Rules).Text
        .Split("- alert: ")
        .Skip(1)
        .Select(text => new Alert(
            text[..text.IndexOf('\n', StringComparison.Ordinal)],
            Annotation().Matches(text).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["text"].Value)));

    // An expression stands on its line, or below it, deeper.
    private static IEnumerable<string> Expressions() => Expression().Matches(Repository.File(Rules).Text)
        .Select(match => Blanks().Replace(match.Groups["text"].Value, " ").Trim());

    private static IEnumerable<string> Problems(string expression, Dictionary<string, HashSet<string>> shown)
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

    // Each instrument of the source is made, measured with the labels its file gives, and read back as a scrape has it.
    private static async Task<Dictionary<string, HashSet<string>>> Shown()
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

    private sealed record Alert(string Name, Dictionary<string, string> Annotations);

    [GeneratedRegex("BILLING_[A-Z0-9_]+")]
    private static partial Regex Code();

    [GeneratedRegex(@"^ {10}(?<name>\w+): ""?(?<text>[^""\n]+)""?$", RegexOptions.Multiline)]
    private static partial Regex Annotation();

    [GeneratedRegex(@"expr: (?:[>|]-\n(?<text>(?: {10}.+\n)+)|(?<text>.+)\n)")]
    private static partial Regex Expression();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\bby \((?<labels>[\w, ]+)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\[\w+\]|\boffset \w+")]
    private static partial Regex Window();

    [GeneratedRegex(@"(?<![\w""])(?<name>[a-z][a-z_]*(?::[\w:]+)?)(?:\{(?<labels>[^}]*)\})?(?![\w""])")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(?<name>\w+)=~?""")]
    private static partial Regex Label();

    [GeneratedRegex(
        @"Create(?<kind>Counter|Histogram|ObservableGauge)(?:<\w+>)?\(\s*""(?<name>[\w.]+)"""
        + @"(?:[^;]*?""(?<unit>s|By|KiBy|\{\w+\})"")?[^;]*?\);")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"(?<="")Quoin\.\w+(?="")")]
    private static partial Regex Owner();

    [GeneratedRegex(@"(?:KeyValuePair<string, object\?>|\bnew)\(""(?<name>\w+)"",")]
    private static partial Regex Tag();

    [GeneratedRegex(
        @"(?:operating|payments|api)\.Map(?:Post|Put|Delete)\("
        + @"""(?:/payments)?(?<act>/(?:[a-z-]+)(?:/\{\w+\})?(?:/[a-z-]+)?)""")]
    private static partial Regex Operating();
}
