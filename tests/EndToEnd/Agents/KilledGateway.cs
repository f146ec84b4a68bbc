using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Pricing;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Two real processes on one database in front of a provider of the test, and an organisation that has paid and calls with a
/// key that has a budget. One of them is killed; what it had begun is the other's then.
/// </summary>
public abstract class KilledGateway(TestDatabase database, ITestOutputHelper log) : IAsyncLifetime
{
    protected const string Model = "some-model";

    // At two micros a token in and ten out, without a fraction: books, journal and budget must say the same.
    protected const string Answer = """
        {"id":"c1","object":"chat.completion","model":"some-model","choices":[{"index":0,"message":{"role":"assistant",
        "content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}
        """;

    private readonly CancellationTokenSource patience = new(TimeSpan.FromSeconds(90));
    private TestOrganisation org = null!;
    private string virtualKey = string.Empty;

    protected TestDatabase Database => database;

    protected ITestOutputHelper Log => log;

    protected CancellationToken Patience => patience.Token;

    protected ScriptedModelProvider Provider { get; private set; } = null!;

    private protected QuoinProcess[] Replicas { get; private set; } = [];

    protected string OperatorKey { get; private set; } = string.Empty;

    public async Task InitializeAsync()
    {
        Provider = await ScriptedModelProvider.Start(Provide);
        await using (var beside = await TestHost.Start(database, "api"))
        {
            using var desk = await beside.OperatorClient();
            OperatorKey = desk.DefaultRequestHeaders.Authorization!.Parameter!;
            await Offer(beside, desk);
            org = await beside.CreateOrganisation(Settlement.Prepaid);
            await beside.Get<Ledger.Ledger>().Run(
                new CreateGrant(
                    org.Id,
                    org.BillingAccount,
                    "credit",
                    new Money(10_000_000, Currency.Usd),
                    GrantSource.Purchased,
                    TimeProvider.System.GetUtcNow(),
                    "test"),
                patience.Token);
            virtualKey = (string)(await Operate(desk, HttpMethod.Post, "/v1/inference/keys", new
            {
                label = "agent",
                budget = new { amount = new { currency = "USD", amount_micros = 5_000_000 }, window = "month" },
            }))["secret"]!;
        }

        Replicas = await Task.WhenAll(Serve(), Serve());
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            log.WriteLine(replica.Output);
        }

        await Task.WhenAll(Replicas.Select(replica => replica.DisposeAsync().AsTask()));
        await Provider.DisposeAsync();
        patience.Dispose();
    }

    /// <summary>What the provider does with a call.</summary>
    protected abstract Task Provide(HttpContext context, string body);

    private async Task Offer(TestHost beside, HttpClient desk)
    {
        await beside.PublishPrices(
            new NewPrice("llm.input_tokens", Dimensions.Of("model", Model), 2m, 1_000_000, null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", Model), 10m, 1_000_000, null));
        await Gateway.AddProvider(desk, "scripted", "openai_compatible", Provider.Address, ["openai_chat"], "sk-scripted");
        await Gateway.AddModel(desk, Model, ("scripted", Model));
    }

    private protected static Dictionary<string, string> Settings() => new()
    {
        ["QUOIN_MASTER_KEY"] = TestHost.MasterKey,
        ["QUOIN_INFERENCE_LEASE_SECONDS"] = "6",
    };

    private Task<QuoinProcess> Serve() => QuoinProcess.ServeConfigured(database.ConnectionString, Settings());

    private protected async Task<HttpResponseMessage> Call(QuoinProcess replica, string stage, bool isStream = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", virtualKey);
        request.Content = JsonContent.Create(new
        {
            model = Model,
            stream = isStream,
            messages = new[] { new { role = "user", content = stage } },
        });
        return await replica.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
    }

    protected async Task<JsonNode> Operate(HttpClient client, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Quoin-Org", org.Id.ToString());
        request.Headers.Add("Idempotency-Key", path);
        using var answer = await client.SendAsync(request, patience.Token);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }

    /// <summary>The process that does a pump's work on the only row of a table.</summary>
    private protected async Task<QuoinProcess> WhoDoes(string pump, string table)
    {
        var owner = await Text($"select l.owner from platform.leases l join {table} t on l.name = '{pump}/' || t.shard");
        return Replicas.Single(replica => owner.Split('/')[1] == replica.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    protected Task Until(string sql) => Until(async () =>
    {
        await using var command = database.Owner.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is true;
    });

    protected async Task Until(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"Patience is over. What is reserved:\n{await Reserved()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    private async Task<string> Reserved()
    {
        await using var command = database.Owner.CreateCommand("""
            select string_agg(concat_ws(' ', key, state, lapses_at, details), E'\n' order by reserved_at)
            from limits.spend_reservations
            """);
        return await command.ExecuteScalarAsync() as string ?? "nothing";
    }

    protected async Task<string> Text(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync(patience.Token))!;
    }
}
