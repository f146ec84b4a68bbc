using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// A host with the demo models, shared by the tests of the gateway. It is also its own provider over a socket: once as one
/// that speaks nothing but Anthropic's messages, once as one that speaks nothing but OpenAI's chat completions.
/// </summary>
public sealed class Gateway : IAsyncLifetime
{
    /// <summary>Stands before the demo model's name where it is reached over Anthropic's protocol.</summary>
    public const string OverAnthropic = "over-anthropic/";

    /// <summary>Stands before the demo model's name where it is reached over OpenAI's.</summary>
    public const string OverOpenAi = "over-openai/";

    private static readonly string[] Crossed = ["demo-echo", "demo-tools", "demo-reason", "demo-cached", "demo-break", "demo-error-400"];

    private readonly TestDatabase database = new();

    /// <summary>The host.</summary>
    public TestHost Host { get; private set; } = null!;

    /// <summary>What the gateway asks and tells of money.</summary>
    public MoneySeams Money { get; private set; } = null!;

    /// <summary>A test-mode organisation and its key.</summary>
    public TestOrganisation Organisation { get; private set; } = null!;

    /// <summary>The address as OpenAI's clients take it.</summary>
    public Uri OpenAiAddress => new(Host.Address, "/v1");

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        Host = await TestHost.Start(database, configure: services =>
        {
            services.Replace(ServiceDescriptor.Singleton(new InferenceOptions { Demo = true }));
            Money = MoneySeams.Watch(services);
        });
        Organisation = await Host.CreateOrganisation();
        using var desk = await Host.OperatorClient();
        await Host.PublishPrices(
            new NewPrice("llm.input_tokens", Dimensions.Of("model", "demo-echo"), 2m, 1_000_000, null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", "demo-echo"), 10m, 1_000_000, null));
        await Sent(desk, "/v1/inference/unpriced-models", new { policy = "zero", reason = "test" });
        await AddProvider(desk, "self-anthropic", "anthropic", Host.Address, ["anthropic_messages"]);
        await AddProvider(desk, "self-openai", "openai_compatible", OpenAiAddress, ["openai_chat"]);
        foreach (var model in Crossed)
        {
            await AddModel(desk, OverAnthropic + model, ("self-anthropic", model));
            await AddModel(desk, OverOpenAi + model, ("self-openai", model));
        }
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>Adds a provider that takes this organisation's key, with so many seconds for every step.</summary>
    public Task AddProvider(HttpClient desk, string name, string kind, Uri address, string[] protocols, int seconds = 60) =>
        AddProvider(desk, name, kind, address, protocols, Organisation.Key, seconds);

    /// <summary>Adds a provider that takes a credential, with so many seconds for every step.</summary>
    public static async Task AddProvider(
        HttpClient desk, string name, string kind, Uri address, string[] protocols, string credential, int seconds = 60) =>
        await Sent(desk, $"/v1/inference/providers/{name}", new
        {
            kind,
            base_url = address.ToString().TrimEnd('/'),
            protocols,
            credential,
            first_byte_seconds = seconds,
            idle_seconds = seconds,
            reason = "test",
        });

    /// <summary>Offers a model at providers.</summary>
    public static async Task AddModel(HttpClient desk, string name, params (string Provider, string Model)[] places) =>
        await Sent(desk, "/v1/inference/models", new
        {
            model = name,
            deployments = places.Select(place => new
            {
                provider = place.Provider,
                model = place.Model,
                input_tokens_max = 100_000,
                output_tokens_max = 1_000,
                tags = new[] { "test_mode" },
            }),
            reason = "test",
        });

    private static async Task Sent(HttpClient desk, string path, object body)
    {
        using var answer = await desk.PutAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }
}

/// <summary>Tests that share one gateway.</summary>
[CollectionDefinition(Name)]
public sealed class GatewayTests : ICollectionFixture<Gateway>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "gateway";
}
