using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Budgets over HTTP.</summary>
public sealed class KeepingBudgets(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient acme = null!;
    private HttpClient other = null!;
    private HttpClient keyed = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        keyed = host.Client((await host.CreateOrganisation()).Key);
        (acme, other) = (await For(await host.CreateOrganisation()), await For(await host.CreateOrganisation()));
    }

    public async Task DisposeAsync()
    {
        acme.Dispose();
        other.Dispose();
        keyed.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_budget_is_made_shown_changed_listed_and_ended()
    {
        var made = await acme.PostAsJsonAsync("/v1/budgets", new
        {
            amount = new { currency = "USD", amount_micros = 5_000_000 },
            window = "30d",
            scope = new { kind = "key", id = "key_1" },
        });
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        var id = (string)(await made.Json())["id"]!;
        await acme.PostAsJsonAsync("/v1/budgets", new { amount = new { currency = "USD", amount_micros = 0 }, window = "month" });

        var changed = await acme.PatchAsJsonAsync($"/v1/budgets/{id}", new { posture = "soft", thresholds_percent = new[] { 50 } });
        var listed = await Json(acme, "/v1/budgets?scope_kind=key&scope_id=key_1");
        var all = await Json(acme, "/v1/budgets");

        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        var shown = await Json(acme, $"/v1/budgets/{id}");
        ((string)shown["posture"]!).ShouldBe("soft");
        ((string)shown["window"]!).ShouldBe("30d");
        ((long)shown["left"]!["amount_micros"]!).ShouldBe(5_000_000);
        listed["data"]!.AsArray().Count.ShouldBe(1);
        all["data"]!.AsArray().Count.ShouldBe(2);
        (await other.GetAsync($"/v1/budgets/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await other.DeleteAsync($"/v1/budgets/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await acme.DeleteAsync($"/v1/budgets/{id}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await acme.DeleteAsync($"/v1/budgets/{id}")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await Json(acme, "/v1/budgets"))["data"]!.AsArray().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("fortnight", 1_000, 80)]
    [InlineData("0s", 1_000, 80)]
    [InlineData("99999d", 1_000, 80)]
    [InlineData("month", -1, 80)]
    [InlineData("month", 1_000, 0)]
    public async Task What_cannot_be_a_budget_is_refused(string window, long micros, int percent)
    {
        var response = await acme.PostAsJsonAsync("/v1/budgets", new
        {
            amount = new { currency = "USD", amount_micros = micros },
            window,
            thresholds_percent = new[] { percent },
        });

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_key_reads_budgets_and_changes_none()
    {
        var made = await keyed.PostAsJsonAsync(
            "/v1/budgets", new { amount = new { currency = "USD", amount_micros = 1 }, window = "day" });

        made.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await keyed.GetAsync("/v1/budgets")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_scope_has_only_so_many()
    {
        var scope = new { kind = "project", id = "prj_1" };
        var statuses = new List<HttpStatusCode>();
        for (var number = 0; number < 11; number++)
        {
            var budget = new { amount = new { currency = "USD", amount_micros = 1 }, window = "day", scope };
            statuses.Add((await acme.PostAsJsonAsync("/v1/budgets", budget)).StatusCode);
        }

        statuses.Take(10).ShouldAllBe(status => status == HttpStatusCode.Created);
        statuses[10].ShouldBe(HttpStatusCode.Conflict);
    }

    private async Task<HttpClient> For(TestOrganisation org)
    {
        var client = await host.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        return client;
    }

    private static async Task<JsonNode> Json(HttpClient client, string path) => await (await client.GetAsync(path)).Json();
}
