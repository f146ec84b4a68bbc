using System.Text.RegularExpressions;

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
        var shown = await MetricQueries.Shown();
        shown.Add(Recorded, ["code", "about"]);

        MetricQueries.Problems(Expressions(), shown).ShouldBeEmpty();
    }

    /// <summary>A rule about a pump that has another name now would never wake anybody.</summary>
    [Fact]
    public void Every_pump_a_rule_names_is_one_that_runs()
    {
        var named = Pump().Matches(Repository.File(Rules).Text).Select(match => match.Groups["name"].Value).Distinct().ToArray();

        named.Length.ShouldBeGreaterThan(2);
        named.ShouldAllBe(name => Repository.Code.Any(file =>
            file.Path.StartsWith("src/", StringComparison.Ordinal)
            && file.Text.Contains($" = \"{name}\";", StringComparison.Ordinal)));
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

    private sealed record Alert(string Name, Dictionary<string, string> Annotations);

    [GeneratedRegex("BILLING_[A-Z0-9_]+")]
    private static partial Regex Code();

    [GeneratedRegex(@"^ {10}(?<name>\w+): ""?(?<text>[^""\n]+)""?$", RegexOptions.Multiline)]
    private static partial Regex Annotation();

    [GeneratedRegex(@"expr: (?:[>|]-\n(?<text>(?: {10}.+\n)+)|(?<text>.+)\n)")]
    private static partial Regex Expression();

    [GeneratedRegex(@"pump=""(?<name>[\w.]+)""")]
    private static partial Regex Pump();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(
        @"(?:operating|payments|api)\.Map(?:Post|Put|Delete)\("
        + @"""(?:/payments)?(?<act>/(?:[a-z-]+)(?:/\{\w+\})?(?:/[a-z-]+)?)""")]
    private static partial Regex Operating();
}
