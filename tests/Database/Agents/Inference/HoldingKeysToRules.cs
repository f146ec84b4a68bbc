using System.Net;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>Virtual keys: keys that call models only, each held to its own rules and budget.</summary>
public sealed class HoldingKeysToRules(Gateway gateway) : IClassFixture<Gateway>
{
    private static readonly ModelUsage Used = new() { InputTokens = 80, OutputTokens = 20, Requests = 1 };

    [Fact]
    public async Task A_key_spends_from_its_own_budget_and_is_shown_how_far_it_is_used()
    {
        var acme = await gateway.Customer();
        var (key, secret) = await Create(acme, """
            {"label":"agent","budget":{"amount":{"currency":"USD","amount_micros":1300},"window":"day"},
             "rules":{"tags":["nightly"],"run":"run-7"}}
            """);
        var agent = acme.With(key);

        var call = agent.Call();
        await agent.Admitted(call);
        await agent.Settle(call, Used);
        var second = await agent.Admit(agent.Call(), least: 100);
        var byOther = await acme.Admit(acme.Call(), least: 100);
        var shown = await Read(acme, key);

        second.ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.BudgetExceeded);
        byOther.ShouldBeOfType<AdmissionOutcome.Admitted>();
        ((string)shown["budgets"]![0]!["spent_micros"]!).ShouldBe("400");
        ((string)(await acme.Shown(call))["tags"]![0]!).ShouldBe("nightly");
        secret.ShouldStartWith("qn_test_");
        shown.ToJsonString().ShouldNotContain(secret);
    }

    [Fact]
    public async Task A_key_calls_the_models_it_may_and_a_change_holds_everywhere_within_a_second()
    {
        var acme = await gateway.Customer();
        var (key, _) = await Create(acme, """{"label":"narrow","rules":{"models":["other-model"]}}""");
        var narrow = acme.With(key);

        var before = await narrow.Admit(narrow.Call(), on: gateway.Second);
        (await gateway.Operator.SendAs(
            HttpMethod.Put, $"/v1/inference/keys/{key}/rules", acme.Org, """{"models":["some-model"]}""")).EnsureSuccessStatusCode();
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        var after = await narrow.Admit(narrow.Call(), on: gateway.Second);

        before.ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.ModelNotAllowed);
        after.ShouldBeOfType<AdmissionOutcome.Admitted>();
    }

    [Fact]
    public async Task Only_who_sets_budgets_makes_them_hold_less_for_a_key()
    {
        var acme = await gateway.Customer();
        var keys = gateway.First.Get<VirtualKeys>();
        var (developer, admin) = (As(MemberRole.Developer), As(MemberRole.Admin));
        var observing = new KeyRules(SpendPosture.Observe);

        var byDeveloper = await keys.Create(acme.Org, new NewVirtualKey("free", observing), developer, CancellationToken.None);
        var made = (await keys.Create(acme.Org, new NewVirtualKey("agent"), developer, CancellationToken.None))
            .ShouldBeOfType<VirtualKeyOutcome.Made>().Key.Key.Id;
        var loosened = await keys.Change(acme.Org, made, observing, developer, CancellationToken.None);
        var byAdmin = await keys.Change(acme.Org, made, observing, admin, CancellationToken.None);
        var kept = await keys.Change(acme.Org, made, observing with { Tags = ["x"] }, developer, CancellationToken.None);

        byDeveloper.ShouldBeOfType<VirtualKeyOutcome.Refused>().Why.ShouldContain("budgets.manage");
        loosened.ShouldBeOfType<VirtualKeyOutcome.Refused>();
        byAdmin.ShouldBeOfType<VirtualKeyOutcome.Kept>();
        kept.ShouldBeOfType<VirtualKeyOutcome.Kept>();

        Caller As(string role) => new(Realm.Organisation, "system", acme.Org, MemberRole.PermissionsOf(role));
    }

    [Fact]
    public async Task Requests_tokens_and_calls_at_the_same_time_are_limited()
    {
        var acme = await gateway.Customer();
        var (slow, _) = await Create(acme, """{"label":"slow","rules":{"requests_per_minute":12}}""");
        var (small, _) = await Create(acme, """{"label":"small","rules":{"tokens_per_minute":100}}""");
        var (single, _) = await Create(acme, """{"label":"single","rules":{"parallel_max":1}}""");
        var (slowly, smallish, singly) = (acme.With(slow), acme.With(small), acme.With(single));

        var requests = new List<AdmissionOutcome>();
        for (var number = 0; number < 4; number++)
        {
            requests.Add(await slowly.Admit(slowly.Call(), on: number % 2 == 0 ? gateway.First : gateway.Second));
        }

        var first = smallish.Call();
        await smallish.Admitted(first);
        await smallish.Settle(first, Used);
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        var tooMany = await smallish.Admit(smallish.Call(), on: gateway.Second);
        var running = singly.Call();
        await singly.Admitted(running);
        var beside = await singly.Admit(singly.Call());
        await singly.Settle(running, Used);

        requests.Count(outcome => outcome is AdmissionOutcome.Admitted).ShouldBe(2);
        var refused = requests.OfType<AdmissionOutcome.Refused>().First();
        (refused.Code, refused.RetryAfterSeconds).ShouldBe((InferenceProblems.KeyRateLimited, 5));
        tooMany.ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.KeyRateLimited);
        beside.ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.KeyRateLimited);
        (await singly.Admit(singly.Call())).ShouldBeOfType<AdmissionOutcome.Admitted>();
    }

    [Fact]
    public async Task A_key_that_replaces_another_is_held_to_the_same_by_whichever_door()
    {
        var acme = await gateway.Customer();
        var (key, _) = await Create(acme, """
            {"label":"agent","budget":{"amount":{"currency":"USD","amount_micros":1300}},"rules":{"models":["some-model"]}}
            """);
        await acme.With(key).Admitted(acme.With(key).Call());

        var rotated = await gateway.Operator.SendAs(
            HttpMethod.Post, $"/v1/keys/{key}/rotate", acme.Org, """{"overlap_hours":0}""");
        var successor = acme.With((string)JsonNode.Parse(await rotated.Content.ReadAsStringAsync())!["key"]!["id"]!);
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        var again = await gateway.Operator.SendAs(
            HttpMethod.Post, $"/v1/inference/keys/{successor.Key}/rotate", acme.Org, """{"overlap_hours":0}""");
        var last = acme.With((string)JsonNode.Parse(await again.Content.ReadAsStringAsync())!["key"]!["id"]!);

        (await successor.Admit(successor.Call(), least: 100))
            .ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.BudgetExceeded);
        (await last.Admit(last.Call() with { Model = "other" }))
            .ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.ModelNotAllowed);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_on_every_replica_within_a_second()
    {
        var acme = await gateway.Customer();
        var (key, secret) = await Create(acme, """{"label":"agent"}""");
        using var client = gateway.Second.Client(secret);
        var before = await client.GetAsync("/v1/caller");

        (await gateway.Operator.SendAs(
            HttpMethod.Post, $"/v1/inference/keys/{key}/revoke", acme.Org, """{"reason":"leaked"}""")).EnsureSuccessStatusCode();
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        var after = await client.GetAsync("/v1/caller");

        (before.StatusCode, after.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.Unauthorized));
        ((bool)(await Read(acme, key))["works"]!).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"label":"x","rules":{"requests_per_minute":0}}""")]
    [InlineData("""{"label":"x","rules":{"models":[""]}}""")]
    [InlineData("""{"label":"x","budget":{"amount":{"currency":"USD","amount_micros":1},"window":"fortnight"}}""")]
    [InlineData("""{"label":""}""")]
    public async Task Rules_that_make_no_sense_are_refused(string json)
    {
        var acme = await gateway.Customer();

        var refused = await gateway.Operator.SendAs(HttpMethod.Post, "/v1/inference/keys", acme.Org, json);

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task<(string Key, string Secret)> Create(Customer acme, string json)
    {
        var answer = await gateway.Operator.SendAs(HttpMethod.Post, "/v1/inference/keys", acme.Org, json);
        var created = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        return ((string)created["virtual_key"]!["key"]!["id"]!, (string)created["secret"]!);
    }

    private async Task<JsonNode> Read(Customer acme, string key)
    {
        var answer = await gateway.Operator.SendAs(HttpMethod.Get, $"/v1/inference/keys/{key}", acme.Org);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
