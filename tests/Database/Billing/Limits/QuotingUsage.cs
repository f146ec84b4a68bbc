using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>What the next usage would cost: exact, and where the account stands in its tiers.</summary>
public sealed class QuotingUsage(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 1, 20, 12, 7, 0, TimeSpan.Zero);

    private TestHost host = null!;
    private TestOrganisation org = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation();
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
            await host.PublishPrices(
                new NewPrice(
                    "llm.input_tokens",
                    Dimensions.Of("model", "tiered"),
                    PriceTerms.Of(new PriceModel.Graduated([new PriceTier(10, 2), new PriceTier(null, 1)])),
                    null),
                new NewPrice("llm.output_tokens", Dimensions.Of("model", "tiered"), 0m, 1, null));
        }
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task A_unit_price_is_quoted_to_the_last_decimal()
    {
        var quote = await Quote(Part("llm.input_tokens", "gpt-4o", 3), Part("llm.output_tokens", "gpt-4o", 100));

        quote!.CustomerMicros.ShouldBe(1_007.5m);
        quote.Parts.Select(part => part.CustomerMicros).ShouldBe([7.5m, 1_000m]);
        quote.ToReserve.ShouldBe(new Money(1_008, Currency.Usd));
    }

    [Fact]
    public async Task A_tiered_price_is_quoted_from_where_the_account_stands()
    {
        using var client = host.Client(org.Key);
        await client.SendEvent(UsageEvents.Completion("before", 8, 0, "tiered", "2026-01-02T00:00:00Z"));

        var quote = await Quote(Part("llm.input_tokens", "tiered", 1), Part("llm.input_tokens", "tiered", 4));
        await client.SendEvent(UsageEvents.Completion("after", 5, 0, "tiered", "2026-01-20T12:07:00Z"));
        await host.RateAll();

        quote!.Parts.Select(part => part.CustomerMicros).ShouldBe([2_000_000m, 5_000_000m]);
        var lines = (await client.GetJson("/v1/rated-lines"))["data"]!.AsArray();
        lines.Sum(line => (long)line!["amount"]!["amount_micros"]!).ShouldBe(16_000_000 + 7_000_000);
    }

    [Fact]
    public async Task What_has_no_price_is_named_and_an_account_that_is_not_there_has_no_quote()
    {
        var quote = await Quote(Part("llm.input_tokens", "nobody-knows", 3), Part("llm.output_tokens", "gpt-4o", 1));

        quote!.Unpriced.ShouldBe(["llm.input_tokens"]);
        quote.CustomerMicros.ShouldBe(10);
        var unknown = new BillingAccountId(new IdSource(TimeProvider.System).Next());
        (await host.Get<Quotes>().Of(org.Id, unknown, At, [], CancellationToken.None)).ShouldBeNull();
    }

    private async Task<Quote?> Quote(params UsagePart[] parts) =>
        await host.Get<Quotes>().Of(org.Id, org.BillingAccount, At, parts, CancellationToken.None);

    private static UsagePart Part(string meter, string model, decimal quantity) =>
        new(meter, new Dictionary<string, string> { ["model"] = model }, quantity);
}
