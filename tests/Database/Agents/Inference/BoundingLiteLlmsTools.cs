using System.Net;
using Npgsql;
using Quoin.Limiting;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>What LiteLLM's tools may not do, and whose money their calls are.</summary>
public sealed class BoundingLiteLlmsTools(Gateway gateway) : IClassFixture<Gateway>
{
    private const string Call = LiteLlmTool.Call;

    [Theory]
    [InlineData("/team/block", """{"team_id":"\u0000"}""")]
    [InlineData("/team/block", """{"team_id":"\ud800"}""")]
    [InlineData("/key/generate", """{"metadata":{"note":"\ud800"}}""")]
    [InlineData("/key/generate", """{"metadata":{"note":"\u0000"}}""")]
    public async Task Text_that_cannot_be_written_down_is_refused(string path, string body)
    {
        var tool = await LiteLlmTool.Of(gateway);

        (await tool.Refused(path, body)).Status.ShouldBe(400);
        (await tool.Get("/key/list"))["total_count"]!.ToJsonString().ShouldBe("0");
    }

    [Theory]
    [InlineData("/key/list?team_id=%00")]
    [InlineData("/customer/info?end_user_id=%00")]
    [InlineData("/team/info?team_id=%20")]
    public async Task Addresses_that_nobody_could_have_are_refused(string path) =>
        (await (await LiteLlmTool.Of(gateway)).RefusedToShow(path)).ShouldBe(400);

    [Fact]
    public async Task A_star_is_all_models_and_other_patterns_are_refused()
    {
        var tool = await LiteLlmTool.Of(gateway);

        var all = await tool.Post("/key/generate", """{"models":["*"]}""");

        all["models"]!.AsArray().ShouldBeEmpty();
        (await tool.Called((string)all["key"]!)).EnsureSuccessStatusCode();
        (await tool.Refused("/key/generate", """{"models":["openai/*"]}""")).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("""{"models":["demo-echo"]}""")]
    [InlineData("""{"requests_per_minute":60}""")]
    [InlineData("""{"team":"blue"}""")]
    public async Task A_key_that_is_held_to_something_makes_none_that_is_not(string rules)
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");
        (await gateway.Operator.SendAs(HttpMethod.Put, $"/v1/inference/keys/{tool.Key}/rules", tool.Org.Id, rules))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));

        (await tool.Refused("/key/generate", "{}")).Status.ShouldBe(403);
        (await tool.Refused("/team/update", """{"team_id":"blue","max_budget":100}""")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_key_with_a_budget_makes_none_without()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await new Customer(gateway, tool.Org, tool.Key).Budget(new SpendScope("key", tool.Key), 5_000_000);

        (await tool.Refused("/key/generate", "{}")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Whom_a_call_names_does_not_pay_as_a_user_with_keys()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/user/new", """{"user_id":"ann","max_budget":1,"auto_create_key":false}""");
        var stranger = (string)(await tool.Post("/key/generate", "{}"))["key"]!;
        var anns = (string)(await tool.Post("/key/generate", """{"user_id":"ann"}"""))["key"]!;

        (await tool.Called(stranger, Call.Replace("\"max_tokens\"", "\"user\":\"ann\",\"max_tokens\""))).EnsureSuccessStatusCode();
        var before = await Spent();
        (await tool.Called(anns)).EnsureSuccessStatusCode();

        before.ShouldBe("0");
        (await Spent()).ShouldBe("0.000025");

        async Task<string> Spent() => (await tool.Get("/user/info?user_id=ann"))["user_info"]!["spend"]!.ToJsonString();
    }

    [Fact]
    public async Task So_many_name_one_budget_and_no_more()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/budget/new", """{"budget_id":"trial","max_budget":5}""");
        await using var holders = gateway.First.Get<NpgsqlDataSource>().CreateCommand("""
            insert into inference.spenders (
                org_id, kind, name, counter_id, is_blocked, members, metadata, created_at, changed_at, shared_budget)
            select $1, 'customer', 'holder' || number, gen_random_uuid(), false, '[]', '{}', now(), now(), 'trial'
            from generate_series(1, $2) as number
            """);
        holders.Parameters.AddWithValue(tool.Org.Id.Value);
        holders.Parameters.AddWithValue(Quoin.Inference.Limits.LiteLlmHoldersMax - 1);
        await holders.ExecuteNonQueryAsync();

        await tool.Post("/key/generate", """{"key_alias":"last","budget_id":"trial"}""");

        (await tool.Refused("/key/generate", """{"budget_id":"trial"}""")).Status.ShouldBe(400);
        await tool.Post("/key/update", $$"""{"key":"{{await Token("last")}}","budget_id":"trial","rpm_limit":5}""");

        async Task<string> Token(string alias) =>
            (string)(await tool.Get($"/key/list?key_alias={alias}&return_full_object=true"))["keys"]![0]!["token"]!;
    }
}
