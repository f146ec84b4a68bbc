using System.Text.Json.Nodes;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>A host that dies at any stage of a call: it is charged once or looked into, and no money stays held.</summary>
public sealed class RecoveringCalls(Gateway gateway) : IClassFixture<Gateway>
{
    private static readonly ModelUsage Used = new() { InputTokens = 80, OutputTokens = 20, Requests = 1 };

    [Fact]
    public async Task Dead_after_reserving_it_is_looked_into_and_waived()
    {
        var acme = await gateway.Customer();
        var budget = await acme.Budget(acme.KeyScope, 10_000);
        var call = acme.Call();
        await acme.Admitted(call);

        await Die();
        var inReview = await Review(call);
        var held = await acme.Held();
        var waived = await Decide(acme, call, "waive", """{"reason":"nobody knows"}""");
        var again = await Decide(acme, call, "waive", """{"reason":"nobody knows"}""");
        await gateway.Charge();

        ((string)inReview["request"]!["review"]!, held).ShouldBe(("lost", 1_250L));
        ((int)waived.StatusCode, (int)again.StatusCode).ShouldBe((200, 409));
        ((await acme.Standing(budget)).ReservedMicros, await acme.Held(), await acme.Charged()).ShouldBe((0, 0L, 0L));
        var shown = await acme.Shown(call);
        ((string)shown["status"]!).ShouldBe("waived");
        shown["reviewed_at"].ShouldNotBeNull();
        (await Logged(acme.Org)).ShouldContain("\"inference_request.waived\"");
    }

    [Fact]
    public async Task Dead_while_it_answered_it_is_charged_what_had_been_delivered_and_no_more()
    {
        var acme = await gateway.Customer();
        var call = acme.Call();
        await acme.Admitted(call);
        await gateway.First.Get<IAdmission>().Renew(
            [new RunningCall(call, Used with { IsEstimated = true }) { Answering = Gateway.Gpt }], CancellationToken.None);

        await Die();
        await gateway.Charge();
        await acme.Settle(call, Used with { OutputTokens = 90 });
        await gateway.Charge();

        var shown = await acme.Shown(call);
        ((string)shown["status"]!, (bool)shown["usage"]!["is_estimated"]!, (string?)shown["review"]).ShouldBe(("lost", true, null));
        (await acme.Charged()).ShouldBe(400, "who was taken for dead and lived is too late");
        (await acme.Held()).ShouldBe(0);
    }

    [Fact]
    public async Task Renewed_in_time_it_is_not_taken_for_dead()
    {
        var acme = await gateway.Customer();
        var call = acme.Call();
        await acme.Admitted(call);

        for (var renewals = 0; renewals < 6; renewals++)
        {
            gateway.Clock.Advance(Quoin.Inference.Limits.RenewEvery);
            await gateway.First.Get<IAdmission>().Renew([new RunningCall(call, ModelUsage.None)], CancellationToken.None);
            await gateway.Lapse(gateway.Second);
        }

        await acme.Settle(call, Used);
        await gateway.Charge();
        (await acme.Charged()).ShouldBe(400);
    }

    [Fact]
    public async Task Thought_dead_and_alive_it_is_settled_by_what_it_used()
    {
        var acme = await gateway.Customer();
        var call = acme.Call();
        await acme.Admitted(call);

        await Die();
        await acme.Settle(call, Used);
        await gateway.Charge();

        ((string?)(await acme.Shown(call))["review"]).ShouldBeNull();
        (await acme.Charged(), await acme.Held()).ShouldBe((400L, 0L));
    }

    [Fact]
    public async Task Dead_before_telling_another_replica_tells()
    {
        var acme = await gateway.Customer();
        await acme.Use(Used);

        await gateway.Tell(gateway.Second);
        await gateway.Tell(gateway.First);
        await gateway.First.RateAll();

        (await acme.Charged(), await acme.Held()).ShouldBe((400L, 0L));
    }

    [Fact]
    public async Task What_it_used_can_be_attached_and_is_charged_then()
    {
        var acme = await gateway.Customer();
        var budget = await acme.Budget(acme.KeyScope, 10_000);
        var call = acme.Call();
        await acme.Admitted(call);
        await Die();

        var early = await Decide(acme, call, "settle", """{"reason":"seen in the provider's log"}""");
        var attached = await gateway.Operator.SendAs(
            HttpMethod.Put,
            $"/v1/inference/reviews/{call.Id}",
            acme.Org,
            """{"provider":"openai","model":"gpt-4o","input_tokens":80,"output_tokens":20,"reason":"seen in the provider's log"}""");
        var settled = await Decide(acme, call, "settle", """{"reason":"seen in the provider's log"}""");
        await gateway.Charge();

        ((int)early.StatusCode, (int)attached.StatusCode, (int)settled.StatusCode).ShouldBe((409, 200, 200));
        (await acme.Charged(), await acme.Held(), (await acme.Standing(budget)).SpentMicros).ShouldBe((400L, 0L, 400m));
        (await Logged(acme.Org)).ShouldContain("inference_request.settled");
        (await Logged(acme.Org)).ShouldNotMatch("provider_cost_micros\\W+\\d", "an organisation reads its own log");
        (await Logged(null)).ShouldMatch("provider_cost_micros\\W+200");
    }

    [Fact]
    public async Task What_nothing_prices_is_kept_for_review_and_not_given_away()
    {
        var acme = await gateway.Customer();
        var call = acme.Call();
        await acme.Admitted(call);

        var settled = await acme.Settle(call, Used, Gateway.Unknown);
        await Die();
        var inReview = await Review(call);

        settled.CostMicros.ShouldBeNull();
        ((string)inReview["request"]!["review"]!).ShouldBe("no_price");
        (await acme.Held()).ShouldBe(1_250);
        (await Decide(acme, call, "settle", """{"reason":"try"}""")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        (await Decide(acme, call, "waive", """{"reason":"ours"}""")).EnsureSuccessStatusCode();
        (await acme.Held()).ShouldBe(0);
    }

    // Of an organisation, or of the platform itself.
    private async Task<string> Logged(OrgId? org)
    {
        using var answer = org is { } one
            ? await gateway.Operator.SendAs(HttpMethod.Get, "/v1/audit", one)
            : await gateway.Operator.GetAsync("/v1/audit");
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task Die()
    {
        gateway.Clock.Advance(Quoin.Inference.Limits.HeldFor + TimeSpan.FromSeconds(1));
        await gateway.Lapse(gateway.Second);
    }

    private async Task<JsonNode> Review(ModelCall call) =>
        (await gateway.Operator.GetJson("/v1/inference/reviews?limit=500"))["data"]!.AsArray()
            .Single(one => (string)one!["request"]!["id"]! == call.Id.ToString())!;

    private Task<HttpResponseMessage> Decide(Customer acme, ModelCall call, string verb, string json) =>
        gateway.Operator.SendAs(HttpMethod.Post, $"/v1/inference/reviews/{call.Id}/{verb}", acme.Org, json);
}
