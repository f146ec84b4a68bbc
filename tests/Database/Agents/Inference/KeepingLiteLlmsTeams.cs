using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>Keys of nobody's, models that a team may call, and what was used under tags, as LiteLLM's tools know them.</summary>
public sealed class KeepingLiteLlmsTeams(Gateway gateway) : IClassFixture<Gateway>
{
    private const string Call = LiteLlmTool.Call;

    [Fact]
    public async Task A_service_key_belongs_to_a_team_and_stays_when_people_go()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");
        await tool.Post("/user/new", """{"user_id":"ann","auto_create_key":false}""");

        var key = await tool.Post(
            "/key/service-account/generate", """{"key_alias":"nightly","team_id":"blue","user_id":"ann"}""");
        await tool.Post("/user/delete", """{"user_ids":["ann"]}""");

        ((string)key["team_id"]!, (string?)key["user_id"]).ShouldBe(("blue", null));
        (await tool.Called((string)key["key"]!)).EnsureSuccessStatusCode();
        (await tool.Refused("/key/service-account/generate", """{"key_alias":"other"}""")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Models_of_a_team_come_and_go_and_never_become_all_by_taking_the_last_away()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue","models":["demo-echo"]}""");
        var key = (string)(await tool.Post("/key/generate", """{"team_id":"blue"}"""))["key"]!;

        var more = await tool.Post("/team/model/add", """{"team_id":"blue","models":["demo-cached","demo-echo"]}""");
        var fewer = await tool.Post("/team/model/delete", """{"team_id":"blue","models":["demo-echo"]}""");
        var last = await tool.Refused("/team/model/delete", """{"team_id":"blue","models":["demo-cached"]}""");
        var unknown = await tool.Refused("/team/model/add", """{"team_id":"red","models":["demo-echo"]}""");
        var nothing = await tool.Refused("/team/model/add", """{"team_id":"blue"}""");

        Models(more).ShouldBe(["demo-echo", "demo-cached"]);
        Models(fewer).ShouldBe(["demo-cached"]);
        (last.Status, unknown.Status, nothing.Status).ShouldBe((400, 404, 400));
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        (await tool.Refused("/chat/completions", Call, key)).Error["message"]!.ToJsonString().ShouldContain("team");
    }

    [Fact]
    public async Task What_was_used_under_tags_is_shown_by_day()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var both = await tool.Post("/key/generate", """{"tags":["nightly","search"]}""");
        var one = await tool.Post("/key/generate", """{"tags":["search"]}""");
        var none = await tool.Post("/key/generate", "{}");
        foreach (var key in new[] { both, one, none })
        {
            (await tool.Called((string)key["key"]!)).EnsureSuccessStatusCode();
        }

        var all = await tool.Get("/tag/daily/activity");
        var nightly = await tool.Get("/tag/daily/activity?tags=nightly,unheard-of");

        Requests(all, "search").ShouldBe(2);
        Requests(all, "nightly").ShouldBe(1);
        all["results"]![0]!["breakdown"]!["entities"]!.AsObject().Count.ShouldBe(2, "calls without a tag are nobody's");
        nightly["metadata"]!["total_api_requests"]!.ToJsonString().ShouldBe("1");
    }

    private static IEnumerable<string> Models(JsonNode team) => team["models"]!.AsArray().Select(model => (string)model!);

    private static int Requests(JsonNode activity, string tag) =>
        (int)activity["results"]![0]!["breakdown"]!["entities"]![tag]!["metrics"]!["api_requests"]!;
}
