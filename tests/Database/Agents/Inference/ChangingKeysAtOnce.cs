using Quoin.Limiting;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>What LiteLLM's tools change at once on two replicas: each change stands beside the others.</summary>
public sealed class ChangingKeysAtOnce(Gateway gateway) : IClassFixture<Gateway>
{
    private const int AtOnce = 12;

    [Fact]
    public async Task All_members_who_are_taken_in_belong_to_the_team()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");

        await Many(index => tool.Post(
            "/team/member_add",
            $$$"""{"team_id":"blue","member":{"role":"user","user_id":"user{{{index}}}"},"max_budget_in_team":1}""",
            Replica(index)));

        var team = await tool.Get("/team/info?team_id=blue");
        team["team_info"]!["members_with_roles"]!.AsArray().Count.ShouldBe(AtOnce);
        team["team_memberships"]!.AsArray().Count.ShouldBe(AtOnce);
    }

    [Fact]
    public async Task A_team_that_is_blocked_stays_blocked()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");

        await Many(index => index == AtOnce / 2
            ? tool.Post("/team/block", """{"team_id":"blue"}""", Replica(index))
            : tool.Post("/team/update", $$$"""{"team_id":"blue","team_alias":"alias{{{index}}}"}""", Replica(index)));

        ((bool)(await tool.Get("/team/info?team_id=blue"))["team_info"]!["blocked"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task A_key_that_is_blocked_stays_blocked_and_has_one_budget()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var key = (string)(await tool.Post("/key/generate", "{}"))["key"]!;

        await Many(index => index == AtOnce / 2
            ? tool.Post("/key/block", $$$"""{"key":"{{{key}}}"}""", Replica(index))
            : tool.Post(
                "/key/update", $$$"""{"key":"{{{key}}}","max_budget":5,"budget_duration":"{{{index + 1}}}d"}""", Replica(index)));

        var info = (await tool.Get($"/key/info?key={key}"))["info"]!;
        ((bool)info["blocked"]!).ShouldBeTrue();
        var budgets = await gateway.First.Get<Budgets>().List(
            tool.Org.Id, new SpendScope("key", (string)info["token"]!), null, AtOnce, CancellationToken.None);
        budgets.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_another_replica_changed_a_moment_ago_stays()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var key = (string)(await tool.Post("/key/generate", "{}"))["key"]!;
        await tool.Get($"/key/info?key={key}");

        await tool.Post("/key/update", $$$"""{"key":"{{{key}}}","models":["demo-echo"]}""", gateway.First);
        var after = await tool.Post("/key/update", $$$"""{"key":"{{{key}}}","rpm_limit":5}""", gateway.Second);

        after["models"]!.ToJsonString().ShouldBe("""["demo-echo"]""");
    }

    [Fact]
    public async Task A_team_that_is_deleted_does_not_come_back()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");

        await Many(index => index == AtOnce / 2
            ? tool.Post("/team/delete", """{"team_ids":["blue"]}""", Replica(index))
            : tool.Try("/team/update", $$$"""{"team_id":"blue","team_alias":"alias{{{index}}}"}""", Replica(index)));

        (await tool.Refused("/team/update", """{"team_id":"blue","team_alias":"again"}""")).Status.ShouldBe(404);
    }

    private TestHost Replica(int index) => index % 2 == 0 ? gateway.First : gateway.Second;

    private static Task Many(Func<int, Task> change) => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(change));
}
