using System.Text.Json.Nodes;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>A customer of the gateway: calls models, and looks at what became of it.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="org">The customer.</param>
/// <param name="key">The id of its key.</param>
public sealed class Customer(Gateway gateway, TestOrganisation org, string key)
{
    public OrgId Org => org.Id;

    public string Key => key;

    public SpendScope KeyScope => new("key", key);

    public HttpClient Client { get; } = gateway.First.Client(org.Key);

    /// <summary>The same customer with another key.</summary>
    public Customer With(string other) => new(gateway, org, other);

    /// <summary>A call to be made, as the gateway's surfaces make it.</summary>
    public ModelCall Call(params ProviderModel[] candidates) => new(
        gateway.First.Get<IdSource>().Next<CallId>(),
        org.Id,
        org.BillingAccount,
        key,
        Protocol.OpenAiChat,
        "some-model",
        candidates.Length == 0 ? [Gateway.Gpt] : candidates,
        IsStream: false,
        gateway.Clock.GetUtcNow())
    {
        Session = "session-1",
    };

    public Task<AdmissionOutcome> Admit(ModelCall call, long input = 100, long output = 100, long least = 1, TestHost? on = null) =>
        (on ?? gateway.First).Get<IAdmission>().Admit(call, new UsageBounds(input, output, least), CancellationToken.None).AsTask();

    public async Task<AdmissionOutcome.Admitted> Admitted(ModelCall call, long input = 100, long output = 100, TestHost? on = null) =>
        (await Admit(call, input, output, on: on)).ShouldBeOfType<AdmissionOutcome.Admitted>();

    /// <summary>Says what a call used, and waits until that is durable.</summary>
    public async Task<Settled> Settle(ModelCall call, ModelUsage usage, ProviderModel? answered = null, TestHost? on = null)
    {
        var status = usage.IsNone ? CallStatus.ProviderFailed : CallStatus.Succeeded;
        var ending = new CallEnding(status, usage.IsNone ? null : answered ?? call.Candidates[0], usage)
        {
            ProviderStatus = 200,
            ProviderRequestId = "upstream-1",
            FirstByte = TimeSpan.FromMilliseconds(12),
            Total = TimeSpan.FromMilliseconds(345),
        };
        var settled = await (on ?? gateway.First).Get<ISettlement>().Settle(call, ending);
        await settled.Committed;
        return settled;
    }

    /// <summary>A call from its admission to its settlement.</summary>
    public async Task<ModelCall> Use(ModelUsage usage, ProviderModel? model = null)
    {
        var call = Call(model ?? Gateway.Gpt);
        await Admitted(call, Math.Max(1, usage.AllInputTokens), Math.Max(1, usage.AllOutputTokens));
        await Settle(call, usage);
        return call;
    }

    public async Task<Budget> Budget(SpendScope scope, long micros) => (await gateway.First.Get<Budgets>().Create(
        org.Id,
        new NewBudget(scope, new Money(micros, Currency.Usd), BudgetWindow.Month, SpendPosture.Hard),
        "test",
        CancellationToken.None)).ShouldBeOfType<BudgetOutcome.Kept>().Budget;

    public async Task<BudgetStanding> Standing(Budget budget) =>
        (await gateway.Second.Get<Budgets>().Find(org.Id, budget.Id, CancellationToken.None)).ShouldNotBeNull();

    /// <summary>Waits until a call that was answered is in the journal: answers are sent while that is written.</summary>
    public async Task<string> Over(HttpResponseMessage answer)
    {
        var id = answer.Headers.GetValues("x-request-id").Single();
        for (var tries = 0; tries < 1_000 && !(await Client.GetAsync($"/v1/requests/{id}")).IsSuccessStatusCode; tries++)
        {
        }

        return id;
    }

    /// <summary>A call as the customer sees it.</summary>
    public Task<JsonNode> Shown(ModelCall call) => Client.GetJson($"/v1/requests/{call.Id}");

    /// <summary>What holds reserve now.</summary>
    public async Task<long> Held() => (await gateway.First.Get<Ledger.Ledger>().Holds(
        org.Id, new HoldFilter(null, HoldState.Open), null, 500, CancellationToken.None)).Sum(hold => hold.Parts.Sum(part => part.Micros));

    /// <summary>What rated lines come to, by meter.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Lines() => (await Client.GetJson("/v1/rated-lines?limit=500"))["data"]!.AsArray()
        .GroupBy(line => (string)line!["meter"]!)
        .ToDictionary(lines => lines.Key, lines => lines.Sum(line => (long)line!["amount"]!["amount_micros"]!));

    /// <summary>What was charged altogether.</summary>
    public async Task<long> Charged() => (await Lines()).Values.Sum();

    /// <summary>Usage events that were told.</summary>
    public async Task<JsonArray> Events() => (await Client.GetJson("/v1/events?limit=500"))["data"]!.AsArray();
}

internal static class OperatorRequests
{
    /// <summary>Sends JSON as an operator who acts in an organisation.</summary>
    public static async Task<HttpResponseMessage> SendAs(
        this HttpClient client, HttpMethod method, string path, OrgId org, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Quoin-Org", org.ToString());
        if (json is not null)
        {
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", new IdSource(TimeProvider.System).Next().ToString());
        }

        return await client.SendAsync(request);
    }
}
