using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Inference;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>
/// Every way in which providers tell usage and prices are written: from an answer, over the import of a public file of
/// prices, to a cost that hands have reckoned. The flavours are those of pydantic's genai-prices (MIT), whose
/// <c>extractors</c> say where each provider's numbers are; the prices here are our own.
/// </summary>
public sealed class PricingEveryFlavour(Gateway gateway) : IClassFixture<Gateway>, IAsyncLifetime
{
    private const string Genai = """
        [{"id":"anthropic","models":[
           {"id":"flavour-tiers","prices":{
             "input_mtok":{"base":3,"tiers":[{"start":200000,"price":6}]},
             "cache_write_mtok":{"base":3.75,"tiers":[{"start":200000,"price":7.5}]},
             "cache_read_mtok":{"base":0.3,"tiers":[{"start":200000,"price":0.6}]},
             "output_mtok":{"base":15,"tiers":[{"start":200000,"price":22.5}]}}},
           {"id":"flavour-dated","prices":[
             {"prices":{"input_mtok":10,"output_mtok":40}},
             {"constraint":{"start_date":"2026-02-01"},"prices":{"input_mtok":2,"output_mtok":8}},
             {"constraint":{"start_date":"2026-09-01"},"prices":{"input_mtok":3,"output_mtok":15}}]}]},
         {"id":"openai","models":[
           {"id":"flavour-audio","prices":{"input_mtok":2.5,"cache_read_mtok":0.25,"cache_write_mtok":3.125,"output_mtok":10,
             "input_audio_mtok":40,"output_audio_mtok":80}},
           {"id":"flavour-embedding","prices":{"input_mtok":0.02}}]},
         {"id":"aws","models":[
           {"id":"flavour-nova","prices":{"input_mtok":0.8,"cache_read_mtok":0.2,"cache_write_mtok":1,"output_mtok":3.2}}]},
         {"id":"google","models":[
           {"id":"flavour-gemini","prices":{
             "input_mtok":{"base":1.25,"tiers":[{"start":200000,"price":2.5}]},
             "cache_read_mtok":{"base":0.125,"tiers":[{"start":200000,"price":0.25}]},
             "output_mtok":{"base":10,"tiers":[{"start":200000,"price":15}]},
             "input_audio_mtok":1.5,"cache_audio_read_mtok":0.15,"output_audio_mtok":20}}]},
         {"id":"cohere","models":[{"id":"flavour-command","prices":{"input_mtok":2.5,"cache_read_mtok":1,"output_mtok":10}}]},
         {"id":"deepseek","models":[
           {"id":"flavour-hours","prices":[
             {"prices":{"input_mtok":0.135,"cache_read_mtok":0.035,"output_mtok":0.55}},
             {"constraint":{"start_time":"00:30:00Z","end_time":"16:30:00Z"},
              "prices":{"input_mtok":0.27,"cache_read_mtok":0.07,"output_mtok":1.1}}]}]},
         {"id":"perplexity","models":[{"id":"flavour-requests","prices":{"input_mtok":1,"output_mtok":1,"requests_kcount":12}}]},
         {"id":"x-ai","models":[{"id":"flavour-plain","prices":{"input_mtok":3,"cache_read_mtok":0.75,"output_mtok":15}}]}]
        """;

    private const string LiteLlm = """
        {"sample_spec":{"input_cost_per_token":0},
         "flavour-fine":{"litellm_provider":"litellm","input_cost_per_token":3e-06,"output_cost_per_token":1.5e-05,
           "output_cost_per_reasoning_token":6e-05,"cache_read_input_token_cost":3e-07,
           "cache_creation_input_token_cost":3.75e-06,"cache_creation_input_token_cost_above_1hr":6e-06,
           "cache_creation_input_token_cost_above_1hr_above_200k_tokens":1.2e-05,
           "input_cost_per_token_above_200k_tokens":6e-06,"output_cost_per_token_above_200k_tokens":2.25e-05,
           "cache_read_input_token_cost_above_200k_tokens":6e-07,"cache_creation_input_token_cost_above_200k_tokens":7.5e-06,
           "input_cost_per_token_batches":1.5e-06,"output_cost_per_token_priority":3e-05,"input_cost_per_token_flex":1e-06,
           "input_cost_per_request":0.002,
           "search_context_cost_per_query":{"search_context_size_low":0.03},"mode":"chat","supports_vision":true},
         "flavour-heard":{"litellm_provider":"litellm","input_cost_per_token":1e-06,"input_cost_per_audio_token":4e-06,
           "output_cost_per_token":2e-06,"output_cost_per_audio_token":8e-06},
         "flavour-image":{"litellm_provider":"litellm","output_cost_per_image":0.04,"input_cost_per_pixel":1e-08},
         "flavour-seconds":{"litellm_provider":"litellm","input_cost_per_second":0.0001},
         "flavour-letters":{"litellm_provider":"litellm","input_cost_per_character":1e-06}}
        """;

    private static readonly SemaphoreSlim Once = new(1);
    private static Gateway? imported;

    public async Task InitializeAsync()
    {
        await Once.WaitAsync();
        try
        {
            if (imported != gateway)
            {
                foreach (var provider in JsonNode.Parse(Genai)!.AsArray())
                {
                    await Publish(Genai, $"genai&provider={provider!["id"]}");
                }

                await Publish(LiteLlm, "litellm&provider=litellm");

                // What is published holds from the next quarter hour on.
                gateway.Clock.Advance(TimeSpan.FromMinutes(16));
                imported = gateway;
            }
        }
        finally
        {
            Once.Release();
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    // Anthropic: caches beside the input. 100×3 + 200×0.3 + 400×3.75 + 50×15; AWS and Google sell it so, too.
    [InlineData("anthropic/flavour-tiers", Protocol.AnthropicMessages, "2610",
        """
        {"usage":{"input_tokens":100,"cache_read_input_tokens":200,"cache_creation_input_tokens":400,
        "output_tokens":50}}
        """)]
    // 100,000×6 + 100,001×0.6 + 10×22.5: one token beyond 200,000, and all of it is dearer.
    [InlineData("anthropic/flavour-tiers", Protocol.AnthropicMessages, "660225.6",
        """{"usage":{"input_tokens":100000,"cache_read_input_tokens":100001,"output_tokens":10}}""")]
    // 100,000×3 + 100,000×0.3 + 10×15: 200,000 are not beyond it.
    [InlineData("anthropic/flavour-tiers", Protocol.AnthropicMessages, "330150",
        """{"usage":{"input_tokens":100000,"cache_read_input_tokens":100000,"output_tokens":10}}""")]
    // 100,000×6 + 100,001×7.5: what is kept for an hour makes a request large, too, and costs what writing does.
    [InlineData("anthropic/flavour-tiers", Protocol.AnthropicMessages, "1350007.5",
        """
        {"usage":{"input_tokens":100000,"cache_creation_input_tokens":100001,"output_tokens":0,
        "cache_creation":{"ephemeral_1h_input_tokens":100001}}}
        """)]
    // Anthropic's own chat completions: 90×3 + 10×0.3 + 5×15.
    [InlineData("anthropic/flavour-tiers", Protocol.OpenAiChat, "348",
        """{"usage":{"prompt_tokens":100,"cached_tokens":10,"completion_tokens":5}}""")]
    // By date: 100×2 + 10×8, of the second of three prices.
    [InlineData("anthropic/flavour-dated", Protocol.AnthropicMessages, "280",
        """
        {"usage":{"input_tokens":100,"output_tokens":10}}
        """)]
    // AWS Converse: 100×0.8 + 20×0.2 + 30×1 + 10×3.2.
    [InlineData("aws/flavour-nova", Protocol.BedrockConverse, "146",
        """
        {"usage":{"inputTokens":100,"cacheReadInputTokens":20,"cacheWriteInputTokens":30,"outputTokens":10,
        "totalTokens":160}}
        """)]
    // OpenAI's chat: 30×2.5 + 20×0.25 + 10×3.125 + 40×40 + 5×10 + 15×80; thoughts are output.
    [InlineData("openai/flavour-audio", Protocol.OpenAiChat, "2961.25",
        """
        {"usage":{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":20,
        "cache_write_tokens":10,"audio_tokens":40},"completion_tokens_details":{"audio_tokens":15,
        "reasoning_tokens":2}}}
        """)]
    // Responses: 70×2.5 + 20×0.25 + 10×3.125 + 8×10.
    [InlineData("openai/flavour-audio", Protocol.OpenAiResponses, "291.25",
        """
        {"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":20,"cache_write_tokens":10},
        "output_tokens":8}}
        """)]
    // Embeddings: 1,234×0.02, which is no whole number of micros.
    [InlineData("openai/flavour-embedding", Protocol.OpenAiEmbeddings, "24.68",
        """
        {"usage":{"prompt_tokens":1234,"total_tokens":1234}}
        """)]
    // Gemini: prompt 100 with 40 cached (10 of them audio) and 30 audio; 7 for tools; 20 said (5 spoken), 6 thought.
    // (107-40-20)×1.25 + 30×0.125 + 10×0.15 + 20×1.5 + (15+6)×10 + 5×20.
    [InlineData("google/flavour-gemini", Protocol.GeminiGenerateContent, "404",
        """
        {"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":40,
        "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":10},{"modality":"TEXT","tokenCount":30}],
        "promptTokensDetails":[{"modality":"AUDIO","tokenCount":30}],"toolUsePromptTokenCount":7,
        "candidatesTokenCount":20,"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":5}],
        "thoughtsTokenCount":6}}
        """)]
    // 150,001×2.5 + 50,000 heard ×1.5 + 10×15: what was heard makes a prompt long.
    [InlineData("google/flavour-gemini", Protocol.GeminiGenerateContent, "450152.5",
        """
        {"usageMetadata":{"promptTokenCount":200001,"promptTokensDetails":[{"modality":"AUDIO",
        "tokenCount":50000}],"candidatesTokenCount":10}}
        """)]
    // Cohere: what is billed counts, not what was counted. 80×2.5 + 9×10.
    [InlineData("cohere/flavour-command", Protocol.OpenAiChat, "290",
        """
        {"usage":{"billed_units":{"input_tokens":80,"output_tokens":9},"tokens":{"input_tokens":500,
        "output_tokens":9},"cached_tokens":64}}
        """)]
    // Where nothing is said to be billed: 436×2.5 + 64×1 + 9×10.
    [InlineData("cohere/flavour-command", Protocol.OpenAiChat, "1244",
        """{"usage":{"tokens":{"input_tokens":500,"output_tokens":9},"cached_tokens":64}}""")]
    [InlineData("cohere/flavour-command", Protocol.OpenAiEmbeddings, "250",
        """
        {"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":100}}}
        """)]
    // DeepSeek by the hour, at noon: 36×0.27 + 64×0.07 + 10×1.1.
    [InlineData("deepseek/flavour-hours", Protocol.OpenAiChat, "25.2",
        """
        {"usage":{"prompt_tokens":100,"completion_tokens":10,"prompt_cache_hit_tokens":64,
        "prompt_cache_miss_tokens":36}}
        """)]
    // Perplexity by the call: 100×1 + 10×1 + 12,000.
    [InlineData("perplexity/flavour-requests", Protocol.OpenAiChat, "12110",
        """
        {"usage":{"prompt_tokens":100,"completion_tokens":10}}
        """)]
    // xAI: names of its own, and OpenAI's. 40×3 + 60×0.75 + 10×15.
    [InlineData("x-ai/flavour-plain", Protocol.OpenAiChat, "315",
        """{"usage":{"prompt_tokens":100,"cached_prompt_text_tokens":60,"completion_tokens":10}}""")]
    [InlineData("x-ai/flavour-plain", Protocol.OpenAiChat, "315",
        """{"usage":{"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens":10}}""")]
    // LiteLLM's file: thoughts and hours of their own. 100×3 + 10×0.3 + 20×3.75 + 30×6 + 15×15 + 5×60 + 2,000.
    [InlineData("litellm/flavour-fine", Protocol.AnthropicMessages, "3083",
        """
        {"usage":{"input_tokens":100,"cache_read_input_tokens":10,"cache_creation_input_tokens":50,
        "cache_creation":{"ephemeral_1h_input_tokens":30},"output_tokens":20,
        "output_tokens_details":{"thinking_tokens":5}}}
        """)]
    // All beyond 200,000: 200,000×6 + 10×0.6 + 20×7.5 + 30×12 + 20×22.5 + 2,000.
    [InlineData("litellm/flavour-fine", Protocol.AnthropicMessages, "1202966",
        """
        {"usage":{"input_tokens":200000,"cache_read_input_tokens":10,"cache_creation_input_tokens":50,
        "cache_creation":{"ephemeral_1h_input_tokens":30},"output_tokens":20}}
        """)]
    // 60×1 + 40×4 + 5×2 + 15×8.
    [InlineData("litellm/flavour-heard", Protocol.OpenAiChat, "350",
        """
        {"usage":{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"audio_tokens":40},
        "completion_tokens_details":{"audio_tokens":15}}}
        """)]
    public async Task Costs_what_hands_reckon(string model, Protocol protocol, string micros, string answer)
    {
        var slash = model.IndexOf('/');
        var answered = new ProviderModel(model[..slash], model[(slash + 1)..]);
        var acme = await gateway.Customer();

        var usage = UsageRules.Find(protocol, Encoding.UTF8.GetBytes(answer)).ShouldNotBeNull();
        var (call, output) = (acme.Call(answered), usage.AllOutputTokens);
        (await acme.Admit(call, usage.AllInputTokens, output, Math.Min(1, output))).ShouldBeOfType<AdmissionOutcome.Admitted>();
        await acme.Settle(call, usage);
        var shown = await acme.Shown(call);

        decimal.Parse((string)shown["cost_micros"]!, CultureInfo.InvariantCulture)
            .ShouldBe(decimal.Parse(micros, CultureInfo.InvariantCulture));
        ((bool)shown["usage"]!["is_estimated"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_remembered_of_one_size_of_requests_is_not_believed_of_another()
    {
        var acme = await gateway.Customer();
        var model = new ProviderModel("anthropic", "flavour-tiers");
        var reserved = new List<long>();
        foreach (var input in new[] { 1_000L, 200_001, 2_000, 200_000, 300_000 })
        {
            var call = acme.Call(model);
            await acme.Admitted(call, input, output: 100);
            reserved.Add(await acme.Held());
            await acme.Settle(call, ModelUsage.None);
        }

        // Input is at most written to a cache, at 3.75 and beyond 200,000 at 7.5; output is 15, and 22.5.
        reserved.ShouldBe([
            (1_000 * 375 / 100) + 1_500, (200_001 * 15 / 2) + 1 + 2_250, (2_000 * 375 / 100) + 1_500,
            (200_000 * 375 / 100) + 1_500, (300_000 * 15 / 2) + 2_250]);
    }

    [Fact]
    public async Task A_list_of_all_providers_prices_calls_at_once()
    {
        // What both sell alike is priced whatever the operator calls who answers; where they differ the name decides.
        await Publish(
            """
            [{"id":"house-one","models":[
               {"id":"flavour-alike","prices":{"input_mtok":2,"output_mtok":8}},
               {"id":"flavour-apart","prices":{"input_mtok":1,"output_mtok":4}}]},
             {"id":"house-two","models":[
               {"id":"flavour-alike","prices":{"input_mtok":2.0,"output_mtok":8}},
               {"id":"flavour-apart","prices":{"input_mtok":3,"output_mtok":12}}]}]
            """,
            "genai");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        var acme = await gateway.Customer();
        var usage = new ModelUsage { InputTokens = 1_000, OutputTokens = 10 };

        (await Cost(acme, new ProviderModel("any-name", "flavour-alike"), usage)).ShouldBe(2_080m);
        (await Cost(acme, new ProviderModel("house-one", "flavour-apart"), usage)).ShouldBe(1_040m);
        (await Cost(acme, new ProviderModel("house-two", "flavour-apart"), usage)).ShouldBe(3_120m);
        (await acme.Admit(acme.Call(new ProviderModel("any-name", "flavour-apart"))))
            .ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.ModelNotPriced);

        // What was quoted is what is charged: the meters see the provider, too.
        await gateway.Charge();
        (await acme.Charged()).ShouldBe(2_080 + 1_040 + 3_120);
    }

    [Fact]
    public async Task What_cannot_be_said_is_told_and_never_free()
    {
        var report = (await Import(LiteLlm, "litellm"))["import"]!;

        var unsupported = report["unsupported"]!.AsArray().Select(one => (string)one!["model"]!).ToList();
        unsupported.ShouldBe(["litellm/flavour-image", "litellm/flavour-seconds", "litellm/flavour-letters"], ignoreOrder: true);
        var notes = report["notes"]!.ToJsonString();
        new[] { "_batches", "_priority", "_flex" }.ShouldAllBe(level => notes.Contains(level));
        notes.ShouldNotContain("above_1hr");
        var acme = await gateway.Customer();
        (await acme.Admit(acme.Call(new ProviderModel("litellm", "flavour-image"))))
            .ShouldBeOfType<AdmissionOutcome.Refused>().Code.ShouldBe(InferenceProblems.ModelNotPriced);
    }

    private static async Task<decimal> Cost(Customer customer, ProviderModel model, ModelUsage usage) => decimal.Parse(
        (string)(await customer.Shown(await customer.Use(usage, model)))["cost_micros"]!, CultureInfo.InvariantCulture);

    private async Task Publish(string file, string format)
    {
        var draft = await Import(file, format);
        var answer = await gateway.Operator.PostAsJsonAsync($"/v1/price-drafts/{draft["id"]}/publish", new JsonObject());
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> Import(string file, string format)
    {
        var book = (await gateway.First.Get<PriceBooks>().Books(CancellationToken.None)).First();
        var answer = await gateway.Operator.PostAsync(
            $"/v1/price-books/{book.Id}/imports?format={format}", new StringContent(file, Encoding.UTF8, "application/json"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
