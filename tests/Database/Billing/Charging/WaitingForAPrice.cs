using System.Net.Http.Json;
using System.Text;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

/// <summary>Usage of models a file of prices names without a price, beside a price for all models.</summary>
public sealed class WaitingForAPrice(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;
    private HttpClient operators = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
        operators = await host.OperatorClient();
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishPrices(
                new NewPrice("llm.input_tokens", Dimensions.None, 1m, 1, null),
                new NewPrice("llm.output_tokens", Dimensions.None, 2m, 1, null));
        }
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        operators.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Is_set_aside_whatever_a_price_for_all_models_says_until_the_model_has_one()
    {
        await Import("secret", "{}");
        await client.SendBatch(UsageEvents.Completion("a", 1_000, 10, "secret"), UsageEvents.Completion("b", 3, 0, "other"));
        await host.RateAll();
        var used = await Used();
        var waiting = (await client.GetJson("/v1/unpriced-usage"))["data"]!.AsArray();

        await Import("secret", """{"input_mtok":5,"output_mtok":100}""");
        await host.RateAll();

        used.ShouldBe(3_000_000, "of the other model alone");
        waiting.Select(row => $"{row!["reason"]} {row["dimensions"]!["model"]}").ShouldBe(["no_price secret", "no_price secret"]);
        (await Used()).ShouldBe(3_000_000 + 5_000 + 1_000);
        (await client.GetJson("/v1/unpriced-usage"))["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Does_not_end_a_price_that_a_later_file_lacks_before_the_time_that_is_named()
    {
        await Import("fading", """{"input_mtok":5,"output_mtok":100}""");

        var later = await Draft("fading", "{}");
        var refused = await operators.PostAsJsonAsync($"/v1/price-drafts/{later}/publish", new { });
        var published = await operators.PostAsJsonAsync(
            $"/v1/price-drafts/{later}/publish", new { effective_from = "2126-01-01T00:00:00Z" });
        await client.SendEvent(UsageEvents.Completion("a", 1_000, 0, "fading"));
        await host.RateAll();

        ((int)refused.StatusCode).ShouldBe(422);
        published.IsSuccessStatusCode.ShouldBeTrue(await published.Content.ReadAsStringAsync());
        (await Used()).ShouldBe(5_000);
    }

    [Fact]
    public async Task Is_said_with_nothing_beside_it()
    {
        var book = (await host.Get<PriceBooks>().Books(CancellationToken.None)).Single();
        var terms = new { cells = Array.Empty<object>(), minimum = "5" };
        var answer = await operators.PostAsJsonAsync(
            $"/v1/price-books/{book.Id}/prices", new { prices = new[] { new { meter = "llm.input_tokens", terms } } });

        ((int)answer.StatusCode).ShouldBe(422);
        ((string)(await answer.Json())["detail"]!).ShouldContain("no price, and nothing else");
    }

    private async Task Import(string model, string prices)
    {
        var draft = await Draft(model, prices);
        var answer = await operators.PostAsJsonAsync($"/v1/price-drafts/{draft}/publish", new { });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> Draft(string model, string prices)
    {
        var book = (await host.Get<PriceBooks>().Books(CancellationToken.None)).Single();
        var file = $$"""[{"id":"acme","models":[{"id":"{{model}}","match":{"equals":"{{model}}"},"prices":{{prices}}}]}]""";
        var answer = await operators.PostAsync(
            $"/v1/price-books/{book.Id}/imports?format=genai&provider=acme", new StringContent(file, Encoding.UTF8, "application/json"));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return (string)(await answer.Json())["id"]!;
    }

    private async Task<long> Used() => (await client.GetJson("/v1/balance"))["data"]!.AsArray()
        .Sum(row => (long)row!["used"]!["amount_micros"]!);
}
