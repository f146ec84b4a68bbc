using System.Net.Http.Json;
using Quoin.Accounts;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

/// <summary>Events that are voided or corrected, through rating: 400 tokens of input are 1,000 micros.</summary>
public sealed class TakingUsageBack(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;
    private HttpClient operators = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation(Settlement.Prepaid);
        client = host.Client(org.Key);
        operators = await host.OperatorClient();
        operators.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
        }
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        operators.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Gives_money_back_to_where_it_came_from_the_last_first()
    {
        await Grant("first", 1_000, priority: 10);
        await Grant("second", 1_000, priority: 20);
        var six = await Use("six", 240);
        await Use("nine", 360);
        var ten = await Use("ten", 400);
        var spent = await Money();

        await Void(six);
        var withoutSix = await Money();
        await Void(ten);
        var withoutTen = await Money();

        spent.ShouldBe((2_500, 0, 500));
        withoutSix.ShouldBe((1_900, 100, 0));
        withoutTen.ShouldBe((900, 1_100, 0));
        (await Left(10)).ShouldBe(100);
        (await Left(20)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Moves_by_the_difference_when_an_event_is_corrected_up_and_down()
    {
        await Grant("only", 1_000, priority: 10);
        var sent = await Use("wrong", 400);

        var more = await Correct(sent, 600);
        var corrected = await Money();
        await Correct(more, 200);

        corrected.ShouldBe((1_500, 0, 500));
        (await Money()).ShouldBe((500, 500, 0));
        var lines = (await client.GetJson("/v1/rated-lines?meter=llm.input_tokens"))["data"]!.AsArray();
        lines.Select(line => (long)line!["amount"]!["amount_micros"]!).Reverse().ShouldBe([1_000, 500, -1_000]);
    }

    [Fact]
    public async Task Comes_to_nothing_when_usage_is_taken_back_before_it_was_rated()
    {
        var sent = await Use("gone", 400, isRated: false);

        await Void(sent);

        (await Money()).ShouldBe((0, 0, 0));
        (await client.GetJson("/v1/ledger/entries"))["data"]!.AsArray().ShouldBeEmpty();
    }

    private async Task<string> Use(string id, long input, bool isRated = true)
    {
        var answer = await client.SendEvent(UsageEvents.Completion(id, input, 0, time: "2026-03-01T12:00:00Z"));
        if (isRated)
        {
            await host.RateAll();
        }

        return (string)(await answer.Json())["event"]!;
    }

    private async Task Void(string sent)
    {
        var answer = await operators.PostAsJsonAsync($"/v1/events/{sent}/void", new { reason = "wrong" });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        await host.RateAll();
    }

    private async Task<string> Correct(string sent, long input)
    {
        var answer = await operators.PostAsJsonAsync(
            $"/v1/events/{sent}/correct",
            new { reason = "wrong", data = new { model = "gpt-4o", input_tokens = input, output_tokens = 0 } });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        await host.RateAll();
        return (string)(await answer.Json())["replaced_by"]!;
    }

    private async Task Grant(string key, long micros, int priority)
    {
        var answer = await operators.PostAsJsonAsync("/v1/grants", new
        {
            billing_account = org.BillingAccount.ToString(),
            amount = new { currency = "USD", amount_micros = micros },
            source = "promotional",
            key,
            reason = "test",
            priority,
        });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private async Task<(long Used, long Available, long Overdraft)> Money()
    {
        var balance = (await client.GetJson("/v1/balance"))["data"]!.AsArray().SingleOrDefault();
        long Micros(string name) => balance is null ? 0 : (long)balance[name]!["amount_micros"]!;
        return (Micros("used"), Micros("available"), Micros("overdraft"));
    }

    private async Task<long> Left(int priority)
    {
        await using var command = database.Owner.CreateCommand(
            """
            select a.balance_micros
            from ledger.grants g
            join ledger.accounts a on a.org_id = g.org_id and a.account_id = g.grant_id
            where g.org_id = $1 and g.priority = $2
            """);
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = org.Id.Value });
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = priority });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
