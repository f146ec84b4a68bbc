using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>Keys that replace each other are one line: it is held to one thing, and ends as a whole.</summary>
public sealed class EndingLinesOfKeys(Gateway gateway) : IClassFixture<Gateway>
{
    [Fact]
    public async Task A_key_is_held_to_the_same_however_often_it_was_replaced()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var first = await tool.Post("/key/generate", """{"models":["demo-echo"],"max_budget":5}""");

        var (last, secret) = await Replaced(tool, (string)first["token"]!, times: 102, overlapHours: 0);
        var info = (await tool.Get($"/key/info?key={last}"))["info"]!;
        var listed = await tool.Get("/key/list");
        var refused = await tool.Refused(
            "/chat/completions", """{"model":"demo-cached","messages":[{"role":"user","content":"Hello"}]}""", secret);

        info["models"]!.ToJsonString().ShouldBe("""["demo-echo"]""");
        info["max_budget"]!.ToJsonString().ShouldBe("5");
        listed["keys"]!.ToJsonString().ShouldBe($"""["{last}"]""");
        refused.Status.ShouldBe(401);
        (await tool.Called(secret)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_search_finds_the_calls_of_every_key_of_a_line()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var first = await tool.Post("/key/generate", """{"user_id":"ann"}""");
        (await tool.Called((string)first["key"]!)).EnsureSuccessStatusCode();
        var (_, secret) = await Replaced(tool, (string)first["token"]!, times: 102, overlapHours: 0);
        (await tool.Called(secret)).EnsureSuccessStatusCode();

        (await tool.Get("/spend/logs?user_id=ann")).AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_caller_whose_key_is_not_found_is_let_call_nothing()
    {
        var acme = await gateway.Customer();
        var nobody = acme.With(gateway.First.Get<IdSource>().Next<KeyId>().ToString());

        await Should.ThrowAsync<InvalidOperationException>(() => nobody.Admit(nobody.Call()));
    }

    [Fact]
    public async Task A_key_that_was_replaced_is_not_there_to_be_deleted()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var first = await tool.Post("/key/generate", """{"max_budget":5}""");
        var second = await tool.Post("/key/regenerate", $$"""{"key":"{{first["token"]}}"}""");

        var refused = await tool.Refused("/key/delete", $$"""{"keys":["{{first["token"]}}"]}""");

        (refused.Status, (string)refused.Error["message"]!).ShouldBe((404, "Key not found."));
        (await tool.Get("/key/list"))["keys"]!.ToJsonString().ShouldBe($"""["{second["token"]}"]""");
        (await tool.Get($"/key/info?key={second["token"]}"))["info"]!["max_budget"]!.ToJsonString().ShouldBe("5");
        (await BudgetsOf(tool, first)).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deleting_a_key_deletes_the_one_it_overlaps_with(bool isOldNamed)
    {
        var tool = await LiteLlmTool.Of(gateway);
        var old = await tool.Post("/key/generate", """{"max_budget":5}""");
        var (successor, secret) = await Replaced(tool, (string)old["token"]!, times: 1, overlapHours: 24);

        await tool.Post("/key/delete", $$"""{"keys":["{{(isOldNamed ? (string)old["token"]! : successor)}}"]}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));

        (await tool.Called((string)old["key"]!)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await tool.Called(secret)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await BudgetsOf(tool, old)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_deleted_keys_spent_stays_in_the_logs_of_their_team_and_user()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");
        var key = await tool.Post("/key/generate", """{"user_id":"ann","team_id":"blue"}""");
        (await tool.Called((string)key["key"]!)).EnsureSuccessStatusCode();

        await tool.Post("/key/delete", $$"""{"keys":["{{key["token"]}}"]}""");

        (await tool.Get("/spend/logs?user_id=ann")).AsArray().Count.ShouldBe(1);
        (await tool.Get("/spend/logs?team_id=blue")).AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_is_free_once_its_key_was_revoked_by_another_door()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var made = await tool.Post("/key/generate", """{"key_alias":"agent"}""");

        await gateway.First.Get<Keys>().Revoke(tool.Org.Id, KeyOf(made), null, "test", CancellationToken.None);
        var again = await tool.Post("/key/generate", """{"key_alias":"agent"}""");

        ((string)(await tool.Get($"/key/info?key={again["token"]}"))["info"]!["key_alias"]!).ShouldBe("agent");
    }

    [Fact]
    public async Task A_list_counts_the_keys_it_has()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var stays = await tool.Post("/key/generate", "{}");
        var ends = await tool.Post("/key/generate", "{}");

        await gateway.First.Get<Keys>().Revoke(tool.Org.Id, KeyOf(ends), null, "test", CancellationToken.None);
        var list = await tool.Get("/key/list");

        list["keys"]!.ToJsonString().ShouldBe($"""["{stays["token"]}"]""");
        ((int)list["total_count"]!).ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"user_id":"ann","key_alias":"taken"}""")]
    [InlineData("""{"user_id":"ann","team_id":"nobody"}""")]
    [InlineData("""{"user_id":"ann","duration":"soon"}""")]
    [InlineData("""{"user_id":"ann","user_role":"proxy_admin"}""")]
    public async Task A_user_who_was_refused_is_not_there_and_may_come_again(string body)
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/key/generate", """{"key_alias":"taken"}""");

        await tool.Refused("/user/new", body);
        var again = await tool.Post("/user/new", """{"user_id":"ann","key_alias":"own"}""");

        ((string)again["user_id"]!, ((string)again["key"]!).Length > 0).ShouldBe(("ann", true));
        ((int)(await tool.Get("/key/list"))["total_count"]!).ShouldBe(2);
    }

    [Fact]
    public async Task A_key_reads_itself_by_its_name_and_no_other()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var (made, other) = (await tool.Post("/key/generate", "{}"), await tool.Post("/key/generate", "{}"));
        using var client = gateway.Second.Client((string)made["key"]!);

        (await client.GetAsync($"/key/info?key={made["token"]}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync($"/key/info?key={made["key"]}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync($"/key/info?key={other["token"]}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.GetAsync($"/key/info?key={other["key"]}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await client.GetAsync("/key/info?key=sk-1234")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_budget_of_a_key_of_a_project_is_in_the_currency_of_its_account()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var project = await ProjectInEuros(tool.Org.Id);

        var made = await tool.Post("/key/generate", $$"""{"project_id":"{{project}}","max_budget":5}""");
        var changed = await tool.Post("/key/update", $$"""{"key":"{{made["token"]}}","max_budget":6}""");

        changed["max_budget"]!.ToJsonString().ShouldBe("6");
        (await BudgetsOf(tool, made)).ShouldHaveSingleItem().Amount.ShouldBe(new Money(6_000_000, Euro));
    }

    [Theory]
    [InlineData("EUR", HttpStatusCode.Created)]
    [InlineData("USD", HttpStatusCode.BadRequest)]
    public async Task A_budget_is_in_the_currency_its_key_is_billed_in(string currency, HttpStatusCode answered)
    {
        var acme = await gateway.Customer();
        var project = await ProjectInEuros(acme.Org);

        var answer = await gateway.Operator.SendAs(HttpMethod.Post, "/v1/inference/keys", acme.Org, $$$"""
            {"label":"agent","project_id":"{{{project}}}","budget":{"amount":{"currency":"{{{currency}}}","amount_micros":1} } }
            """);

        answer.StatusCode.ShouldBe(answered);
    }

    private static readonly Currency Euro = Currency.Of("EUR");

    private static KeyId KeyOf(JsonNode made) =>
        Id.TryParse<KeyId>((string)made["token"]!, out var key) ? key : throw new FormatException();

    private async Task<ProjectId> ProjectInEuros(OrgId org)
    {
        var project = (await gateway.First.Get<Projects>().Create(org, new NewProject("Europe"), "test", CancellationToken.None))
            .ShouldBeOfType<ProjectOutcome.Done>().Project.Id;
        (await gateway.First.Get<Organisations>().OpenBillingAccount(
            org,
            new NewBillingAccount(BillingAccountKind.Project, "Europe", Euro, ProjectId: project),
            "test",
            CancellationToken.None)).ShouldBeOfType<OpenBillingAccountOutcome.Opened>();
        return project;
    }

    private async Task<(string Key, string Secret)> Replaced(LiteLlmTool tool, string key, int times, int overlapHours)
    {
        var caller = new Caller(
            Realm.Organisation, "test", tool.Org.Id, new HashSet<Permission> { Permission.InferenceCall });
        var secret = string.Empty;
        for (var time = 0; time < times; time++)
        {
            Id.TryParse<KeyId>(key, out var old).ShouldBeTrue();
            var rotated = (await gateway.First.Get<Keys>().RotateAs(
                tool.Org.Id, old, new KeyRotation(overlapHours), caller, CancellationToken.None))
                .ShouldBeOfType<RotateKeyOutcome.Rotated>($"time {time.ToString(CultureInfo.InvariantCulture)}");
            (key, secret) = (rotated.Key.Key.Id.ToString(), rotated.Key.Secret);
        }

        return (key, secret);
    }

    // A budget of a line is kept by its first key.
    private async Task<IReadOnlyList<Budget>> BudgetsOf(LiteLlmTool tool, JsonNode first) =>
        [.. (await gateway.First.Get<Budgets>().List(
            tool.Org.Id, new SpendScope("key", (string)first["token"]!), null, 10, CancellationToken.None)).Select(one => one.Budget)];
}
