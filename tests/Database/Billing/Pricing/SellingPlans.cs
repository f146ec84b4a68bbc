using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Pricing;

public sealed class SellingPlans(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));
    private TestHost host = null!;
    private HttpClient client = null!;
    private TestOrganisation org = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", clock);
        client = await host.OperatorClient();
        org = await host.CreateOrganisation();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Shows_customers_the_public_ones()
    {
        using var customer = host.Client(org.Key);

        var seen = (await (await customer.GetAsync("/v1/plans")).Json())["data"]!.AsArray();

        seen.Select(plan => (string)plan!["family"]!).ShouldContain("starter");
        seen.Select(plan => (string)plan!["family"]!).ShouldNotContain("internal-dev");
        (await customer.GetAsync("/v1/plans/internal-dev")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await customer.PostAsJsonAsync("/v1/plans", new { family = "x", name = "X", visibility = "public" }))
            .StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    /// <summary>Case T72: what was published never changes; what differs is a new version.</summary>
    [Fact]
    public async Task Lets_a_draft_change_until_it_is_published_and_never_after()
    {
        await Make("pro");
        var draft = await Ok(await Draft("pro", 10));
        var changed = await Ok(await client.PutAsJsonAsync("/v1/plans/pro/versions/1", Version(20)));
        changed["hash"]!.GetValue<string>().ShouldNotBe(draft["hash"]!.GetValue<string>());

        var published = await Ok(await client.PostAsync("/v1/plans/pro/versions/1/publish", null));
        published["status"]!.GetValue<string>().ShouldBe("published");

        var late = await client.PutAsJsonAsync("/v1/plans/pro/versions/1", Version(30));
        late.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await using var command = database.Owner.CreateCommand("update pricing.plan_versions set fee_micros = 0 where family = 'pro'");
        await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        (await Ok(await Draft("pro", 30)))["number"]!.GetValue<int>().ShouldBe(2);
    }

    /// <summary>Case T73 and, of what is written, case T74.</summary>
    [Theory]
    [InlineData("entitlement.boolean.v1", """{"enabled":true}""", true)]
    [InlineData("entitlement.boolean.v1", """{"enabled":true,"more":1}""", false)]
    [InlineData("entitlement.boolean.v1", """{}""", false)]
    [InlineData("entitlement.boolean.v2", """{"enabled":true}""", false)]
    [InlineData("entitlement.quota.v1", """{"limit":0,"interval":"week","enforcement":"hard"}""", true)]
    [InlineData("entitlement.quota.v1", """{"limit":-1,"interval":"week","enforcement":"hard"}""", false)]
    [InlineData("entitlement.quota.v1", """{"limit":1,"interval":"period","enforcement":"hard"}""", false)]
    [InlineData("entitlement.quota.v1", """{"limit":1,"interval":"week","enforcement":"observe"}""", false)]
    [InlineData("entitlement.quota.v1", """{"limit":1.5,"interval":"week","enforcement":"hard"}""", false)]
    [InlineData("entitlement.quota.v2", """{"limit":null,"interval":"period","enforcement":"observe"}""", true)]
    [InlineData("entitlement.quota.v2", """{"interval":"period","enforcement":"observe"}""", false)]
    [InlineData("entitlement.quota.v2", """{"limit":5,"interval":"standing","enforcement":"hard","overage":"allow"}""", true)]
    [InlineData("entitlement.quota.v2", """{"limit":5,"interval":"day","enforcement":"hard","overage_cap_micros":9}""", true)]
    [InlineData("entitlement.quota.v2", """{"limit":5,"interval":"fortnight","enforcement":"hard"}""", false)]
    [InlineData("entitlement.string_list.v1", """{"values":["a"," b "]}""", true)]
    [InlineData("entitlement.string_list.v1", """{"values":["a"," a"]}""", false)]
    [InlineData("entitlement.string_list.v1", """{"values":[" "]}""", false)]
    public async Task Takes_entitlements_of_the_registry_and_nothing_else(string schema, string value, bool isValid)
    {
        var family = $"f{host.Get<Quoin.Kernel.IdSource>().Next():n}";
        await Make(family);
        var entitlement = new { key = "thing", schema_version = schema, value = JsonNode.Parse(value) };

        var version = new { fee = new { currency = "USD", amount_micros = 1 }, entitlements = new[] { entitlement } };
        var answer = await client.PostAsJsonAsync($"/v1/plans/{family}/versions", version);

        var expected = isValid ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity;
        answer.StatusCode.ShouldBe(expected, await answer.Content.ReadAsStringAsync());
        if (!isValid)
        {
            ((string)(await answer.Json())["code"]!).ShouldBe("entitlement_schema_invalid");
        }
    }

    [Fact]
    public async Task Keeps_the_hash_of_what_every_installation_has()
    {
        var starter = (await Ok(await client.GetAsync("/v1/plans/starter")))["current"]!;

        // The seed is hashed by PostgreSQL, all others by the program: over the same text.
        await Make("copy");
        var copy = await Ok(await client.PostAsJsonAsync(
            "/v1/plans/copy/versions", new { fee = starter["fee"], entitlements = starter["entitlements"] }));
        await using var command = database.Owner.CreateCommand("""
            select (select entitlements from pricing.plan_versions where family = 'starter')
                = (select entitlements from pricing.plan_versions where family = 'copy')
            """);
        (await command.ExecuteScalarAsync()).ShouldBe(true);
        copy["entitlements"]!.ToJsonString().ShouldBe(starter["entitlements"]!.ToJsonString());
    }

    [Fact]
    public async Task Shows_the_money_of_a_change_before_it_is_made()
    {
        var assignment = await Ok(await Assign("starter"));
        clock.Advance(TimeSpan.FromDays(15));

        var growth = await VersionOf("growth");
        var change = $"/v1/assignments/{assignment["id"]}/change";
        var preview = await Ok(await client.PostAsJsonAsync(change + "/preview", new { plan_version = growth }));

        // Half of April is left: half of 49 goes back, half of 199 is due.
        preview["credit"]!["amount_micros"]!.GetValue<long>().ShouldBe(-24_500_000);
        preview["charge"]!["amount_micros"]!.GetValue<long>().ShouldBe(99_500_000);
        preview["net"]!["amount_micros"]!.GetValue<long>().ShouldBe(75_000_000);

        var made = await Ok(await client.PostAsJsonAsync(change, new { plan_version = growth }));
        made["plan"]!.GetValue<string>().ShouldBe("growth");
        (await (await client.GetAsync("/v1/assignments")).Json())["data"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Moves_a_cohort_after_showing_the_money()
    {
        await Make("cohort");
        await Ok(await Draft("cohort", 10));
        await Ok(await client.PostAsync("/v1/plans/cohort/versions/1/publish", null));
        await Ok(await Draft("cohort", 16));
        await Ok(await client.PostAsync("/v1/plans/cohort/versions/2/publish", null));
        var versions = (await (await client.GetAsync("/v1/plans/cohort/versions")).Json())["data"]!.AsArray();
        var (from, to) = ((string)versions[0]!["id"]!, (string)versions[1]!["id"]!);
        for (var count = 0; count < 3; count++)
        {
            using var another = await host.OperatorClient();
            another.DefaultRequestHeaders.Add("Quoin-Org", (await host.CreateOrganisation()).Id.ToString());
            await Ok(await another.PostAsJsonAsync("/v1/assignments", new { kind = "plan", plan_version = from }));
        }

        var shown = await Migrate(new { from, to, limit = 2 });
        shown["accounts"]!.AsArray().Count.ShouldBe(2);
        shown["fees_before"]!["amount_micros"]!.GetValue<long>().ShouldBe(20_000_000);
        shown["fees_after"]!["amount_micros"]!.GetValue<long>().ShouldBe(32_000_000);
        shown["next_cursor"].ShouldNotBeNull();

        var moved = await Migrate(new { from, to, dry_run = false, limit = 200 });
        moved["accounts"]!.AsArray().ShouldAllBe(account => (bool)account!["moved"]!);
        moved["accounts"]!.AsArray().Count.ShouldBe(3);
        moved["net"]!["amount_micros"]!.GetValue<long>().ShouldBe(0);
        (await Migrate(new { from, to }))["accounts"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Is_another_tenants_secret()
    {
        var assignment = await Ok(await Assign("starter"));
        using var stranger = await host.OperatorClient();
        stranger.DefaultRequestHeaders.Add("Quoin-Org", (await host.CreateOrganisation()).Id.ToString());

        var answer = await stranger.PostAsJsonAsync($"/v1/assignments/{assignment["id"]}/cancel", new { });

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<JsonNode> Migrate(object request) => await Ok(await client.PostAsJsonAsync("/v1/plan-migrations", request));

    private async Task Make(string family) =>
        await Ok(await client.PostAsJsonAsync("/v1/plans", new { family, name = family, visibility = "custom" }));

    private static object Version(int fee) => new { fee = new { currency = "USD", amount_micros = fee * 1_000_000L } };

    private Task<HttpResponseMessage> Draft(string family, int fee) =>
        client.PostAsJsonAsync($"/v1/plans/{family}/versions", Version(fee));

    private async Task<string> VersionOf(string family) =>
        (string)(await Ok(await client.GetAsync($"/v1/plans/{family}")))["current"]!["id"]!;

    private async Task<HttpResponseMessage> Assign(string family) =>
        await client.PostAsJsonAsync("/v1/assignments", new { kind = "plan", plan_version = await VersionOf(family) });

    private static async Task<JsonNode> Ok(HttpResponseMessage answer)
    {
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }
}
