using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Charging;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class ExplainingALine(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(TimeProvider.System.GetUtcNow());
    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", clock);
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            var tiers = PriceTerms.Of(new PriceModel.Graduated(
                [new PriceTier(100, 0.01m, 0), new PriceTier(1_000, 0.005m, 2m), new PriceTier(null, 0.001m, 0)], 1));
            await host.PublishPrices(
                new NewPrice("llm.input_tokens", Dimensions.None, tiers, null) { Cost = PriceTerms.PerUnit(0.002m) },
                new NewPrice("llm.output_tokens", Dimensions.None, 0m, 1, null));
        }
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Shows_every_tier_and_sums_to_the_amount()
    {
        await Use(60, 500, 2_000);

        var lines = await InputLines();
        var total = ExactFraction.Zero;
        foreach (var line in lines)
        {
            var explained = await client.GetJson($"/v1/rated-lines/{line}/explain");
            var (before, after) = (Sum(explained["before"]!), Sum(explained["after"]!));
            after.ShouldBe(ExactFraction.Of(decimal.Parse((string)explained["after"]!["exact_amount"]!, CultureInfo.InvariantCulture)));
            var amount = Micros(after) - Micros(before);
            ((long)explained["amount"]!["amount_micros"]!).ShouldBe(amount);
            ((decimal)explained["after"]!["quantity"]!.AsText() - (decimal)explained["before"]!["quantity"]!.AsText())
                .ShouldBe(explained["quantity"]!.AsText());
            total += after - before;
        }

        // 100 × 0.01 + 900 × 0.005 + 2 once + 1,560 × 0.001
        Micros(total).ShouldBe(9_060_000);
        var last = await client.GetJson($"/v1/rated-lines/{lines[^1]}/explain");
        last["after"]!["steps"]!.AsArray().Select(step => (string)step!["kind"]!)
            .ShouldBe(["tier", "tier", "tier_flat", "tier"], ignoreOrder: true);
        ((string)last["price_hash"]!).Length.ShouldBe(64);
        ((string)last["source"]!).ShouldBe("catalogue");
    }

    [Fact]
    public async Task Shows_the_transfer_the_grants_that_paid_and_the_cost_to_operators_only()
    {
        await Use(60);
        var line = (await InputLines()).Single();
        using var operators = await host.OperatorClient();
        operators.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());

        var theirs = await client.GetJson($"/v1/rated-lines/{line}/explain");
        var ours = await operators.GetJson($"/v1/rated-lines/{line}/explain");

        theirs["legs"]!.AsArray().Select(leg => (string)leg!["kind"]!).ShouldBe(["receivable", "revenue"], ignoreOrder: true);
        theirs["provider_cost"].ShouldBeNull();
        theirs["margin"].ShouldBeNull();
        ((long)ours["provider_cost"]!["amount_micros"]!).ShouldBe(120_000);
        ((long)ours["margin"]!["amount_micros"]!).ShouldBe(480_000);
        ((string?)theirs["correlation_id"]).ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Is_not_for_other_organisations()
    {
        await Use(60);
        var other = await host.CreateOrganisation();
        using var foreign = host.Client(other.Key);

        var answer = await foreign.GetAsync($"/v1/rated-lines/{(await InputLines()).Single()}/explain");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Is_shared_by_a_link_that_ends()
    {
        await Use(60);
        var line = (await InputLines()).Single();
        var made = await client.PostAsJsonAsync($"/v1/rated-lines/{line}/shares", new { days = 7 });
        var url = (string)(await made.Json())["url"]!;
        using var anyone = host.Client(null);

        var open = await anyone.GetAsync(new Uri(url).AbsolutePath);
        var page = await open.Content.ReadAsStringAsync();
        var changed = await anyone.GetAsync(new Uri(url).AbsolutePath[..^2] + "AA");
        clock.Advance(TimeSpan.FromDays(7));
        var ended = await anyone.GetAsync(new Uri(url).AbsolutePath);

        open.StatusCode.ShouldBe(HttpStatusCode.OK, page);
        page.ShouldContain("llm.input_tokens");
        page.ShouldNotContain("/console/rated-lines");
        page.ShouldNotContain("/console/transfers");
        page.ShouldNotContain("<a ");
        page.ShouldNotContain("Provider");
        page.ShouldNotContain(org.Id.ToString());
        changed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ended.StatusCode.ShouldBe(HttpStatusCode.Gone);
    }

    [Fact]
    public async Task Is_shared_until_somebody_ends_it()
    {
        await Use(60);
        var line = (await InputLines()).Single();
        var made = await (await client.PostAsJsonAsync($"/v1/rated-lines/{line}/shares", new { days = 7 })).Json();
        using var anyone = host.Client(null);

        var revoked = await client.PostAsync($"/v1/line-shares/{made["id"]}/revoke", null);
        var after = await anyone.GetAsync(new Uri((string)made["url"]!).AbsolutePath);
        var listed = (await client.GetJson($"/v1/rated-lines/{line}/shares"))["data"]!.AsArray().Single()!;

        revoked.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        after.StatusCode.ShouldBe(HttpStatusCode.Gone);
        listed["revoked_at"].ShouldNotBeNull();
        listed["url"].ShouldBeNull();
    }

    [Fact]
    public async Task Refuses_to_share_for_ever()
    {
        await Use(60);
        var answer = await client.PostAsJsonAsync(
            $"/v1/rated-lines/{(await InputLines()).Single()}/shares", new { days = 91 });

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task Use(params long[] quantities)
    {
        foreach (var (index, quantity) in quantities.Index())
        {
            await client.SendEvent(UsageEvents.Completion($"{index}", quantity, 0, time: $"2026-05-01T1{index}:00:00Z"));
            await host.RateAll();
        }
    }

    private async Task<string[]> InputLines() =>
        [.. (await client.GetJson("/v1/rated-lines"))["data"]!.AsArray()
            .Where(line => (string)line!["meter"]! == "llm.input_tokens")
            .Select(line => (string)line!["id"]!)
            .Order(StringComparer.Ordinal)];

    private static ExactFraction Sum(JsonNode position) => position["steps"]!.AsArray()
        .Aggregate(ExactFraction.Zero, (sum, step) => sum + decimal.Parse((string)step!["amount"]!, CultureInfo.InvariantCulture));

    private static long Micros(ExactFraction amount) => Rounding.HalfUpToMicros(amount)!.Value;
}

/// <summary>Quantities travel as text.</summary>
internal static class QuantityText
{
    public static decimal AsText(this JsonNode node) => decimal.Parse((string)node!, CultureInfo.InvariantCulture);
}
