using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class RatingEveryPrice(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Input = "llm.input_tokens";
    private static readonly DateTimeOffset Month = new(2024, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Change = new(2024, 5, 16, 12, 0, 0, TimeSpan.Zero);

    // Before and after a change of price in the middle of the month.
    private static readonly (PriceTerms Old, PriceTerms New)[] Prices =
    [
        (PriceTerms.PerUnit(0.37m, 3600m), PriceTerms.PerUnit(0.41m, 3600m)),
        (PriceTerms.Of(new PriceModel.Flat(7m)), PriceTerms.Of(new PriceModel.Flat(9m))),
        (PriceTerms.Of(new PriceModel.Package(1.5m, 700m)), PriceTerms.PerUnit(0.001m, 7m)),
        (Tiered(graduated: true), Tiered(graduated: false)),
        (Tiered(graduated: false), Tiered(graduated: true)),
        (PriceTerms.Of(new PriceModel.Percentage(2.9m)), PriceTerms.Of(new PriceModel.Percentage(3.1m))),
        (PriceTerms.PerUnit(0.002m, 3m) with { Included = 900m }, PriceTerms.PerUnit(0.003m, 7m) with { Included = 4_000m }),
        (PriceTerms.PerUnit(0.02m, 3m) with { Maximum = 11m }, PriceTerms.PerUnit(0.03m, 7m) with { Maximum = 40m }),
        (
            PriceTerms.PerUnit(0.02m, 3m) with { Factor = new PriceFactor.Margin(0.3m) },
            PriceTerms.PerUnit(0.02m, 3m) with { Factor = new PriceFactor.Markup(0.17m) }),
    ];

    private TestHost host = null!;
    private TestHost other = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        other = await TestHost.Start(database, "api");
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count > 0)
        {
            return;
        }

        await host.PublishPrices(
        [
            new NewPrice("llm.output_tokens", Dimensions.None, 0m, 1, null),
            .. Prices.Index().Select(price => new NewPrice(Input, Model(price.Index), price.Item.Old, null)
            {
                Cost = PriceTerms.PerUnit(0.0007m, 3m),
            }),
        ]);
        await PublishChange();
    }

    public async Task DisposeAsync()
    {
        await other.DisposeAsync();
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData(20260401)]
    [InlineData(20260402)]
    [InlineData(20260403)]
    public async Task Comes_to_one_rating_of_the_whole_in_any_order_batch_and_repetition(int seed)
    {
        var random = new Random(seed);
        var org = await host.CreateOrganisation();
        using var client = host.Client(org.Key);
        using var theirs = other.Client(org.Key);
        var used = Enumerable.Range(0, 400).Select(index => (
            Id: $"{index}",
            Price: random.Next(Prices.Length),
            Quantity: (long)random.Next(1, 2_500),
            At: Month.AddMinutes(random.Next(31 * 24 * 60)))).ToArray();
        JsonObject[] sent =
        [
            .. used.Concat(used.Take(150)).Select(one => UsageEvents.Completion(
                one.Id, one.Quantity, 0, $"price-{one.Price}", $"{one.At:yyyy-MM-ddTHH:mm:ssZ}")),
        ];
        random.Shuffle(sent);

        for (var from = 0; from < sent.Length;)
        {
            var batch = sent.Skip(from).Take(random.Next(1, 60)).ToArray();
            await (random.Next(2) == 0 ? client : theirs).SendBatch(batch);
            from += batch.Length;
            if (random.Next(3) == 0)
            {
                await (random.Next(2) == 0 ? host : other).RateAll();
            }
        }

        await host.RateAll();
        var versions = (await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions;
        long expected = 0, expectedCost = 0;
        foreach (var (index, _) in Prices.Index())
        {
            PricedQuantity[] parts =
            [
                .. used.Where(one => one.Price == index).Select(one => new PricedQuantity(
                    versions.Where(version => version.Match == Model(index) && version.EffectiveFrom <= one.At)
                        .MaxBy(version => version.EffectiveFrom)!,
                    PriceCell.Whole,
                    one.Quantity)),
            ];
            var (once, cost) = (Rating.Micros(parts)!.Value, Rounding.HalfUpToMicros(Rating.Cost(parts))!.Value);
            var (lines, costs) = await Lines(org, Model(index));
            lines.ShouldBe(once, $"price {index}, seed {seed}");
            costs.ShouldBe(cost, $"cost of price {index}, seed {seed}");
            (expected, expectedCost) = (expected + once, expectedCost + cost);
        }

        (await Balance(org, "revenue")).ShouldBe(expected, $"seed {seed}");
        (await Balance(org, "provider_payable")).ShouldBe(expectedCost, $"seed {seed}");
    }

    [Fact]
    public async Task Rates_the_largest_value_of_a_customer_whose_contract_has_no_end()
    {
        using var operators = await host.OperatorClient();
        var definition = new { event_type = "peak", value_path = "load", dimensions = Array.Empty<object>() };
        var defined = await operators.PostAsJsonAsync(
            "/v1/meters", new { meters = new[] { new { key = "peak.load", aggregation = "max", unit = "watt", definition } } });
        defined.IsSuccessStatusCode.ShouldBeTrue(await defined.Content.ReadAsStringAsync());
        await host.PublishPrices(new NewPrice("peak.load", Dimensions.None, 1m, 1, null));
        var org = await host.CreateOrganisation();
        var contract = new NewAssignment(new BillingAccountKey(org.Id, org.BillingAccount), AssignmentKind.Contract, null);
        (await host.Get<Plans>().Assign(contract, "test", CancellationToken.None)).ShouldBeOfType<AssignOutcome.Done>();
        using var client = host.Client(org.Key);

        foreach (var load in new[] { 3, 7, 5 })
        {
            var sent = UsageEvents.Completion($"{load}");
            (sent["type"], sent["data"]) = ("peak", new JsonObject { ["load"] = load });
            (await client.SendEvent(sent)).IsSuccessStatusCode.ShouldBeTrue();
            await host.RateAll();
        }

        (await client.GetJson("/v1/unpriced-usage"))["data"]!.AsArray().ShouldBeEmpty();
        (await Balance(org, "revenue")).ShouldBe(7_000_000);
    }

    private static PriceTerms Tiered(bool graduated)
    {
        PriceTier[] tiers = [new(1_000m, 0.01m, 0m), new(20_000m, 0.005m, 3m), new(null, 0.00125m, 0m)];
        return PriceTerms.Of(graduated ? new PriceModel.Graduated(tiers, 1m) : new PriceModel.Volume(tiers, 1m));
    }

    private static Dimensions Model(int index) => Dimensions.Of("model", $"price-{index}");

    // A price that is published begins ahead of now; the past needs the owner's hand.
    private async Task PublishChange()
    {
        var ahead = QuarterHour.Of(TimeProvider.System.GetUtcNow().AddHours(1));
        await host.PublishPrices([.. Prices.Index().Select(price => new NewPrice(Input, Model(price.Index), price.Item.New, ahead)
        {
            Cost = PriceTerms.PerUnit(0.0009m, 7m),
        })]);
        await Execute("alter table pricing.price_versions disable trigger all");
        await Execute($"update pricing.price_versions set effective_from = '{Change:O}' where effective_from = '{ahead:O}'");
        await Execute("alter table pricing.price_versions enable trigger all");
        await Execute("update pricing.catalogue_state set revision = revision + 1");
    }

    private async Task<(long Amount, long Cost)> Lines(TestOrganisation org, Dimensions model)
    {
        await using var command = database.Owner.CreateCommand(
            "select coalesce(sum(amount_micros), 0)::bigint, coalesce(sum(cost_micros), 0)::bigint "
            + "from charging.rated_lines where org_id = $1 and dimensions = $2");
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = org.Id.Value });
        var counted = Dimensions.Of(model.ToDictionary().Append(KeyValuePair.Create("provider", "none")));
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = counted.Text });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private async Task<long> Balance(TestOrganisation org, string kind)
    {
        await using var command = database.Owner.CreateCommand(
            "select coalesce(sum(balance_micros), 0)::bigint from ledger.accounts where org_id = $1 and kind = $2");
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = org.Id.Value });
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = kind });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task Execute(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
