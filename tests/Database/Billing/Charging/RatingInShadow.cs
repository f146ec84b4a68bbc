using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class RatingInShadow(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient operators = null!;
    private string book = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        operators = await host.OperatorClient();
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishPrices(
                new NewPrice("llm.input_tokens", Dimensions.Of("model", "gpt-4o"), Tiers(), null),
                new NewPrice("llm.output_tokens", Dimensions.Of("model", "gpt-4o"), 10m, 1_000_000, null));
        }

        book = (await host.Get<PriceBooks>().Books(CancellationToken.None)).Single(one => one.IsDefault).Id.ToString();
    }

    public async Task DisposeAsync()
    {
        operators.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Comes_to_the_existing_total_exactly_where_the_prices_stay()
    {
        var (first, second) = (await Used(3), await Used(5));
        var terms = TermsDocument.Of(Tiers());

        var rating = await Rate(new { meter = "llm.input_tokens", match = Gpt, terms }, [first, second]);

        ((long)rating["existing"]!["amount_micros"]!).ShouldBe(await Lines(first, second));
        ((long)rating["existing"]!["amount_micros"]!).ShouldBeGreaterThan(0);
        ((long)rating["delta"]!["amount_micros"]!).ShouldBe(0);
        ((long)rating["winner_count"]!).ShouldBe(0);
        ((long)rating["loser_count"]!).ShouldBe(0);
    }

    [Fact]
    public async Task Tells_who_would_pay_less_and_who_more()
    {
        var (small, large) = (await Used(1), await Used(9));
        var flat = new { meter = "llm.input_tokens", match = Gpt, unit_price = "4", per_quantity = "1000000" };

        var rating = await Rate(flat, [small, large]);

        var winners = rating["winners"]!.AsArray();
        var losers = rating["losers"]!.AsArray();
        (winners.Count + losers.Count).ShouldBe(2);
        winners.Concat(losers).Sum(one => (long)one!["delta"]!["amount_micros"]!)
            .ShouldBe((long)rating["delta"]!["amount_micros"]!);
        ((long)rating["candidate"]!["amount_micros"]!).ShouldBe(
            (4 * 10 * 1_000) + (long)((await Outputs(small, large)) * 10m));
    }

    [Fact]
    public async Task Leaves_no_trace_but_its_result()
    {
        var org = await Used(4);
        var before = await Fingerprint();

        await Rate(new { meter = "llm.input_tokens", match = Gpt, unit_price = "9", per_quantity = "1000000" }, [org]);

        (await Fingerprint()).ShouldBe(before);
    }

    [Fact]
    public async Task Goes_on_where_another_replica_stopped()
    {
        var orgs = new[] { await Used(2), await Used(3) }.OrderBy(org => org.Id.Value).ToArray();
        var started = await Start(new { meter = "llm.input_tokens", match = Gpt, unit_price = "4", per_quantity = "1000000" }, orgs);
        await using (var half = database.Owner.CreateCommand(
            $"update charging.shadow_ratings set at_org = '{orgs[0].Id.Value}', organisation_count = 1 where state = 'running'"))
        {
            await half.ExecuteNonQueryAsync();
        }

        await host.Get<JobRunner>().RunDue(CancellationToken.None);

        var rating = await operators.GetJson($"/v1/shadow-ratings/{(await started.Json())["id"]}");
        ((string)rating["state"]!).ShouldBe("finished");
        ((long)rating["customer_count"]!).ShouldBe(1);
        ((long)rating["organisation_count"]!).ShouldBe(2);
    }

    [Theory]
    [InlineData(
        "llm.input_tokens", "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z", "shadow_rating_bound_exceeded", HttpStatusCode.BadRequest)]
    [InlineData("no.such.meter", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "unsupported_unit", HttpStatusCode.UnprocessableEntity)]
    public async Task Is_refused(string meter, string from, string to, string code, HttpStatusCode status)
    {
        var answer = await operators.PostAsJsonAsync("/v1/shadow-ratings", new
        {
            from,
            to,
            price_book = book,
            prices = new[] { new { meter, unit_price = "1", per_quantity = "1" } },
        });

        answer.StatusCode.ShouldBe(status, await answer.Content.ReadAsStringAsync());
        ((string)(await answer.Json())["code"]!).ShouldBe(code);
    }

    [Fact]
    public async Task Is_refused_in_another_currency()
    {
        var org = await Used(1);
        var euros = await operators.PostAsJsonAsync(
            "/v1/price-books", new { name = $"Euros {org.Id}", currency = "EUR", is_default = false });
        var other = (string)(await euros.Json())["id"]!;
        await operators.PostAsJsonAsync(
            $"/v1/price-books/{other}/prices",
            new { prices = new[] { new { meter = "llm.input_tokens", unit_price = "1", per_quantity = "1" } } });
        var answer = await operators.PostAsJsonAsync("/v1/shadow-ratings", new
        {
            from = "2026-02-01T00:00:00Z",
            to = "2026-03-01T00:00:00Z",
            price_book = other,
            prices = new[] { new { meter = "llm.input_tokens", unit_price = "1", per_quantity = "1" } },
            organisations = new[] { org.Id.ToString() },
        });

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict, await answer.Content.ReadAsStringAsync());
        ((string)(await answer.Json())["code"]!).ShouldBe("currency_mismatch");
    }

    [Fact]
    public async Task Is_for_operators_only()
    {
        var org = await host.CreateOrganisation();
        using var client = host.Client(org.Key);

        (await client.GetAsync("/v1/shadow-ratings")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static object Gpt => new { model = "gpt-4o" };

    private static PriceTerms Tiers() => PriceTerms.Of(new PriceModel.Graduated(
        [new PriceTier(1_500, 5m), new PriceTier(null, 3m)], 1_000_000));

    private async Task<TestOrganisation> Used(int events)
    {
        var org = await host.CreateOrganisation();
        using var client = host.Client(org.Key);
        for (var index = 0; index < events; index++)
        {
            await client.SendEvent(UsageEvents.Completion(
                $"{index}", 1_000, 77, time: $"2026-02-{1 + index:00}T10:00:00Z"));
            await host.RateAll();
        }

        return org;
    }

    private Task<HttpResponseMessage> Start(object price, TestOrganisation[] orgs) =>
        operators.PostAsJsonAsync("/v1/shadow-ratings", new
        {
            from = "2026-02-01T00:00:00Z",
            to = "2026-03-01T00:00:00Z",
            price_book = book,
            prices = new[] { price },
            organisations = orgs.Select(org => org.Id.ToString()).ToArray(),
        }, JsonConventions.Options);

    private async Task<JsonNode> Rate(object price, TestOrganisation[] orgs)
    {
        var answer = await Start(price, orgs);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        await host.Get<JobRunner>().RunDue(CancellationToken.None);
        var rating = await operators.GetJson($"/v1/shadow-ratings/{(await answer.Json())["id"]}");
        ((string)rating["state"]!).ShouldBe("finished");
        ((bool)rating["ledger_writes"]!).ShouldBeFalse();
        return rating;
    }

    private async Task<long> Lines(params TestOrganisation[] orgs) => (long)(await Scalar(
        $"select sum(amount_micros)::bigint from charging.rated_lines where org_id in ({Listed(orgs)})"))!;

    private async Task<decimal> Outputs(params TestOrganisation[] orgs) => (decimal)(await Scalar(
        "select sum(quantity) from charging.rated_lines l join metering.meters m using (meter_id) "
        + $"where key = 'llm.output_tokens' and org_id in ({Listed(orgs)})"))!;

    private static string Listed(TestOrganisation[] orgs) => string.Join(',', orgs.Select(org => $"'{org.Id.Value}'"));

    // Which transaction wrote which row: of every table but those of the result, the queue and the audit log.
    private async Task<string> Fingerprint()
    {
        await using var command = database.Owner.CreateCommand("""
            select format('select %L || coalesce(string_agg(xmin::text || ctid::text, '','' order by ctid), '''') from %I.%I',
                schemaname || '.' || tablename, schemaname, tablename)
            from pg_tables
            where schemaname in ('metering', 'charging', 'ledger', 'pricing')
                and tablename not like 'shadow_rating%'
            order by 1
            """);
        var statements = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                statements.Add(reader.GetString(0));
            }
        }

        var found = new List<string>();
        foreach (var statement in statements)
        {
            found.Add((string)(await Scalar(statement))!);
        }

        return string.Join('\n', found);
    }

    private async Task<object?> Scalar(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
