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

    [Fact]
    public async Task A_member_spends_up_to_their_own_budget_within_a_team()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");
        await tool.Post(
            "/team/member_add",
            """{"team_id":"blue","member":[{"user_id":"ann"},{"user_id":"ben"}],"max_budget_in_team":1,"budget_duration":"1d"}""");
        var anns = (string)(await tool.Post("/key/generate", """{"team_id":"blue","user_id":"ann"}"""))["key"]!;
        var bens = (string)(await tool.Post("/key/generate", """{"team_id":"blue","user_id":"ben"}"""))["key"]!;
        var elsewhere = (string)(await tool.Post("/key/generate", """{"user_id":"ann"}"""))["key"]!;

        (await tool.Called(anns)).EnsureSuccessStatusCode();
        var less = await tool.Post("/team/member_update", """{"team_id":"blue","user_id":"ann","max_budget_in_team":0.00001}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        var refused = await tool.Refused("/chat/completions", Call, anns);
        var team = await tool.Get("/team/info?team_id=blue");

        ((string)less["user_id"]!, less["max_budget_in_team"]!.ToJsonString(), (string)less["budget_duration"]!)
            .ShouldBe(("ann", "0.00001", "1d"));
        (refused.Status, (string)refused.Error["type"]!).ShouldBe((429, "budget_exceeded"));
        (await tool.Called(bens)).EnsureSuccessStatusCode();
        (await tool.Called(elsewhere)).EnsureSuccessStatusCode();
        Membership(team, "ann")["spend"]!.ToJsonString().ShouldBe("0.000025");
        Membership(team, "ben")["litellm_budget_table"]!["max_budget"]!.ToJsonString().ShouldBe("1");
    }

    [Fact]
    public async Task A_member_is_held_to_calls_a_minute_and_models_until_they_leave_the_team()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"a/b","members_with_roles":[{"role":"user","user_id":"ann"}]}""");
        var key = (string)(await tool.Post("/key/generate", """{"team_id":"a/b","user_id":"ann"}"""))["key"]!;

        var held = await tool.Post(
            "/team/member_update",
            """{"team_id":"a/b","user_id":"ann","role":"admin","rpm_limit":6,"allowed_models":["demo-cached"]}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        var other = await tool.Refused("/chat/completions", Call, key);
        await tool.Post("/team/member_update", """{"team_id":"a/b","user_id":"ann","allowed_models":null}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        (await tool.Called(key)).EnsureSuccessStatusCode();
        var tooMany = await tool.Refused("/chat/completions", Call, key);
        var admins = (await tool.Get("/team/info?team_id=a/b"))["team_info"]!["admins"]!;
        await tool.Post("/team/member_delete", """{"team_id":"a/b","user_id":"ann"}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));

        ((int)held["rpm_limit"]!, held["allowed_models"]!.ToJsonString()).ShouldBe((6, """["demo-cached"]"""));
        (other.Status, tooMany.Status).ShouldBe((401, 429));
        tooMany.Error["message"]!.ToJsonString().ShouldContain("member");
        admins.ToJsonString().ShouldBe("""["ann"]""");
        (await tool.Called(key)).EnsureSuccessStatusCode();
        (await tool.Get("/team/info?team_id=a/b"))["team_memberships"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"team_id":"blue","user_id":"zoe","max_budget_in_team":1}""", 404)]
    [InlineData("""{"team_id":"red","user_id":"ann","max_budget_in_team":1}""", 404)]
    [InlineData("""{"team_id":"blue","user_id":"ann","max_budget_in_team":-1}""", 400)]
    [InlineData("""{"team_id":"blue","user_id":"ann","budget_duration":"soon"}""", 400)]
    [InlineData("""{"team_id":"blue","user_id":"ann","role":"king"}""", 400)]
    [InlineData("""{"team_id":"blue","user_email":"ben@example.com","max_budget_in_team":1}""", 400)]
    [InlineData("""{"user_id":"ann"}""", 400)]
    public async Task What_cannot_be_kept_of_a_member_is_refused(string update, int status)
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post(
            "/team/new",
            """{"team_id":"blue","members_with_roles":[{"user_id":"ann"},{"user_email":"ben@example.com"}]}""");

        (await tool.Refused("/team/member_update", update)).Status.ShouldBe(status);
    }

    private static JsonNode Membership(JsonNode team, string user) =>
        team["team_memberships"]!.AsArray().Single(one => (string?)one!["user_id"] == user)!;

    private static IEnumerable<string> Models(JsonNode team) => team["models"]!.AsArray().Select(model => (string)model!);

    private static int Requests(JsonNode activity, string tag) =>
        (int)activity["results"]![0]!["breakdown"]!["entities"]![tag]!["metrics"]!["api_requests"]!;
}
