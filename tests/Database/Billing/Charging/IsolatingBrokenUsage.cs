using Npgsql;
using Quoin.Pricing;
using Quoin.Tests.Support;
using UsageDoor = Quoin.Metering.Metering;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class IsolatingBrokenUsage(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
        }
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Rates_all_others_and_sets_the_broken_organisations_usage_aside()
    {
        Customer[] customers = [await NewCustomer(), await NewCustomer(), await NewCustomer(), await NewCustomer(), await NewCustomer()];
        var broken = customers[2];
        await RateOnce(broken, "before");
        await Damage(broken);

        foreach (var customer in customers)
        {
            await customer.Client.SendEvent(UsageEvents.Completion("a"));
        }

        await host.RateAll();

        foreach (var customer in customers.Except([broken]))
        {
            (await customer.Used()).ShouldBe(3_500);
            (await customer.Waiting()).ShouldBeEmpty();
        }

        (await broken.Used()).ShouldBe(3_500);
        (await broken.Waiting()).ShouldBe(["failed KeyNotFoundException", "failed KeyNotFoundException"]);
        (await host.Get<UsageDoor>().UnratedDepth(CancellationToken.None)).Count.ShouldBe(0);
    }

    [Fact]
    public async Task Goes_on_rating_others_while_broken_usage_keeps_coming()
    {
        var broken = await NewCustomer();
        var well = await NewCustomer();
        await RateOnce(broken, "before");
        await Damage(broken);

        for (var round = 1; round <= 3; round++)
        {
            await broken.Client.SendEvent(UsageEvents.Completion($"{round}"));
            await well.Client.SendEvent(UsageEvents.Completion($"{round}"));
            await host.RateAll();

            (await well.Used()).ShouldBe(round * 3_500);
        }

        (await broken.Used()).ShouldBe(3_500);
    }

    [Fact]
    public async Task Rates_it_once_an_operator_has_it_tried_again()
    {
        var broken = await NewCustomer();
        await RateOnce(broken, "before");
        await Damage(broken);
        await broken.Client.SendEvent(UsageEvents.Completion("a"));
        await host.RateAll();

        await Heal(broken);
        await host.RateAll();
        (await broken.Used()).ShouldBe(3_500);
        var retried = await Retry(broken);
        await host.RateAll();

        retried.ShouldBe(2);
        (await broken.Used()).ShouldBe(7_000);
        (await broken.Waiting()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sets_it_aside_again_while_its_cause_remains()
    {
        var broken = await NewCustomer();
        await RateOnce(broken, "before");
        await Damage(broken);
        await broken.Client.SendEvent(UsageEvents.Completion("a"));
        await host.RateAll();

        await Retry(broken);
        await host.RateAll();

        (await broken.Used()).ShouldBe(3_500);
        (await broken.Waiting()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Rates_it_on_its_own_when_prices_change()
    {
        var broken = await NewCustomer();
        await RateOnce(broken, "before");
        await Damage(broken);
        await broken.Client.SendEvent(UsageEvents.Completion("a"));
        await host.RateAll();
        await Heal(broken);

        await host.PublishPrices(new NewPrice("llm.input_tokens", Kernel.Dimensions.Of("model", "another"), 1m, 1, null));
        await host.RateAll();

        (await broken.Used()).ShouldBe(7_000);
    }

    [Fact]
    public async Task Leaves_all_usage_where_it_is_when_the_database_fails_the_step()
    {
        var customer = await NewCustomer();
        await customer.Client.SendEvent(UsageEvents.Completion("a"));
        await Execute("""
            create function charging.fail_for_a_test() returns trigger language plpgsql as $$
            begin
                raise exception 'the disk is full' using errcode = 'disk_full';
            end
            $$
            """);
        await Execute("create trigger fail_for_a_test before insert on charging.rated_lines execute function charging.fail_for_a_test()");

        await Should.ThrowAsync<PostgresException>(host.RateAll);
        (await host.Get<UsageDoor>().UnratedDepth(customer.Org.Id, CancellationToken.None)).Count.ShouldBe(2);
        (await customer.Waiting()).ShouldBeEmpty();
        await Execute("drop trigger fail_for_a_test on charging.rated_lines");
        await Execute("drop function charging.fail_for_a_test()");
        await host.RateAll();

        (await customer.Used()).ShouldBe(3_500);
    }

    [Fact]
    public async Task Tells_of_it_once_a_day_and_shows_it_to_operators_of_all_organisations()
    {
        var customer = await NewCustomer();
        for (var round = 0; round < 3; round++)
        {
            await customer.Client.SendEvent(UsageEvents.Completion($"{round}", model: "never-priced"));
            await host.RateAll();
        }

        using var everywhere = await host.OperatorClient();
        var all = (await everywhere.GetJson("/v1/unpriced-usage?reason=no_price"))["data"]!.AsArray();
        var theirs = all.Where(row => (string)row!["organisation"]! == customer.Org.Id.ToString()).ToArray();

        theirs.Select(row => (long)row!["event_count"]!).ShouldBe([3, 3]);
        (await News(customer)).ShouldBe(2);
    }

    private async Task<long> News(Customer customer)
    {
        await using var command = database.Owner.CreateCommand(
            "select count(*) from platform.outbox where org_id = $1 and topic = 'charging.usage_set_aside'");
        command.Parameters.Add(new NpgsqlParameter { Value = customer.Org.Id.Value });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task Is_tried_again_by_operators_with_a_reason_only()
    {
        var customer = await NewCustomer();

        var theirs = await customer.Client.PostAsync("/v1/unpriced-usage/retry", Json("""{"reason":"mine"}"""));
        var bare = await (await Operator(customer)).PostAsync("/v1/unpriced-usage/retry", Json("""{"reason":" "}"""));

        ((int)theirs.StatusCode).ShouldBe(403);
        ((int)bare.StatusCode).ShouldBe(422);
        ((string)(await bare.Json())["code"]!).ShouldBe("invalid_charging_input");
    }

    // A position that names a price nobody published: reading it throws. The revision has it read.
    private Task Damage(Customer customer) => Execute(
        """
        update charging.rating_positions
        set version_ids[1] = '00000000-0000-7000-8000-00000000dead', revision = revision + 1
        where org_id = $1
        """,
        customer.Org.Id.Value);

    private Task Heal(Customer customer) => Execute(
        """
        update charging.rating_positions p
        set revision = revision + 1,
            version_ids[1] = (
                select version_id from charging.rated_lines l where l.org_id = p.org_id and l.component_id = p.component_id limit 1)
        where org_id = $1
        """,
        customer.Org.Id.Value);

    private async Task Execute(string sql, params object[] values)
    {
        await using var command = database.Owner.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    private async Task<Customer> NewCustomer()
    {
        var org = await host.CreateOrganisation();
        return new Customer(org, host.Client(org.Key));
    }

    private async Task RateOnce(Customer customer, string id)
    {
        await customer.Client.SendEvent(UsageEvents.Completion(id));
        await host.RateAll();
    }

    private async Task<HttpClient> Operator(Customer customer)
    {
        var client = await host.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", customer.Org.Id.ToString());
        return client;
    }

    private async Task<long> Retry(Customer customer)
    {
        var answer = await (await Operator(customer)).PostAsync(
            "/v1/unpriced-usage/retry", Json("""{"reason":"the position is healed"}"""));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return (long)(await answer.Json())["fold_count"]!;
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    private sealed record Customer(TestOrganisation Org, HttpClient Client)
    {
        public async Task<long> Used() => (await Client.GetJson("/v1/balance"))["data"]!.AsArray()
            .Sum(row => (long)row!["used"]!["amount_micros"]!);

        public async Task<List<string>> Waiting() => [.. (await Client.GetJson("/v1/unpriced-usage"))["data"]!.AsArray()
            .Select(row => $"{row!["reason"]} {row["failure"]}")];
    }
}
