using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class RatingUsage(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
        }
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Rounds_each_meter_once_over_the_whole_period()
    {
        // 0.0000025 dollars a token: three events of one token each come to 7.5 micros, not to three times 3 or 2.
        await client.SendBatch(Enumerable.Range(0, 3).Select(index => UsageEvents.Completion($"{index}", 1, 0)));
        await host.RateAll();
        await client.SendBatch(Enumerable.Range(3, 1).Select(index => UsageEvents.Completion($"{index}", 1, 0)));
        await host.RateAll();

        (await Used()).ShouldBe(10);
        var lines = (await client.GetJson("/v1/rated-lines"))["data"]!.AsArray();
        lines.Where(line => (string)line!["meter"]! == "llm.input_tokens")
            .Sum(line => (long)line!["amount"]!["amount_micros"]!)
            .ShouldBe(10);
    }

    [Fact]
    public async Task Comes_to_the_same_whatever_the_order_the_batches_and_the_repeats()
    {
        var random = new Random(20260131);
        var events = Enumerable.Range(0, 300).Select(index => UsageEvents.Completion(
            $"{index}",
            random.Next(1, 9_000),
            random.Next(1, 900),
            time: $"2026-01-{random.Next(1, 32):00}T{random.Next(24):00}:{random.Next(60):00}:00Z")).ToArray();
        var input = events.Sum(one => (long)one["data"]!["input_tokens"]!);
        var output = events.Sum(one => (long)one["data"]!["output_tokens"]!);
        var expected = Rounding.HalfUpToMicros(input * 2.50m / 1_000_000) + Rounding.HalfUpToMicros(output * 10m / 1_000_000);
        JsonObject[] sent = [.. events, .. events];
        random.Shuffle(sent);
        await using var second = await TestHost.Start(database, "api");
        HttpClient[] clients = [client, second.Client(org.Key)];

        var chunks = sent.Chunk(37).ToArray();
        for (var index = 0; index < chunks.Length; index++)
        {
            await clients[index % 2].SendBatch(chunks[index]);
            if (index % 4 == 0)
            {
                await (index % 8 == 0 ? host : second).RateAll();
            }
        }

        await host.RateAll();
        (await Used()).ShouldBe(expected!.Value);
        (await BooksAreExact()).ShouldBeTrue();
    }

    [Fact]
    public async Task Names_the_way_back_from_the_balance_to_the_raw_event()
    {
        await client.SendBatch(UsageEvents.Completion("a", 1000, 100), UsageEvents.Completion("b", 2000, 200));
        await host.RateAll();

        var entry = (await client.GetJson("/v1/ledger/entries"))["data"]![0]!;
        var lines = (await client.GetJson($"/v1/rated-lines?transfer={entry["transfer"]}"))["data"]!.AsArray();
        var line = lines.Single(one => (string)one!["meter"]! == "llm.output_tokens")!;
        var behind = (await client.GetJson($"/v1/rated-lines/{line["id"]}/events"))["data"]!.AsArray();
        var raw = await client.GetJson($"/v1/events/{behind[0]!["event"]}");

        ((long)entry["balance_after"]!["amount_micros"]!).ShouldBe(10_500);
        ((string)line["quantity"]!).ShouldBe("300");
        ((string)line["unit_price"]!).ShouldBe("10");
        ((long)line["amount"]!["amount_micros"]!).ShouldBe(3_000);
        behind.Select(one => (string)one!["quantity"]!).ShouldBe(["100", "200"]);
        ((string)raw["id"]!).ShouldBe("a");
    }

    [Fact]
    public async Task Charges_a_price_change_at_its_quarter_hour_and_keeps_the_position()
    {
        var day = new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);
        await host.PublishPrices(
            new NewPrice("llm.input_tokens", Dimensions.Of("model", "changing"), 1m, 1, day.AddDays(-1)),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", "changing"), 0m, 1, day.AddDays(-1)));
        await client.SendBatch(
            UsageEvents.Completion("late", 1, 0, "changing", "2024-05-01T12:14:59.999Z"),
            UsageEvents.Completion("early", 10, 0, "changing", "2024-04-30T12:00:00Z"));
        await host.RateAll();

        (await Used()).ShouldBe(11_000_000);
        var lines = (await client.GetJson("/v1/rated-lines"))["data"]!.AsArray()
            .Where(line => (string)line!["meter"]! == "llm.input_tokens");
        lines.Select(line => (string)line!["period_start"]!).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Sets_usage_without_a_price_aside_until_there_is_one()
    {
        await client.SendEvent(UsageEvents.Completion("new", 1000, 0, "brand-new"));
        await host.RateAll();
        (await Used()).ShouldBe(0);
        var waiting = (await client.GetJson("/v1/unpriced-usage"))["data"]!.AsArray();
        waiting.Select(row => (string)row!["reason"]!).ShouldAllBe(reason => reason == "no_price");
        waiting.Count.ShouldBe(2);

        await host.PublishPrices(
            new NewPrice("llm.input_tokens", Dimensions.Of("model", "brand-new"), 3m, 1_000, null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", "brand-new"), 3m, 1_000, null));
        await host.RateAll();

        (await Used()).ShouldBe(3_000_000);
        (await client.GetJson("/v1/unpriced-usage"))["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Sets_aside_what_comes_to_more_than_anyone_means_and_goes_on_with_the_rest()
    {
        await host.PublishPrices(
            new NewPrice("llm.input_tokens", Dimensions.Of("model", "absurd"), 1_000_000_000m, 1, null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", "absurd"), 1m, 1, null));

        await client.SendEvent(UsageEvents.Completion("huge", 1_000_000_000_000, 1, "absurd"));
        await host.RateAll();

        (await Used()).ShouldBe(1_000_000);
        var waiting = (await client.GetJson("/v1/unpriced-usage"))["data"]!.AsArray().Single()!;
        ((string)waiting["reason"]!).ShouldBe("overflow");
        (await BooksAreExact()).ShouldBeTrue();
    }

    [Fact]
    public async Task Burns_credit_before_it_overdraws()
    {
        var prepaid = await host.CreateOrganisation(Settlement.Prepaid);
        using var theirs = host.Client(prepaid.Key);
        using var operatorClient = await host.OperatorClient();
        operatorClient.DefaultRequestHeaders.Add("Quoin-Org", prepaid.Id.ToString());
        await Grant(operatorClient, prepaid, 2_000, "welcome");

        await theirs.SendEvent(UsageEvents.Completion("a", 1000, 0));
        await host.RateAll();
        var overdrawn = (await theirs.GetJson("/v1/balance"))["data"]![0]!;
        await Grant(operatorClient, prepaid, 1_000, "more");
        var repaid = (await theirs.GetJson("/v1/balance"))["data"]![0]!;

        ((long)overdrawn["available"]!["amount_micros"]!).ShouldBe(0);
        ((long)overdrawn["overdraft"]!["amount_micros"]!).ShouldBe(500);
        ((long)repaid["available"]!["amount_micros"]!).ShouldBe(500);
        ((long)repaid["overdraft"]!["amount_micros"]!).ShouldBe(0);
    }

    private static async Task Grant(HttpClient client, TestOrganisation org, long micros, string key)
    {
        var answer = await client.PostAsync("/v1/grants", new StringContent(
            $$$"""
            {"billing_account":"{{{org.BillingAccount}}}","amount":{"currency":"USD","amount_micros":{{{micros}}}},
             "source":"promotional","key":"{{{key}}}","reason":"test"}
            """,
            System.Text.Encoding.UTF8,
            "application/json"));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private async Task<long> Used()
    {
        var balance = (await client.GetJson("/v1/balance"))["data"]!.AsArray();
        return balance.Sum(row => (long)row!["used"]!["amount_micros"]!);
    }

    // Entries sum to zero, balances are the sums of their entries, and lines come to what was posted.
    private async Task<bool> BooksAreExact()
    {
        await using var command = database.Owner.CreateCommand("""
            select
                (select coalesce(sum(amount_micros), 0) from ledger.entries) = 0
                and not exists (
                    select from ledger.accounts a
                    where balance_micros <> (
                        select coalesce(sum(amount_micros), 0) from ledger.entries e
                        where e.org_id = a.org_id and e.account_id = a.account_id))
                and (select coalesce(sum(amount_micros), 0) from charging.rated_lines)
                    = (select coalesce(sum(balance_micros), 0) from ledger.accounts where kind = 'revenue')
                and (select coalesce(sum(rated_micros), 0) from charging.rating_positions)
                    = (select coalesce(sum(amount_micros), 0) from charging.rated_lines)
            """);
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
