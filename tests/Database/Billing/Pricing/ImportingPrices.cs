using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Pricing;

public sealed class ImportingPrices(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    // Of the shape of the public files, and small enough to check by hand.
    private const string Genai = """
        [{"id":"acme","name":"Acme","pricing_urls":[],"api_pattern":"x","models":[
          {"id":"plain","match":{"or":[{"equals":"plain"},{"equals":"plain-2026"},{"starts_with":"plain-"}]},
           "prices":{"input_mtok":2.5,"cache_read_mtok":0.25,"output_mtok":10,
                     "input_audio_mtok":40,"output_audio_mtok":80,"requests_kcount":12}},
          {"id":"large","match":{"equals":"large"},
           "prices":{"input_mtok":{"base":1.25,"tiers":[{"start":200000,"price":2.5}]},
                     "cache_read_mtok":{"base":0.125,"tiers":[{"start":200000,"price":0.25}]},
                     "output_mtok":{"base":10,"tiers":[{"start":200000,"price":15}]}}},
          {"id":"larger","match":{"contains":"larger"},
           "prices":{"input_mtok":{"base":1,"tiers":[{"start":512000,"price":2}]},"output_mtok":3}},
          {"id":"by-hour","match":{"equals":"by-hour"},
           "prices":[{"prices":{"input_mtok":0.135}},
                     {"constraint":{"start_time":"00:30:00Z","end_time":"16:30:00Z"},"prices":{"input_mtok":0.27}}]},
          {"id":"by-date","match":{"equals":"by-date"},
           "prices":[{"prices":{"input_mtok":9}},
                     {"constraint":{"start_date":"2025-06-10"},"prices":{"input_mtok":2}},
                     {"constraint":{"start_date":"2126-06-10"},"prices":{"input_mtok":1}}]},
          {"id":"nothing","match":{"equals":"nothing"},"prices":{}},
          {"id":"by-image","match":{"equals":"by-image"},"prices":{"image_kcount":3}}]}]
        """;

    private const string LiteLlm = """
        {"sample_spec":{"input_cost_per_token":0},
         "plain":{"litellm_provider":"acme","input_cost_per_token":2.5e-06,"output_cost_per_token":1e-05,
                  "cache_read_input_token_cost":2.5e-07,"input_cost_per_token_batches":1.25e-06,"max_tokens":4096},
         "large":{"litellm_provider":"acme","input_cost_per_token":1.25e-06,"input_cost_per_token_above_200k_tokens":2.5e-06},
         "picture":{"litellm_provider":"acme","output_cost_per_image":0.04},
         "free":{"litellm_provider":"acme","max_tokens":10}}
        """;

    // Three who offer one model, two of them at one price; and a model that two call the same and sell alike.
    private const string Several = """
        {"sample_spec":{"input_cost_per_token":0},
         "gpt":{"litellm_provider":"openai","input_cost_per_token":2e-06,"output_cost_per_token":8e-06},
         "azure/gpt":{"litellm_provider":"azure","input_cost_per_token":3e-06,"output_cost_per_token":8.0e-06},
         "copy/gpt":{"litellm_provider":"copy","input_cost_per_token":2.00e-06,"output_cost_per_token":8e-06},
         "one/llama":{"litellm_provider":"one","input_cost_per_token":1e-06},
         "two/llama":{"litellm_provider":"two","input_cost_per_token":4e-06},
         "one/alike":{"litellm_provider":"one","input_cost_per_token":5e-06},
         "two/alike":{"litellm_provider":"two","input_cost_per_token":5e-06}}
        """;

    private static readonly DateTimeOffset Noon = new(2126, 1, 5, 17, 0, 0, TimeSpan.Zero);

    private TestHost host = null!;
    private HttpClient client = null!;
    private PriceBookId book;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        client = await host.OperatorClient();
        var books = host.Get<PriceBooks>();
        var name = $"Book {host.Get<IdSource>().Next()}";
        book = ((CreateBookOutcome.Created)await books.Create(name, Currency.Usd, false, "test", default)).Book.Id;
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Says_what_became_of_each_model()
    {
        var report = (await Import(Genai, "genai"))["import"]!;

        ((int)report["model_count"]!).ShouldBe(7);
        ((int)report["imported_count"]!).ShouldBe(5);
        report["unpriced"]!.ToJsonString().ShouldBe("""["acme/nothing"]""");
        report["unsupported"]!.ToJsonString().ShouldContain("acme/by-image");
        ((string)report["unsupported"]![0]!["reason"]!).ShouldContain("image_kcount");
        report["band_starts"]!.AsArray().Select(start => (long)start!).ShouldBe([200_000, 512_000]);
    }

    [Fact]
    public async Task Costs_what_hands_reckon_with_cached_and_audio_tokens()
    {
        await PublishImport(Genai, "genai");

        // 10,000 tokens in, of them 4,000 cached and 1,000 audio; 2,000 out, of them 200 audio; one request:
        // 5,000 × 2.5 + 4,000 × 0.25 + 1,000 × 40 + 1,800 × 10 + 200 × 80 a million, and 12 a thousand.
        var total = await Cost("plain", "llm.input_tokens", 5_000)
            + await Cost("plain", "llm.cached_read_tokens", 4_000)
            + await Cost("plain", "llm.audio_input_tokens", 1_000)
            + await Cost("plain", "llm.output_tokens", 1_800)
            + await Cost("plain", "llm.audio_output_tokens", 200)
            + await Cost("plain", "llm.requests", 1);

        total.ShouldBe(ExactFraction.Of(0.0125m + 0.001m + 0.04m + 0.018m + 0.016m + 0.012m));
        (await Cost("plain-2026", "llm.input_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(2.5m));

        // Writing to a cache has no price of its own there: it costs what input costs.
        (await Cost("plain", "llm.cached_write_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(2.5m));
    }

    [Fact]
    public async Task Costs_the_higher_price_for_all_of_a_request_beyond_a_size()
    {
        await PublishImport(Genai, "genai");

        // 250,000 in, of them 50,000 cached; 1,000 out: 200,000 × 2.5 + 50,000 × 0.25 + 1,000 × 15 a million.
        (await Cost("large", "llm.input_tokens", 200_000, "200k")
            + await Cost("large", "llm.cached_read_tokens", 50_000, "200k")
            + await Cost("large", "llm.output_tokens", 1_000, "200k"))
            .ShouldBe(ExactFraction.Of(0.5m + 0.0125m + 0.015m));

        // Exactly 200,000 is not beyond it; a band beyond another model's size is beyond this one's too.
        (await Cost("large", "llm.input_tokens", 200_000)).ShouldBe(ExactFraction.Of(0.25m));
        (await Cost("large", "llm.input_tokens", 600_000, "512k")).ShouldBe(ExactFraction.Of(1.5m));
        (await Cost("larger", "llm.input_tokens", 300_000, "200k")).ShouldBe(ExactFraction.Of(0.3m));
        (await Cost("larger", "llm.input_tokens", 600_000, "512k")).ShouldBe(ExactFraction.Of(1.2m));
    }

    [Fact]
    public async Task Keeps_prices_by_the_hour_and_by_date()
    {
        await PublishImport(Genai, "genai");

        (await Cost("by-hour", "llm.input_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(0.135m));
        (await Cost("by-hour", "llm.input_tokens", 1_000_000, at: Noon.AddHours(-16))).ShouldBe(ExactFraction.Of(0.27m));
        (await Cost("by-date", "llm.input_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(2m));
        (await Cost("by-date", "llm.input_tokens", 1_000_000, at: Noon.AddYears(1))).ShouldBe(ExactFraction.Of(1m));
    }

    [Fact]
    public async Task Changes_only_what_changed_when_it_is_imported_again()
    {
        await PublishImport(Genai, "genai");
        var again = await Import(Genai.Replace("\"output_mtok\":3", "\"output_mtok\":4"), "genai");
        var diff = $"/v1/price-drafts/{again["id"]}/diff?limit=200";

        var changed = (await (await client.GetAsync(diff + "&change=changed")).Json())["data"]!.AsArray();
        var added = (await (await client.GetAsync(diff + "&change=added")).Json())["data"]!.AsArray();

        changed.ShouldHaveSingleItem()!["match"]!["model"]!.GetValue<string>().ShouldBe("larger");
        added.ShouldBeEmpty();
        (await Publish(again)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Publish(again, "2126-01-01T00:00:00Z")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Publish(again, "2126-02-01T00:00:00Z")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Adds_a_markup_to_what_the_file_says_is_cost()
    {
        var draft = await Import(Genai, "genai", "&provider=acme&markup=0.2");
        await Publish(draft);

        var found = await Find("llm.input_tokens", Dimensions.Of("model", "plain"), Noon);
        var part = new PricedQuantity(found.Version, found.Cell.Key, 1_000_000);
        Rating.Amount([part]).ShouldBe(ExactFraction.Of(3m));
        Rating.Cost([part]).ShouldBe(ExactFraction.Of(2.5m));
    }

    [Fact]
    public async Task Reads_costs_of_one_token_with_all_their_digits()
    {
        var report = (await PublishImport(LiteLlm, "litellm"))["import"]!;

        (await Cost("plain", "llm.input_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(2.5m));
        (await Cost("plain", "llm.cached_read_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(0.25m));
        (await Cost("large", "llm.input_tokens", 250_000, "200k")).ShouldBe(ExactFraction.Of(0.625m));

        // The meters tell further sizes apart, which no price of this file begins at.
        (await Cost("large", "llm.input_tokens", 300_000, "272k")).ShouldBe(ExactFraction.Of(0.75m));
        (await Cost("large", "llm.input_tokens", 600_000, "512k")).ShouldBe(ExactFraction.Of(1.5m));
        report["unpriced"]!.ToJsonString().ShouldBe("""["acme/free"]""");
        report["unsupported"]![0]!["reason"]!.GetValue<string>().ShouldContain("output_cost_per_image");
        report["notes"]!.ToJsonString().ShouldContain("input_cost_per_token_batches");
    }

    [Fact]
    public async Task Prices_a_model_whoever_offers_it_and_by_provider_where_that_matters()
    {
        var notes = (await PublishImport(Several, "litellm"))["import"]!["notes"]!.AsArray()
            .Select(note => (string)note!).ToList();

        (await Cost("gpt", "llm.input_tokens", 1_000_000, provider: "my-own-name")).ShouldBe(ExactFraction.Of(2m));
        (await Cost("gpt", "llm.input_tokens", 1_000_000, provider: "copy")).ShouldBe(ExactFraction.Of(2m));
        (await Cost("gpt", "llm.input_tokens", 1_000_000, provider: "azure")).ShouldBe(ExactFraction.Of(3m));
        (await Cost("azure/gpt", "llm.input_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(3m));
        (await Cost("alike", "llm.input_tokens", 1_000_000)).ShouldBe(ExactFraction.Of(5m));
        (await Cost("llama", "llm.input_tokens", 1_000_000, provider: "one")).ShouldBe(ExactFraction.Of(1m));
        (await Cost("llama", "llm.input_tokens", 1_000_000, provider: "two")).ShouldBe(ExactFraction.Of(4m));
        (await Lookup("llm.input_tokens", Dimensions.Of([new("model", "llama"), new("provider", "three")]), Noon)).ShouldBeNull();
        notes.ShouldBe(["'llama' costs differently at one, two: priced by provider and model"]);
    }

    [Fact]
    public async Task Keeps_up_prices_that_a_book_has_by_provider_and_model()
    {
        var byHand = new NewPrice(
            "llm.input_tokens", Dimensions.Of([new("model", "gpt"), new("provider", "copy")]), 7m, 1_000_000m, null);
        var published = await host.Get<PriceBooks>().Publish(book, [byHand], "test", default);
        published.ShouldBeOfType<PublishOutcome.Published>();

        var draft = await Import(Several, "litellm");
        (await Publish(draft, "2126-01-01T00:00:00Z")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await Cost("gpt", "llm.input_tokens", 1_000_000, provider: "copy")).ShouldBe(ExactFraction.Of(2m));
    }

    [Theory]
    [InlineData("{}", "genai")]
    [InlineData("[]", "litellm")]
    [InlineData("[]", "csv")]
    [InlineData("""[{"id":"acme"}]""", "genai")]
    public async Task Refuses_what_is_not_of_its_format(string file, string format)
    {
        var answer = await Post(file, format);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, await answer.Content.ReadAsStringAsync());
        ((string)(await answer.Json())["code"]!).ShouldBe("price_import_refused");
    }

    private async Task<ExactFraction> Cost(
        string model,
        string meter,
        decimal quantity,
        string? band = null,
        DateTimeOffset? at = null,
        string provider = "acme")
    {
        var dimensions = new Dictionary<string, string> { ["model"] = model, ["provider"] = provider };
        if (band is not null)
        {
            dimensions["band"] = band;
        }

        var found = await Find(meter, Dimensions.Of(dimensions), at ?? Noon);
        return Rating.Amount(new PricedQuantity(found.Version, found.Cell.Key, quantity));
    }

    private async Task<ResolvedPrice> Find(string meter, Dimensions dimensions, DateTimeOffset at) =>
        (await Lookup(meter, dimensions, at)).ShouldNotBeNull();

    // The book stands for a contract's: it is not the default one.
    private async Task<ResolvedPrice?> Lookup(string meter, Dimensions dimensions, DateTimeOffset at)
    {
        var always = new Period(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        var account = new AccountPrices([new AccountBook(PriceSource.Contract, default, book, 0, always)]);
        var snapshot = await host.Get<PriceBooks>().Current(default);
        return snapshot.Find(new PriceLookup(account, Currency.Usd, meter, dimensions, at));
    }

    private async Task<JsonNode> PublishImport(string file, string format)
    {
        var draft = await Import(file, format);
        var answer = await Publish(draft);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return draft;
    }

    private Task<HttpResponseMessage> Publish(JsonNode draft, string? effectiveFrom = null)
    {
        var request = effectiveFrom is null ? new JsonObject() : new JsonObject { ["effective_from"] = effectiveFrom };
        return client.PostAsJsonAsync($"/v1/price-drafts/{draft["id"]}/publish", request);
    }

    private async Task<JsonNode> Import(string file, string format, string more = "")
    {
        var answer = await Post(file, format, more);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }

    private Task<HttpResponseMessage> Post(string file, string format, string more = "") => client.PostAsync(
        $"/v1/price-books/{book}/imports?format={format}{more}", new StringContent(file, Encoding.UTF8, "application/json"));
}
