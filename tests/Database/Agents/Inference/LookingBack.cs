using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;
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

    [Fact]
    public async Task A_file_of_calls_begins_where_the_sums_of_the_page_begin()
    {
        var acme = await gateway.Customer();
        var today = new DateTimeOffset(gateway.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        gateway.Clock.Advance(today.AddDays(1).AddHours(2) - gateway.Clock.GetUtcNow());
        var call = await acme.Use(Used);
        gateway.Clock.Advance(TimeSpan.FromDays(30) + TimeSpan.FromHours(1));
        var now = gateway.Clock.GetUtcNow();

        var summary = await acme.Client.GetJson($"/v1/usage/summary?from={Text(now.AddDays(-30))}&to={Text(now)}&step=day");
        var file = await gateway.Operator.GetStringAsync($"/console/gateway/spend/file?org={acme.Org}&range=30d&format=csv");

        ((long)summary["totals"]!["requests"]!).ShouldBe(1, "its day is the first step");
        file.ShouldContain(call.Id.ToString());
    }

    [Fact]
    public async Task What_was_saved_is_looked_for_by_the_clock_of_its_organisation()
    {
        var tool = await LiteLlmTool.Of(gateway);
        (await gateway.Operator.SendAs(HttpMethod.Put, "/v1/inference/content-policy", tool.Org.Id, """{"cached_seconds":600}"""))
            .EnsureSuccessStatusCode();
        var ahead = gateway.Clock.GetUtcNow().AddDays(200);
        await gateway.First.Get<DueWork>().MoveClock(tool.Org.Id, ahead, CancellationToken.None);
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        using var client = gateway.First.Client(tool.Org.Key);
        for (var calls = 0; calls < 2; calls++)
        {
            using var body = new StringContent(LiteLlmTool.Call, System.Text.Encoding.UTF8, "application/json");
            (await client.PostAsync("/v1/chat/completions", body)).EnsureSuccessStatusCode();
        }

        var lately = await client.GetJson("/v1/inference/savings");
        var then = await client.GetJson($"/v1/inference/savings?from={Text(ahead)}&to={Text(ahead.AddHours(1))}");

        ((int)lately["data"]!.AsArray().ShouldHaveSingleItem()!["calls"]!).ShouldBe(1);
        ((int)then["data"]!.AsArray().ShouldHaveSingleItem()!["calls"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_team_has_its_calls_however_many_others_call_more()
    {
        var acme = await gateway.Customer();
        var support = acme.With(await KeyOfSupport(acme));
        var loud = await acme.Use(Used);
        await support.Use(Used);
        var ids = gateway.First.Get<IdSource>();
        string[] others = [.. Enumerable.Range(0, 1_001).Select(_ => ids.Next<KeyId>().ToString())];
        await gateway.CopyCall(loud, [.. others, .. others]);
        gateway.Clock.Advance(TimeSpan.FromMinutes(1));

        var theirs = await acme.Client.GetJson("/v1/usage/summary?team=support");
        var byTeam = await acme.Client.GetJson("/v1/usage/summary?group_by=team");

        ((long)theirs["totals"]!["requests"]!).ShouldBe(1);
        Groups(byTeam).ShouldBe([("", 2_003L), ("support", 1L)]);
    }

    [Fact]
    public async Task A_key_that_replaces_one_of_a_team_calls_for_the_team()
    {
        var acme = await gateway.Customer();
        var key = await KeyOfSupport(acme);
        await acme.With(key).Use(Used);
        var rotated = await gateway.Operator.SendAs(HttpMethod.Post, $"/v1/keys/{key}/rotate", acme.Org, """{"overlap_hours":0}""");
        await acme.With((string)JsonNode.Parse(await rotated.Content.ReadAsStringAsync())!["key"]!["id"]!).Use(Used);
        gateway.Clock.Advance(TimeSpan.FromMinutes(1));

        var theirs = await acme.Client.GetJson("/v1/usage/summary?team=support");

        ((long)theirs["totals"]!["requests"]!).ShouldBe(2);
    }

    [Theory]
    [InlineData("/v1/usage/history?to=0001-01-01T00:00:00Z")]
    [InlineData("/v1/usage/history?from=9999-12-31T23:59:59Z")]
    [InlineData("/v1/usage/export?to=0001-01-01T00:00:00Z")]
    [InlineData("/v1/usage/summary?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z")]
    [InlineData("/v1/usage/summary?from=1969-12-31T00:00:00Z&to=1970-01-02T00:00:00Z")]
    [InlineData("/v1/usage/summary?from=9999-12-01T00:00:00Z&to=9999-12-31T00:00:00Z")]
    [InlineData("/v1/inference/savings?to=0001-01-01T00:00:00Z")]
    [InlineData("/v1/inference/savings?from=9999-12-01T00:00:00Z&to=9999-12-31T00:00:00Z")]
    public async Task A_range_at_an_end_of_the_calendar_is_refused(string path)
    {
        var acme = await gateway.Customer();

        using var answer = await acme.Client.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"invalid_usage_range\"");
    }

    [Theory]
    [InlineData("/v1/inference/margins?to=0001-01-01T00:00:00Z")]
    [InlineData("/v1/inference/shadows?to=0001-01-01T00:00:00Z")]
    public async Task An_operators_range_at_an_end_of_the_calendar_is_refused(string path)
    {
        using var answer = await gateway.Operator.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("0001-01-01")]
    [InlineData("9500-01-01")]
    [InlineData("9999-12-31")]
    public async Task A_page_of_a_day_at_an_end_of_the_calendar_is_that_of_no_day(string day)
    {
        var acme = await gateway.Customer();

        using var page = await gateway.Operator.GetAsync($"/console/gateway/spend?org={acme.Org}&day={day}");
        using var file = await gateway.Operator.GetAsync($"/console/gateway/spend/file?org={acme.Org}&day={day}&format=csv");

        (page.StatusCode, file.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
    }

    private async Task<string> KeyOfSupport(Customer customer)
    {
        var made = await gateway.Operator.SendAs(
            HttpMethod.Post, "/v1/inference/keys", customer.Org, """{"label":"support","rules":{"team":"support"}}""");
        var created = JsonNode.Parse(await made.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        return (string)created["virtual_key"]!["key"]!["id"]!;
    }

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
