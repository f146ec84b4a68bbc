using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>
/// Two replicas of the gateway on one database, whose background work a test runs by hand, and one price list. The provider
/// is the test: it says what a call used.
/// </summary>
public sealed class Gateway : IAsyncLifetime
{
    /// <summary>A model with prices: 2.5 micros a token in, 10 out, 1.25 from the cache; the operator pays half.</summary>
    public static readonly ProviderModel Gpt = new("openai", "gpt-4o");

    /// <summary>A dearer one: 3 in, 15 out, 3.75 into the cache, 0.3 from it.</summary>
    public static readonly ProviderModel Claude = new("anthropic", "claude-sonnet");

    /// <summary>One whose prices have many decimals, with a price a call.</summary>
    public static readonly ProviderModel Fine = new("other", "fine");

    /// <summary>One that nothing prices.</summary>
    public static readonly ProviderModel Unknown = new("other", "unknown");

    /// <summary>The built-in model that says what it was told.</summary>
    public static readonly ProviderModel Demo = new("demo", "demo-echo");

    private readonly TestDatabase database = new();

    public SettableClock Clock { get; } = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    public TestHost First { get; private set; } = null!;

    public TestHost Second { get; private set; } = null!;

    public HttpClient Operator { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        First = await TestHost.Start(database, "api", Clock, configure: WithDemo);
        Second = await TestHost.Start(database, "api", Clock, configure: WithDemo);
        Operator = await First.OperatorClient();
        await First.PublishPrices(
            Price("llm.input_tokens", Demo, 2.5m),
            Price("llm.output_tokens", Demo, 10m),
            Price("llm.input_tokens", Gpt, 2.5m),
            Price("llm.output_tokens", Gpt, 10m),
            Price("llm.cached_read_tokens", Gpt, 1.25m),
            Price("llm.input_tokens", Claude, 3m),
            Price("llm.output_tokens", Claude, 15m),
            Price("llm.cached_read_tokens", Claude, 0.3m),
            Price("llm.cached_write_tokens", Claude, 3.75m),
            Price("llm.input_tokens", Fine, 0.0375m),
            Price("llm.output_tokens", Fine, 0.1234567m),
            new NewPrice("llm.requests", Dimensions.Of("model", Fine.Model), 0.0005m, 1m, null),
            new NewPrice("llm.input_tokens", Dimensions.Of("model", Gpt.AsOwn().Model), 0.1m, 1_000_000m, null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", Gpt.AsOwn().Model), 0.2m, 1_000_000m, null));
    }

    public async Task DisposeAsync()
    {
        Operator.Dispose();
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>A new customer.</summary>
    public async Task<Customer> Customer(
        Settlement settlement = Settlement.Postpaid, long creditMicros = 0, OrganisationMode mode = OrganisationMode.Test)
    {
        var org = await First.CreateOrganisation(settlement, mode);
        if (creditMicros > 0)
        {
            var outcome = await First.Get<Ledger.Ledger>().Run(
                new CreateGrant(
                    org.Id,
                    org.BillingAccount,
                    new IdSource(TimeProvider.System).Next().ToString(),
                    new Money(creditMicros, Currency.Usd),
                    GrantSource.Purchased,
                    Clock.GetUtcNow(),
                    "test"),
                CancellationToken.None);
            outcome.ShouldBeOfType<GrantOutcome.Granted>();
        }

        var key = (await First.Get<Keys>().Newest(org.Id, CancellationToken.None)).Single();
        return new Customer(this, org, key.Id.ToString());
    }

    /// <summary>A new customer that pays real money.</summary>
    public Task<Customer> LiveCustomer() => Customer(mode: OrganisationMode.Live);

    /// <summary>Writes a call into the journal again as calls of other callers, each answered by another model.</summary>
    public async Task CopyCall(ModelCall call, IReadOnlyList<string> callers)
    {
        await using var command = First.Get<NpgsqlDataSource>().Sql(CopySql, call.Org.Value, call.Id.Value, callers.ToArray());
        (await command.ExecuteNonQueryAsync()).ShouldBe(callers.Count);
    }

    private const string CopySql = """
        insert into inference.requests
        select copy.*
        from inference.requests r
        cross join unnest($3::text[]) with ordinality as caller (name, number)
        cross join lateral jsonb_populate_record(r, jsonb_build_object(
            'request_id', gen_random_uuid(), 'actor', caller.name, 'provider_model', 'copy-' || caller.number)) copy
        where r.org_id = $1
            and r.request_id = $2
        """;

    /// <summary>Looks for reservations nobody renewed, on a replica.</summary>
    public Task Lapse(TestHost? on = null) => RunPump("limits.hand-over-lapsed", on);

    /// <summary>Tells Metering what waits, on a replica.</summary>
    public Task Tell(TestHost? on = null) => RunPump("inference.tell", on);

    /// <summary>Tells what waits, rates it and posts it.</summary>
    public async Task Charge()
    {
        await Tell();
        await First.RateAll();
    }

    private Task RunPump(string pump, TestHost? on) => (on ?? First).Get<Pumps>().RunUntilIdle(pump, CancellationToken.None);

    private static void WithDemo(IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton(new InferenceOptions { Demo = true }));

    private static NewPrice Price(string meter, ProviderModel model, decimal microsPerToken) =>
        new(meter, Dimensions.Of("model", model.Model), microsPerToken, 1_000_000m, null)
        {
            Cost = PriceTerms.PerUnit(microsPerToken / 2, 1_000_000m),
        };
}
