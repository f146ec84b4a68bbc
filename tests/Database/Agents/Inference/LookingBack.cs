using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Quoin.Inference;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>What customers read of their calls: a list, sums over time, a file.</summary>
public sealed class LookingBack(Gateway gateway) : IClassFixture<Gateway>
{
    private static readonly ModelUsage Used = new() { InputTokens = 80, OutputTokens = 20, Requests = 1 };

    [Fact]
    public async Task The_history_goes_on_where_the_page_ended()
    {
        var acme = await gateway.Customer();
        var calls = new List<ModelCall>();
        for (var number = 0; number < 3; number++)
        {
            calls.Add(await acme.Use(Used));
            gateway.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var first = await acme.Client.GetJson("/v1/usage/history?limit=2");
        var second = await acme.Client.GetJson($"/v1/usage/history?limit=2&cursor={first["next_cursor"]}");

        first["data"]!.AsArray().Select(item => (string)item!["request_id"]!)
            .ShouldBe([calls[2].Id.ToString(), calls[1].Id.ToString()]);
        var last = second["data"]!.AsArray().Single()!;
        ((string)last["request_id"]!, (long)last["prompt_tokens"]!, (string)last["cost_micros"]!, (string)last["billing_status"]!)
            .ShouldBe((calls[0].Id.ToString(), 80L, "400", "charged"));
        second["next_cursor"].ShouldBeNull();
    }

    [Fact]
    public async Task A_summary_has_every_step_the_totals_and_the_range_before()
    {
        var acme = await gateway.Customer();
        await acme.Use(Used);
        gateway.Clock.Advance(TimeSpan.FromHours(3));
        var from = gateway.Clock.GetUtcNow().AddHours(-2);
        await acme.Use(Used);
        await acme.Use(Used, Gateway.Claude);
        gateway.Clock.Advance(TimeSpan.FromMinutes(1));

        var summary = await acme.Client.GetJson($"/v1/usage/summary?from={Text(from)}&to={Text(from.AddHours(3))}&step=hour&group_by=key");
        var refused = await acme.Client.GetAsync($"/v1/usage/summary?from={Text(from)}&to={Text(from.AddDays(2))}&step=minutes5");

        ((long)summary["totals"]!["requests"]!, (string)summary["totals"]!["costs"]![0]!["micros"]!).ShouldBe((2L, "940"));
        ((long)summary["previous"]!["requests"]!).ShouldBe(1);
        var series = summary["series"]!.AsArray().Single()!;
        ((string)series["name"]!).ShouldBe(acme.Key);
        series["points"]!.AsArray().Select(point => (long)point!["totals"]!["requests"]!).Order().ShouldBe([0, 0, 2]);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_summary_and_a_list_are_of_the_session_the_tag_and_the_team_that_are_asked_for()
    {
        var acme = await gateway.Customer();
        var made = await gateway.Operator.SendAs(
            HttpMethod.Post, "/v1/inference/keys", acme.Org, """{"label":"support","rules":{"team":"support","tags":["beta"]}}""");
        var created = JsonNode.Parse(await made.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        var support = acme.With((string)created["virtual_key"]!["key"]!["id"]!);
        await acme.Use(Used);
        var theirs = await support.Use(Used);
        gateway.Clock.Advance(TimeSpan.FromMinutes(1));

        async Task<long> Requests(string filter) =>
            (long)(await acme.Client.GetJson($"/v1/usage/summary?{filter}"))["totals"]!["requests"]!;

        (await Requests("team=support"), await Requests("team=other"), await Requests("tag=beta"), await Requests("tag=alpha"))
            .ShouldBe((1L, 0L, 1L, 0L));
        (await Requests("session=session-1"), await Requests("session=session-1&tag=beta"), await Requests("session=other"))
            .ShouldBe((2L, 1L, 0L));
        (await acme.Client.GetJson("/v1/requests?tag=beta"))["data"]!.AsArray()
            .Select(request => (string)request!["id"]!).ShouldBe([theirs.Id.ToString()]);
    }

    [Fact]
    public async Task A_summary_tells_teams_and_tags_apart_and_counts_each_call_once()
    {
        var acme = await gateway.Customer();
        var made = await gateway.Operator.SendAs(
            HttpMethod.Post,
            "/v1/inference/keys",
            acme.Org,
            """{"label":"support","rules":{"team":"support","tags":["beta","night"]}}""");
        var created = JsonNode.Parse(await made.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        var support = acme.With((string)created["virtual_key"]!["key"]!["id"]!);
        await acme.Use(Used);
        await support.Use(Used);
        gateway.Clock.Advance(TimeSpan.FromMinutes(1));

        var byTeam = await acme.Client.GetJson("/v1/usage/summary?group_by=team");
        var byTag = await acme.Client.GetJson("/v1/usage/summary?group_by=tag");

        Groups(byTeam).ShouldBe([("", 1L), ("support", 1L)]);
        Groups(byTag).ShouldBe([("", 1L), ("beta", 1L), ("night", 1L)]);
        ((long)byTag["totals"]!["requests"]!).ShouldBe(2);
    }

    private static IEnumerable<(string, long)> Groups(JsonNode summary) => summary["series"]!.AsArray()
        .Select(one => ((string)one!["name"]!, (long)one["totals"]!["requests"]!))
        .Order();

    [Fact]
    public async Task An_export_runs_no_formula_in_a_spreadsheet()
    {
        var acme = await gateway.Customer();
        var call = acme.Call() with { Session = "=cmd|' /C calc'!A0" };
        await acme.Admitted(call);
        await acme.Settle(call, Used);
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));

        var csv = await acme.Client.GetStringAsync("/v1/usage/export");
        var json = await acme.Client.GetStringAsync("/v1/usage/export?format=json");

        var line = csv.Split("\r\n")[1];
        line.ShouldStartWith(call.Id.ToString());
        line.ShouldEndWith(",\"'=cmd|' /C calc'!A0\"");
        line.ShouldContain(",80,20,USD,400,succeeded,charged,false,");
        json.ShouldContain($"\"request_id\":\"{call.Id}\"");
        (csv + json).ShouldNotContain("provider");
    }

    [Fact]
    public async Task A_call_of_another_organisation_is_not_there()
    {
        var (acme, other) = (await gateway.Customer(), await gateway.Customer());
        var call = await acme.Use(Used);

        (await other.Client.GetAsync($"/v1/requests/{call.Id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await acme.Client.GetJson("/v1/requests?model=some-model"))["data"]!.AsArray().Count.ShouldBe(1);
        (await acme.Client.GetJson("/v1/requests?model=another"))["data"]!.AsArray().ShouldBeEmpty();
    }

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
