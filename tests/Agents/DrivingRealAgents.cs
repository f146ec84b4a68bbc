using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.EndToEnd.Agents;
using Quoin.Tests.Support;

namespace Quoin.Tests.Agents;

/// <summary>
/// Agents as people install them, unchanged, over a virtual key: each asks a model that speaks another vendor's protocol than
/// the agent does, runs the command the model wants run, and is charged for it by the session the agent says it is in.
/// </summary>
public sealed class DrivingRealAgents : IAsyncLifetime, IDisposable
{
    private const string Model = "scripted";
    private const string Task = "Run the command and tell me what it says.";

    private readonly TestDatabase database = new();
    private TestFolder home = null!;
    private ScriptedModelProvider provider = null!;
    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient desk = null!;
    private string key = "";

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        home = await TestFolder.Create();
        host = await TestHost.Start(database);
        desk = await host.OperatorClient();
        provider = await ToolCallingModel.Start();
        await host.PublishPrices(
            new NewPrice("llm.input_tokens", Dimensions.Of("model", Model), 2m, 1_000_000, null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", Model), 10m, 1_000_000, null));
        await Configure("scripted", "openai_compatible", provider.Address, ["openai_chat"], "none");
        org = await LiveOrganisation();
        key = await VirtualKey();
    }

    public async Task DisposeAsync()
    {
        desk.Dispose();
        await host.DisposeAsync();
        await provider.DisposeAsync();
        await database.DisposeAsync();
    }

    public void Dispose() => home.Dispose();

    [Theory]
    [InlineData("custom", "@ai-sdk/openai-compatible", "openai_chat")]
    [InlineData("anthropic", null, "anthropic_messages")]
    [InlineData("openai", null, "openai_responses")]
    public async Task OpenCode_works(string name, string? package, string protocol)
    {
        var agent = new Agent("opencode", home)
        {
            Files = { ["opencode.json"] = OpenCodeConfiguration(name, package) },
            Environment =
            {
                ["OPENCODE_CONFIG"] = Path.Combine(home.Root, "opencode.json"),
                ["OPENCODE_DISABLE_AUTOUPDATE"] = "1",
                ["OPENCODE_DISABLE_MODELS_FETCH"] = "1",
                ["OPENCODE_DISABLE_LSP_DOWNLOAD"] = "1",
            },
        };

        var run = await agent.Run("run", Task);

        run.Output.ShouldContain(ToolCallingModel.Result, customMessage: run.ToString());
        await IsChargedByItsSession(protocol);
    }

    [Fact]
    public async Task Claude_Code_works()
    {
        var agent = new Agent("claude", home)
        {
            Environment =
            {
                ["ANTHROPIC_BASE_URL"] = host.Address.ToString().TrimEnd('/'),
                ["ANTHROPIC_AUTH_TOKEN"] = key,
                ["ANTHROPIC_MODEL"] = Model,
                ["ANTHROPIC_SMALL_FAST_MODEL"] = Model,
                ["ANTHROPIC_DEFAULT_HAIKU_MODEL"] = Model,
                ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
            },
        };

        var run = await agent.Run("-p", Task, "--output-format", "json", "--allowedTools", "Bash");

        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldContain(ToolCallingModel.Result, customMessage: run.ToString());
        await IsChargedByItsSession("anthropic_messages");
    }

    [Fact]
    public async Task Codex_works()
    {
        var agent = new Agent("codex", home)
        {
            Files =
            {
                [".codex/config.toml"] = $"""
                    model = "{Model}"
                    model_provider = "quoin"
                    [model_providers.quoin]
                    name = "Quoin"
                    base_url = "{new Uri(host.Address, "/v1")}"
                    env_key = "QUOIN_KEY"
                    wire_api = "responses"
                    """,
            },
            Environment = { ["QUOIN_KEY"] = key, ["CODEX_HOME"] = Path.Combine(home.Root, ".codex") },
        };

        var run = await agent.Run(
            "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--json", Task);

        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldContain(ToolCallingModel.Result, customMessage: run.ToString());
        await IsChargedByItsSession("openai_responses");
    }

    private async Task IsChargedByItsSession(string protocol)
    {
        using var client = host.Client(org.Key);
        var calls = (await client.GetJson("/v1/requests?limit=100"))["data"]!.AsArray();
        calls.Count.ShouldBeGreaterThanOrEqualTo(2, "one that asks for the tool, one with what it said");
        calls.Select(call => (string)call!["status"]!).Distinct().ShouldBe(["succeeded"]);
        calls.Select(call => (string)call!["protocol"]!).Distinct().ShouldBe([protocol]);
        calls.Select(call => (string?)call!["session"]).Distinct().ShouldHaveSingleItem().ShouldNotBeNullOrEmpty();
        calls.Select(call => (string)call!["cost_micros"]!).Distinct().ShouldBe(["300"], "a hundred tokens in for 2, ten out for 10");
    }

    private string OpenCodeConfiguration(string name, string? package)
    {
        var own = new JsonObject
        {
            ["options"] = new JsonObject { ["baseURL"] = new Uri(host.Address, "/v1").ToString(), ["apiKey"] = key },
            ["models"] = new JsonObject
            {
                [Model] = new JsonObject
                {
                    ["name"] = "Scripted",
                    ["tool_call"] = true,
                    ["limit"] = new JsonObject { ["context"] = 128_000, ["output"] = 4_096 },
                },
            },
        };
        if (package is not null)
        {
            own["npm"] = package;
        }

        return new JsonObject
        {
            ["provider"] = new JsonObject { [name] = own },
            ["model"] = $"{name}/{Model}",
            ["small_model"] = $"{name}/{Model}",
            ["enabled_providers"] = new JsonArray(name),
            ["autoupdate"] = false,
            ["share"] = "disabled",
            ["permission"] = new JsonObject { ["bash"] = "allow" },
        }.ToJsonString();
    }

    private async Task<TestOrganisation> LiveOrganisation()
    {
        var created = await host.Get<Organisations>().Create(
            new NewOrganisation("Acme", OrganisationMode.Live, Settlement: Settlement.Postpaid), "test", CancellationToken.None);
        var profile = ((CreateOrganisationOutcome.Created)created).Organisation;
        var made = await host.Get<Keys>().CreateForOrganisation(
            profile.Id, new NewKey("test"), "test", CancellationToken.None);
        return new TestOrganisation(profile, ((CreateKeyOutcome.Created)made).Key.Secret);
    }

    private async Task<string> VirtualKey()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/inference/keys")
        {
            Content = JsonContent.Create(new { label = "agent", rules = new { models = new[] { Model } } }),
            Headers = { { "Quoin-Org", org.Id.ToString() }, { "Idempotency-Key", "agent" } },
        };
        using var answer = await desk.SendAsync(request);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["secret"]!;
    }

    private async Task Configure(string name, string kind, Uri address, string[] protocols, string credential)
    {
        await Put($"/v1/inference/providers/{name}", new
        {
            kind,
            base_url = address.ToString().TrimEnd('/'),
            protocols,
            credential,
            reason = "test",
        });
        await Put("/v1/inference/models", new
        {
            model = Model,
            deployments = new[] { new { provider = name, model = Model, input_tokens_max = 200_000, output_tokens_max = 8_000 } },
            reason = "test",
        });
    }

    private async Task Put(string path, object body)
    {
        using var answer = await desk.PutAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }
}
