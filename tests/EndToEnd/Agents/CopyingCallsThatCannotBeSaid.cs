using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Inference;
using Quoin.Kernel;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>Copies whose shadow has no words for them: they are noted, and neither the next copy nor the host minds.</summary>
[Collection(GatewayTests.Name)]
public sealed class CopyingCallsThatCannotBeSaid(Gateway gateway)
{
    private const int Many = 2 * Limits.ShadowsAtOnceMax;

    private const string Embedded = """
        {"object":"list","data":[{"index":0,"embedding":[1,0]}],"usage":{"prompt_tokens":3,"total_tokens":3}}
        """;

    private const string GeminiEmbedded = """{"embeddings":[{"values":[0.5]}],"usageMetadata":{"promptTokenCount":3}}""";

    private readonly string name = $"copied-{new IdSource(TimeProvider.System).Next():n}";

    [Fact]
    public async Task The_next_copy_is_made_after_more_of_them_than_are_made_at_once()
    {
        using var desk = await gateway.Host.OperatorClient();
        using var client = gateway.Host.Client(gateway.Organisation.Key);
        await using var openai = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, Embedded));
        await using var gemini = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, GeminiEmbedded));
        await Provide(desk, "openai_compatible", openai.Address);
        await Provide(desk, "gemini", new Uri(gemini.Address, "/v1beta"));
        await Offer(desk);

        for (var call = 0; call < Many; call++)
        {
            await Embed(client, new[] { 11, 12, 13 });
        }

        await Copied(desk, "unsayable", Many);
        await Embed(client, "a text");
        await Copied(desk, "succeeded", 1);

        gemini.Seen.Count.ShouldBe(1);
    }

    private async Task Provide(HttpClient desk, string kind, Uri address)
    {
        using var answer = await desk.PutAsJsonAsync($"/v1/inference/providers/{name}-{kind}", new
        {
            kind,
            base_url = address.ToString().TrimEnd('/'),
            protocols = kind == "gemini" ? null : new[] { "openai_embeddings" },
            credential = "key",
            reason = "test",
        });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task Offer(HttpClient desk)
    {
        using var answer = await desk.PutAsJsonAsync("/v1/inference/models", new
        {
            model = name,
            reason = "test",
            deployments = new[] { Deployment("openai_compatible", 0), Deployment("gemini", 100) },
        });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private object Deployment(string kind, int shadowPercent) => new
    {
        provider = $"{name}-{kind}",
        model = "gemini-embedding-001",
        input_tokens_max = 1_000,
        output_tokens_max = 1,
        shadow_percent = shadowPercent,
        tags = new[] { "test_mode" },
    };

    private async Task Embed(HttpClient client, object input)
    {
        using var answer = await client.PostAsJsonAsync("/v1/embeddings", new { model = name, input });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task Copied(HttpClient desk, string outcome, int calls)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var seen = 0;
        while (seen != calls)
        {
            var shadows = await desk.GetFromJsonAsync<JsonObject>("/v1/inference/shadows", patience.Token);
            var row = shadows!["data"]!.AsArray().FirstOrDefault(
                one => (string)one!["provider"]! == $"{name}-gemini" && (string)one["outcome"]! == outcome);
            seen = (int?)row?["calls"] ?? 0;
            await Task.Delay(20, patience.Token);
        }
    }
}
