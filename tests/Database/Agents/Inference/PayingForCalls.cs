using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>The way of a call's money: reserved before it, settled after it, told, rated and posted, once.</summary>
public sealed class PayingForCalls(Gateway gateway) : IClassFixture<Gateway>
{
    [Fact]
    public async Task What_a_provider_says_that_it_asks_counts_for_the_margin_and_not_for_the_customer()
    {
        var acme = await gateway.LiveCustomer();
        var call = acme.Call(Gateway.Gpt);
        var usage = new ModelUsage { InputTokens = 80, OutputTokens = 20, Requests = 1 };
        await acme.Admitted(call);

        var settled = await gateway.First.Get<ISettlement>().Settle(
            call, new CallEnding(CallStatus.Succeeded, Gateway.Gpt, usage) { ToldMicros = 42 });
        await settled.Committed;

        settled.CostMicros.ShouldBe(400);
        var until = gateway.Clock.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var margins = await gateway.Operator.SendAs(HttpMethod.Get, $"/v1/inference/margins?to={until}", acme.Org);
        var row = JsonNode.Parse(await margins.Content.ReadAsStringAsync())!["rows"]!.AsArray().Single()!;
        ((string)row["customer_micros"]!, (string)row["provider_micros"]!).ShouldBe(("400", "42"));
    }

    [Fact]
    public async Task Calls_with_the_customers_own_key_have_prices_of_their_own_and_cost_the_operator_nothing()
    {
        var acme = await gateway.LiveCustomer();
        var own = acme.Call(Gateway.Gpt.AsOwn());
        var unpriced = acme.Call(Gateway.Claude.AsOwn());

        await acme.Admitted(own);
        var settled = await acme.Settle(own, new ModelUsage { InputTokens = 80, OutputTokens = 20, Requests = 1 });
        var refused = await acme.Admit(unpriced);
        await gateway.Charge();

        settled.CostMicros.ShouldBe((80 * 0.1m) + (20 * 0.2m));
        refused.ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.ModelNotPriced);
        (await acme.Lines()).Values.Sum().ShouldBe(12);
        var until = gateway.Clock.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        using var margins = await gateway.Operator.GetAsync($"/v1/inference/margins?group_by=model&to={until}");
        var row = JsonNode.Parse(await margins.Content.ReadAsStringAsync())!["rows"]!.AsArray()
            .Single(one => ((string)one!["name"]!).StartsWith("openai/own", StringComparison.Ordinal))!;
        ((string)row["customer_micros"]!, (string)row["provider_micros"]!).ShouldBe(("12", "0"));
    }

    [Fact]
    public async Task What_a_token_costs_is_worked_out_once_for_many_calls()
    {
        var acme = await gateway.Customer();
        await acme.Admitted(acme.Call(Gateway.Gpt), input: 10, output: 5);
        var workedOut = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, owner) =>
            {
                if (instrument.Name == "inference.price.work_out" && instrument.Meter.Scope == gateway.First.Get<IMeterFactory>())
                {
                    owner.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref workedOut, count));
        listener.Start();

        for (var input = 1; input <= 50; input++)
        {
            await acme.Admitted(acme.Call(Gateway.Gpt), input, output: 2 * input);
        }

        workedOut.ShouldBeLessThan(10, "once each time that prices were read again");
    }

    [Fact]
    public async Task What_was_used_is_quoted_exactly_told_once_and_charged()
    {
        var acme = await gateway.Customer();
        var budget = await acme.Budget(acme.KeyScope, 1_000_000);
        var call = acme.Call(Gateway.Fine);

        await acme.Admitted(call, input: 1_000, output: 500);
        var reserved = await acme.Standing(budget);
        var settled = await acme.Settle(call, new ModelUsage { InputTokens = 7, OutputTokens = 3, Requests = 1 });
        await gateway.Tell(gateway.First);
        await gateway.Tell(gateway.Second);
        await gateway.First.RateAll();

        // 1,000 × 0.0375 + 500 × 0.1234567 + 500, rounded up; then 7 × 0.0375 + 3 × 0.1234567 + 500.
        reserved.ReservedMicros.ShouldBe(600);
        settled.CostMicros.ShouldBe(500.6328701m);
        var standing = await acme.Standing(budget);
        (standing.ReservedMicros, standing.SpentMicros).ShouldBe((0, 500.6328701m));
        var shown = await acme.Shown(call);
        ((string)shown["cost_micros"]!).ShouldBe("500.6328701");
        ((string)shown["status"]!, (string?)shown["session"]).ShouldBe(("succeeded", "session-1"));
        (await acme.Events()).Count.ShouldBe(1);
        (await acme.Lines())["llm.requests"].ShouldBe(500);
        (await acme.Held()).ShouldBe(0);
    }

    [Fact]
    public async Task A_call_over_http_says_what_it_costs_and_is_charged_that()
    {
        var acme = await gateway.Customer();
        var budget = await acme.Budget(acme.KeyScope, 1_000_000);

        var answer = await acme.Client.PostAsync("/v1/chat/completions", new StringContent(
            """{"model":"demo-echo","max_tokens":200,"messages":[{"role":"user","content":"How much is the fish?"}]}""",
            System.Text.Encoding.UTF8,
            "application/json"));
        var usage = System.Text.Json.Nodes.JsonNode.Parse(
            await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["usage"]!;
        await acme.Over(answer);
        await gateway.Charge();

        var cost = ((long)usage["prompt_tokens"]! * 2.5m) + ((long)usage["completion_tokens"]! * 10m);
        decimal.Parse(answer.Headers.GetValues("x-quoin-cost-micros").Single(), CultureInfo.InvariantCulture).ShouldBe(cost);
        var shown = await acme.Client.GetJson($"/v1/requests/{answer.Headers.GetValues("x-request-id").Single()}");
        decimal.Parse((string)shown["cost_micros"]!, CultureInfo.InvariantCulture).ShouldBe(cost);
        ((decimal)await acme.Charged()).ShouldBe(cost, tolerance: 1m);
        ((await acme.Standing(budget)).SpentMicros, await acme.Held()).ShouldBe((cost, 0L));
    }

    [Fact]
    public async Task Operators_see_what_is_left_the_worst_first()
    {
        var acme = await gateway.LiveCustomer();
        await acme.Use(new ModelUsage { InputTokens = 100, OutputTokens = 10, Requests = 1 });
        await acme.Use(new ModelUsage { InputTokens = 100, OutputTokens = 10, Requests = 1 }, Gateway.Fine);
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));

        var answer = await gateway.Operator.SendAs(HttpMethod.Get, "/v1/inference/margins", acme.Org);
        var rows = System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["rows"]!.AsArray();

        rows.Select(row => ((string)row!["name"]!, (string)row["margin_micros"]!))
            .ShouldBe([("openai/gpt-4o", "175"), ("other/fine", "502.4922835")], ignoreOrder: true);
        (await acme.Client.GetAsync("/v1/inference/margins")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Quoted_costs_add_up_to_the_rated_lines()
    {
        var acme = await gateway.Customer();
        var random = new Random(7);
        var quoted = 0m;
        for (var number = 0; number < 40; number++)
        {
            var model = number % 2 == 0 ? Gateway.Gpt : Gateway.Claude;
            var call = await acme.Use(
                new ModelUsage
                {
                    InputTokens = random.Next(1, 5_000),
                    CachedReadTokens = random.Next(0, 2_000),
                    CachedWriteTokens = model == Gateway.Claude ? random.Next(0, 900) : 0,
                    OutputTokens = random.Next(1, 900),
                    Requests = 1,
                },
                model);
            quoted += decimal.Parse((string)(await acme.Shown(call))["cost_micros"]!, CultureInfo.InvariantCulture);
        }

        await gateway.Charge();

        // Each meter of a model is rounded once over the period: five lines of half a micro at most.
        ((decimal)await acme.Charged()).ShouldBe(quoted, tolerance: 2.5m);
        (await acme.Held()).ShouldBe(0);
    }

    [Fact]
    public async Task Customers_never_see_what_the_provider_asks()
    {
        var acme = await gateway.Customer();
        var call = await acme.Use(new ModelUsage { InputTokens = 100, OutputTokens = 10, Requests = 1 });
        await gateway.Tell();

        var asCustomer = (await acme.Shown(call)).ToJsonString();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/requests/{call.Id}");
        request.Headers.Add("Quoin-Org", acme.Org.ToString());
        var asOperator = await (await gateway.Operator.SendAsync(request)).Content.ReadAsStringAsync();

        asCustomer.ShouldNotContain("provider_cost");
        asOperator.ShouldContain("\"provider_cost_micros\":\"175\"");
        (await acme.Events()).ToJsonString().ShouldNotContain("175");
    }

    [Fact]
    public async Task A_thousand_calls_at_once_on_two_replicas_against_a_budget_for_ten_admit_ten()
    {
        var acme = await gateway.Customer();
        await acme.Budget(acme.KeyScope, 10 * 1_250);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(number => Task.Run(() => acme.Admit(
            acme.Call(), input: 100, output: 100, least: 100, on: number % 2 == 0 ? gateway.First : gateway.Second))));

        outcomes.Count(outcome => outcome is AdmissionOutcome.Admitted).ShouldBe(10);
        outcomes.OfType<AdmissionOutcome.Refused>().Select(refused => refused.Code).Distinct()
            .ShouldBe([InferenceProblems.BudgetExceeded]);
    }

    [Fact]
    public async Task The_output_is_cut_to_what_is_left_to_the_token()
    {
        var acme = await gateway.Customer();
        await acme.Budget(acme.KeyScope, 100 * 3 + 40 * 15 + 14);

        var cut = await acme.Admitted(acme.Call(Gateway.Gpt, Gateway.Claude), input: 100, output: 1_000);
        var refused = await acme.Admit(acme.Call(), input: 1, output: 10);

        cut.OutputTokensMax.ShouldBe(35, "input might be written to the dearer model's cache at 3.75");
        var detail = refused.ShouldBeOfType<AdmissionOutcome.Refused>();
        detail.Code.ShouldBe(InferenceProblems.BudgetExceeded);
        detail.Detail.ShouldContain("begins anew at 2026-04-01T00:00:00Z");
    }

    [Fact]
    public async Task Prepaid_credit_is_never_overspent()
    {
        var acme = await gateway.Customer(Settlement.Prepaid, creditMicros: 2_000);
        var first = await acme.Admitted(acme.Call(), input: 100, output: 100);
        var second = await acme.Admit(acme.Call(), input: 100, output: 100, least: 100);

        first.BalanceMicros.ShouldBe(750);
        second.ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.InsufficientCredit);
    }

    [Fact]
    public async Task Where_nothing_was_used_everything_is_given_back()
    {
        var acme = await gateway.Customer();
        var budget = await acme.Budget(acme.KeyScope, 10_000);
        var call = acme.Call();
        await acme.Admitted(call);

        var settled = await acme.Settle(call, ModelUsage.None);
        await gateway.Charge();

        settled.CostMicros.ShouldBe(0);
        ((await acme.Standing(budget)).ReservedMicros, await acme.Held()).ShouldBe((0, 0L));
        ((string)(await acme.Shown(call))["status"]!).ShouldBe("provider_failed");
        (await acme.Events()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Finer_sorts_without_a_price_are_what_they_are_a_sort_of()
    {
        var acme = await gateway.Customer();

        var call = await acme.Use(
            new ModelUsage
            {
                InputTokens = 10,
                OutputTokens = 20,
                ReasoningTokens = 5,
                CachedWriteTokens = 4,
                CachedWriteHourTokens = 4,
                Requests = 1,
            },
            Gateway.Claude);
        await gateway.Charge();

        ((string)(await acme.Shown(call))["cost_micros"]!).ShouldBe("360");
        (await acme.Charged()).ShouldBe(10 * 3 + 20 * 15 + 30);
        (await gateway.First.Get<Metering.Metering>().UnratedDepth(acme.Org, CancellationToken.None)).Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_model_without_a_price_is_refused_unless_somebody_said_it_is_free()
    {
        var (acme, other) = (await gateway.Customer(), await gateway.Customer());
        var refused = await acme.Admit(acme.Call(Gateway.Unknown));
        var said = await gateway.Operator.SendAs(
            HttpMethod.Put, "/v1/inference/unpriced-models", acme.Org, """{"model":"some-model","policy":"zero","reason":"a trial"}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));

        var call = acme.Call(Gateway.Unknown);
        await acme.Admitted(call, on: gateway.Second);
        var settled = await acme.Settle(call, new ModelUsage { InputTokens = 10, OutputTokens = 1, Requests = 1 }, on: gateway.Second);
        await gateway.Charge();

        said.EnsureSuccessStatusCode();
        refused.ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.ModelNotPriced);
        settled.CostMicros.ShouldBe(0);
        (await acme.Events()).ShouldBeEmpty();
        (await other.Admit(other.Call(Gateway.Unknown))).ShouldBeOfType<AdmissionOutcome.Refused>();
    }

    [Fact]
    public async Task What_was_said_of_unpriced_models_is_taken_back()
    {
        var acme = await gateway.Customer();
        await Say("zero");
        (await acme.Admit(acme.Call(Gateway.Unknown))).ShouldBeOfType<AdmissionOutcome.Admitted>();

        await Say("inherit");

        (await acme.Admit(acme.Call(Gateway.Unknown))).ShouldBeOfType<AdmissionOutcome.Refused>();
        (await gateway.Operator.GetStringAsync("/v1/inference/unpriced-models")).ShouldNotContain(acme.Org.ToString());

        async Task Say(string policy)
        {
            var body = $$"""{"model":"some-model","policy":"{{policy}}","reason":"a trial"}""";
            (await gateway.Operator.SendAs(HttpMethod.Put, "/v1/inference/unpriced-models", acme.Org, body)).EnsureSuccessStatusCode();
            gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        }
    }
}
