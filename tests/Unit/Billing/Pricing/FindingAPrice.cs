using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Pricing;

public sealed class FindingAPrice
{
    private const string Meter = "llm.input_tokens";
    private static readonly IdSource Ids = new(TimeProvider.System);
    private static readonly PriceBook Book = new(default, "List", Currency.Usd, true);
    private static readonly Dimensions Usage = Dimensions.Of([new("model", "gpt-4o"), new("region", "eu")]);

    [Fact]
    public void Prefers_the_component_that_asks_for_more()
    {
        var any = Version(Dimensions.None, At(0));
        var model = Version(Dimensions.Of("model", "gpt-4o"), At(0));
        var snapshot = new PriceSnapshot(1, [Book], [any, model]);

        Find(snapshot, Currency.Usd, Meter, Usage, At(5)).ShouldBe(model);
        Find(snapshot, Currency.Usd, Meter, Dimensions.Of("model", "other"), At(5)).ShouldBe(any);
    }

    [Fact]
    public void Takes_the_version_in_force_at_that_instant()
    {
        var first = Version(Dimensions.None, At(1));
        var second = first with { Id = Ids.Next<PriceVersionId>(), EffectiveFrom = At(2) };
        var snapshot = new PriceSnapshot(1, [Book], [second, first]);

        Find(snapshot, Currency.Usd, Meter, Usage, At(1)).ShouldBe(first);
        Find(snapshot, Currency.Usd, Meter, Usage, At(2).AddTicks(-1)).ShouldBe(first);
        Find(snapshot, Currency.Usd, Meter, Usage, At(2)).ShouldBe(second);
        Find(snapshot, Currency.Usd, Meter, Usage, At(0)).ShouldBeNull();
    }

    [Fact]
    public void Finds_none_in_another_currency_or_for_another_meter()
    {
        var snapshot = new PriceSnapshot(1, [Book], [Version(Dimensions.None, At(0))]);

        Find(snapshot, Currency.Of("EUR"), Meter, Usage, At(1)).ShouldBeNull();
        Find(snapshot, Currency.Usd, "llm.output_tokens", Usage, At(1)).ShouldBeNull();
    }

    private static PriceVersion? Find(
        PriceSnapshot snapshot, Currency currency, string meter, Dimensions dimensions, DateTimeOffset at) =>
        snapshot.Find(new PriceLookup(AccountPrices.Catalogue, currency, meter, dimensions, at))?.Version;

    private static DateTimeOffset At(int hour) => new(2026, 1, 1, hour, 0, 0, TimeSpan.Zero);

    private static PriceVersion Version(Dimensions match, DateTimeOffset from) => new(
        Ids.Next<PriceVersionId>(),
        default,
        Ids.Next<PriceComponentId>(),
        Currency.Usd,
        Meter,
        match,
        PriceTerms.PerUnit(1m),
        from,
        from);
}
