using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Pricing;

public sealed class PublishingPrices(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient client = null!;
    private string book = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        client = await host.OperatorClient();
        var answer = await client.PostAsJsonAsync(
            "/v1/price-books", new { name = $"Book {host.Get<Quoin.Kernel.IdSource>().Next()}", currency = "USD", is_default = false });
        book = (string)(await answer.Json())["id"]!;
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Takes_a_first_price_from_the_start_of_time()
    {
        var answer = await Publish(new { meter = "llm.input_tokens", unit_price = "2.50", per_quantity = 1_000_000 });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        ((string)(await answer.Json())["data"]![0]!["effective_from"]!).ShouldStartWith("2000-01-01");
    }

    [Fact]
    public async Task Keeps_terms_that_say_more_than_a_unit_price()
    {
        var terms = new
        {
            cells = new object[]
            {
                new { match = new { region = "eu" }, model = new { type = "package", price = "0.05", size = "100" } },
                new
                {
                    key = "rest",
                    hours = new { days = new[] { "sat", "sun" }, from = "22:00", until = "06:00", zone = "Europe/Berlin" },
                    included = "10",
                    model = new
                    {
                        type = "graduated",
                        per = "3600",
                        tiers = new object[] { new { up_to = "1000", unit_price = "2" }, new { unit_price = "1.5", flat_price = "9" } },
                    },
                },
            },
            maximum = "500",
            factor = new { margin = "0.25" },
        };

        var answer = await Publish(new { meter = "m", terms, group_by = new[] { "project", "agent" }, scale = 2 });

        var shown = (await answer.Json())["data"]![0]!;
        shown["unit_price"].ShouldBeNull();
        shown["group_by"]!.AsArray().Select(name => (string)name!).ShouldBe(["agent", "project"]);
        var listed = (await (await client.GetAsync("/v1/prices")).Json())["data"]!.AsArray()
            .Single(price => (string)price!["id"]! == (string)shown["id"]!)!;
        listed.ToJsonString().ShouldBe(shown.ToJsonString());
        ((string)listed["terms"]!["cells"]![0]!["key"]!).ShouldBe("region=eu");
        ((string)listed["terms"]!["cells"]![1]!["hours"]!["until"]!).ShouldBe("06:00");
        ((string)listed["hash"]!).Length.ShouldBe(64);
    }

    [Fact]
    public async Task Takes_a_price_over_a_cost_without_its_cells()
    {
        var cost = new { cells = new[] { new { model = new { type = "per_unit", price = "2", per = "1000" } } } };

        var answer = await Publish(new { meter = "m", terms = new { factor = new { markup = "0.2" } }, cost });

        var shown = (await answer.Json())["data"]![0]!;
        shown["terms"]!["cells"]!.ToJsonString().ShouldBe(shown["cost"]!["cells"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"per_unit","price":"1.9","per":"1000"}""")]
    [InlineData("""{"type":"package","price":"2","size":"1001"}""")]
    [InlineData("""{"type":"graduated","per":"1000","tiers":[{"up_to":"5000","unit_price":"3"},{"unit_price":"1.5"}]}""")]
    [InlineData("""{"type":"volume","per":"1000","tiers":[{"up_to":"5000","unit_price":"2"},{"unit_price":"1.9"}]}""")]
    [InlineData("""{"type":"flat","price":"100"}""")]
    public async Task Refuses_a_price_below_its_cost_unless_that_is_meant(string model)
    {
        var cost = new { cells = new[] { new { model = new { type = "per_unit", price = "2", per = "1000" } } } };
        var price = new { meter = "m", terms = new { cells = new[] { new { model = JsonNode.Parse(model) } } }, cost };

        var refused = await Publish(price);
        var meant = await client.PostAsJsonAsync(
            $"/v1/price-books/{book}/prices", new { prices = new[] { price }, may_sell_below_cost = true });

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        ((string)(await refused.Json())["code"]!).ShouldBe("price_below_cost");
        meant.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"type":"per_unit","price":"2","per":"1000"}""")]
    [InlineData("""{"type":"package","price":"2","size":"1000"}""")]
    [InlineData("""{"type":"graduated","per":"1000","tiers":[{"up_to":"5000","unit_price":"3"},{"unit_price":"2"}]}""")]
    public async Task Publishes_a_price_that_covers_its_cost_everywhere(string model)
    {
        var cost = new { cells = new[] { new { model = new { type = "per_unit", price = "2", per = "1000" } } } };

        var answer = await Publish(new { meter = "m", terms = new { cells = new[] { new { model = JsonNode.Parse(model) } } }, cost });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"cells":[],"included":"5"}""")]
    [InlineData("""{"cells":[{"model":{"type":"cheap","price":"1"}}]}""")]
    [InlineData("""{"cells":[{"model":{"type":"flat","price":"1","per":"2"}}]}""")]
    [InlineData("""{"cells":[{"model":{"type":"volume","tiers":[{"unit_price":"1","up_to":"5"}]}}]}""")]
    [InlineData("""{"cells":[{"model":{"type":"flat","price":"1"}},{"model":{"type":"flat","price":"2"}}]}""")]
    [InlineData("""{"cells":[{"model":{"type":"flat","price":"1"},"hours":{"from":"08:07","until":"09:00"}}]}""")]
    [InlineData("""{"cells":[{"model":{"type":"flat","price":"1"},"hours":{"from":"08:00","until":"09:00","zone":"Mars"}}]}""")]
    [InlineData("""{"cells":[{"model":{"type":"flat","price":"1"}}],"maximum":"1","minimum":"2"}""")]
    [InlineData("""{"cells":[{"model":{"type":"flat","price":"1"}}],"factor":{"margin":"1"}}""")]
    [InlineData("""{"factor":{"markup":"0.2"}}""")]
    public async Task Refuses_terms_without_a_meaning(string terms) =>
        await ShouldBeRefused(await Publish(new { meter = "m", terms = JsonNode.Parse(terms) }));

    [Fact]
    public async Task Refuses_members_it_does_not_know()
    {
        var terms = JsonNode.Parse("""{"cells":[{"model":{"type":"flat","price":"1"}}],"surprise":1}""");

        (await Publish(new { meter = "m", terms })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Refuses_to_group_a_component_by_something_else_later()
    {
        await Publish(new { meter = "m", unit_price = "1", per_quantity = 1, group_by = new[] { "project" } });

        await ShouldBeRefused(await Publish(
            new { meter = "m", unit_price = "1", per_quantity = 1, effective_from = "2126-01-01T00:00:00Z" }));
    }

    [Fact]
    public async Task Takes_a_next_version_only_ahead_of_what_is_already_rated()
    {
        await Publish(new { meter = "m", unit_price = "1", per_quantity = 1 });

        var past = await Publish(new { meter = "m", unit_price = "2", per_quantity = 1, effective_from = "2026-01-01T00:00:00Z" });
        var future = await Publish(new { meter = "m", unit_price = "2", per_quantity = 1, effective_from = "2126-01-01T00:00:00Z" });

        await ShouldBeRefused(past);
        future.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Answers_with_what_is_kept()
    {
        var answer = await Publish(new { meter = "kept", unit_price = "1", per_quantity = 1 });

        var published = (await answer.Json())["data"]![0]!["published_at"]!.GetValue<DateTimeOffset>();
        await using var command = database.Owner.Sql(
            "select published_at from pricing.price_versions where price_book_id = $1", BookId);
        (await command.ExecuteScalarAsync()).ShouldBe(published.UtcDateTime);
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("m\0", "model", "gpt")]
    [InlineData("m", "mo\0del", "gpt")]
    [InlineData("m", "model", "g\0pt")]
    [InlineData("m", "", "gpt")]
    [InlineData("m", "model", "")]
    public async Task Refuses_names_that_no_usage_can_have(string meter, string dimension, string value)
    {
        var match = new Dictionary<string, string> { [dimension] = value };

        var answer = await Publish(new { meter, unit_price = "1", per_quantity = 1, match });

        await ShouldBeRefused(answer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bo\0ok")]
    public async Task Refuses_a_book_without_a_proper_name(string name)
    {
        var answer = await client.PostAsJsonAsync("/v1/price-books", new { name, currency = "USD", is_default = false });

        await ShouldBeRefused(answer);
    }

    [Theory]
    [InlineData("-1", 1, null)]
    [InlineData("1", 0, null)]
    [InlineData("0.0000000000001", 1, null)]
    [InlineData("1", 1, "2126-01-01T00:07:00Z")]
    public async Task Refuses_a_price_that_cannot_be_and_publishes_none_of_the_others(string unitPrice, long per, string? from)
    {
        var answer = await Publish(
            new { meter = "good", unit_price = "1", per_quantity = 1, effective_from = (string?)null },
            new { meter = "bad", unit_price = unitPrice, per_quantity = per, effective_from = from });

        await ShouldBeRefused(answer);
        (await Versions()).ShouldBe(0);
    }

    [Fact]
    public async Task Is_for_operators_only()
    {
        var org = await host.CreateOrganisation();
        using var customer = host.Client(org.Key);

        var answer = await customer.PostAsJsonAsync($"/v1/price-books/{book}/prices", new { prices = Array.Empty<object>() });

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Cannot_be_undone_even_by_the_owner()
    {
        await Publish(new { meter = "kept", unit_price = "1", per_quantity = 1 });
        await using var command = database.Owner.CreateCommand("update pricing.price_versions set unit_price = 0");

        await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
    }

    private Guid BookId => Quoin.Kernel.Id.Parse<Quoin.Pricing.PriceBookId>(book).Value;

    private Task<HttpResponseMessage> Publish(params object[] prices) =>
        client.PostAsJsonAsync($"/v1/price-books/{book}/prices", new { prices });

    private static async Task ShouldBeRefused(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, await answer.Content.ReadAsStringAsync());
        ((string)(await answer.Json())["code"]!).ShouldBe("price_refused");
    }

    private async Task<long> Versions()
    {
        await using var command = database.Owner.Sql(
            "select count(*) from pricing.price_versions v where v.price_book_id = $1", BookId);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
