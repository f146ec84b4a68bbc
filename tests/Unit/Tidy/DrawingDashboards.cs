using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>What an operator looks at: dashboards ask for metrics that are there, and say what each picture is of.</summary>
public sealed partial class DrawingDashboards
{
    private const string Folder = "deploy/grafana/";
    private const int Columns = 24;

    // What the runtime measures itself; LookingAtAReplica sees both in a scrape.
    private static readonly Dictionary<string, string[]> OfTheRuntime = new(StringComparer.Ordinal)
    {
        ["http_server_request_duration_seconds_count"] = ["http_response_status_code", "http_route"],
        ["http_server_request_duration_seconds_bucket"] = ["http_response_status_code", "http_route", "le"],
        ["dotnet_process_memory_working_set_bytes"] = [],
    };

    [Fact]
    public async Task Every_metric_and_label_of_a_picture_is_one_that_is_shown()
    {
        var shown = await MetricQueries.Shown();
        foreach (var (name, labels) in OfTheRuntime)
        {
            shown[name] = [.. labels];
        }

        var questions = Pictures().SelectMany(Questions).Select(one => (string)one["expr"]!).ToArray();

        questions.Length.ShouldBeGreaterThan(20);
        MetricQueries.Problems(questions, shown).ShouldBeEmpty();
    }

    [Fact]
    public void Every_picture_has_a_title_a_unit_and_a_place_of_its_own()
    {
        var taken = new HashSet<(int X, int Y)>();
        foreach (var picture in Pictures())
        {
            ((string?)picture["title"]).ShouldNotBeNullOrEmpty();
            ((string?)picture["fieldConfig"]!["defaults"]!["unit"]).ShouldNotBeNullOrEmpty();
            var place = picture["gridPos"]!;
            var (left, top) = ((int)place["x"]!, (int)place["y"]!);
            for (var x = left; x < left + (int)place["w"]!; x++)
            {
                x.ShouldBeLessThan(Columns);
                for (var y = top; y < top + (int)place["h"]!; y++)
                {
                    taken.Add((x, y)).ShouldBeTrue($"{picture["title"]} lies on another");
                }
            }
        }
    }

    [Fact]
    public void A_legend_names_labels_that_its_question_keeps()
    {
        foreach (var question in Pictures().SelectMany(Questions))
        {
            var legend = Placeholder().Matches((string)question["legendFormat"]!).Select(match => match.Groups["label"].Value);
            var kept = ((string)question["expr"]!).Split("by (").Skip(1)
                .SelectMany(part => part[..part.IndexOf(')', StringComparison.Ordinal)].Split(", "))
                .ToArray();

            legend.Where(label => !kept.Contains(label)).ShouldBeEmpty((string)question["expr"]!);
        }
    }

    private static IEnumerable<JsonNode> Pictures() => Repository.Files
        .Where(file => file.Path.StartsWith(Folder, StringComparison.Ordinal) && Path.GetExtension(file.Path) == ".json")
        .SelectMany(file => JsonNode.Parse(file.Text)!["panels"]!.AsArray())
        .Where(panel => (string?)panel!["type"] != "row")
        .Select(panel => panel!);

    private static IEnumerable<JsonNode> Questions(JsonNode picture) => picture["targets"]!.AsArray().Select(one => one!);

    [GeneratedRegex(@"\{\{(?<label>\w+)\}\}")]
    private static partial Regex Placeholder();
}
