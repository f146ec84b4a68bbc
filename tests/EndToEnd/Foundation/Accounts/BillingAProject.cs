using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

public sealed class BillingAProject(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient machine = null!;
    private TestOrganisation acme = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, roles: "api");
        if ((await host.Get<PriceBooks>().Books(default)).Count == 0)
        {
            await host.PublishUsualPrices();
        }

        acme = await host.CreateOrganisation();
        machine = await host.OperatorClient();
        machine.DefaultRequestHeaders.Add("Quoin-Org", acme.Id.ToString());
    }

    public async Task DisposeAsync()
    {
        machine.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Usage_of_a_projects_key_goes_to_the_projects_account_and_to_no_other()
    {
        var (project, account) = await Project("Search", "postpaid");
        var other = await Open(new { kind = "external", name = "Client", currency = "USD" });
        using var key = await KeyOf(project);

        await Send(key, "event-1", null);
        await Send(key, "event-2", account);
        using var refused = await Event(key, "event-3", other.ToString());
        await host.RateAll();

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("billing_account_out_of_reach");
        (await Owed(account)).ShouldBe(2 * 2_500_000);
        (await Owed(acme.BillingAccount.ToString())).ShouldBe(0);
    }

    [Fact]
    public async Task A_project_without_an_account_of_its_own_is_billed_with_the_organisation()
    {
        var project = await Post("/v1/projects", new { name = "Plain" });
        var other = await Open(new { kind = "external", name = "Client", currency = "USD" });
        using var key = await KeyOf(Id.Parse<ProjectId>(project.GetProperty("id").GetString()!));

        await Send(key, "plain-1", null);
        using var refused = await Event(key, "plain-2", other.ToString());
        await host.RateAll();

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await Owed(acme.BillingAccount.ToString())).ShouldBe(2_500_000);
    }

    [Fact]
    public async Task An_account_is_closed_once_nothing_is_owed_or_held()
    {
        var (project, account) = await Project("Chat", "postpaid");
        using var key = await KeyOf(project);
        await Send(key, "chat-1", null);
        await host.RateAll();
        var quiet = (await Open(new { kind = "external", name = "Quiet", currency = "USD" })).ToString();
        await Post("/v1/grants", new { billing_account = quiet, amount = Usd(5), key = "g", reason = "x", source = "promotional" });
        var hold = await Post(
            "/v1/holds", new { billing_account = quiet, amount = Usd(2), key = "h", reference = "A job", ttl_seconds = 3_600 });

        var owing = await Refused($"/v1/billing-accounts/{account}/close", "billing_account_in_use");
        var holding = await Refused($"/v1/billing-accounts/{quiet}/close", "billing_account_in_use");
        await Refused($"/v1/billing-accounts/{acme.BillingAccount}/close", "default_billing_account");
        await Post($"/v1/holds/{hold.GetProperty("hold").GetString()}/release", new { key = "r" });
        var closed = await Post($"/v1/billing-accounts/{quiet}/close?reason=done", new { });
        var again = await Post($"/v1/billing-accounts/{quiet}/reopen", new { });

        owing.ShouldContain("owes 2.50 USD");
        holding.ShouldContain("has 2.00 USD held");
        closed.GetProperty("status").GetString().ShouldBe("closed");
        again.GetProperty("status").GetString().ShouldBe("active");
    }

    private static object Usd(decimal units) => new { currency = "USD", amount_micros = (long)(units * 1_000_000) };

    private async Task<(ProjectId Project, string Account)> Project(string name, string settlement)
    {
        var project = await Post("/v1/projects", new { name });
        var id = project.GetProperty("id").GetString()!;
        var account = await Open(new { kind = "project", name, currency = "USD", project_id = id, settlement });
        return (Id.Parse<ProjectId>(id), account.ToString());
    }

    private async Task<BillingAccountId> Open(object wanted) =>
        Id.Parse<BillingAccountId>((await Post("/v1/billing-accounts", wanted)).GetProperty("id").GetString()!);

    private async Task<HttpClient> KeyOf(ProjectId project)
    {
        var made = await host.Get<Keys>().CreateForOrganisation(
            acme.Id, new NewKey("part", Preset: "ingest", ProjectId: project), "test", default);
        return host.Client(((CreateKeyOutcome.Created)made).Key.Secret);
    }

    private static async Task Send(HttpClient key, string id, string? account)
    {
        using var answer = await Event(key, id, account);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static Task<HttpResponseMessage> Event(HttpClient key, string id, string? account)
    {
        var body = new Dictionary<string, object?>
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = "test",
            ["type"] = "llm.completion",
            ["data"] = new { model = "gpt-4o", input_tokens = 1_000_000, output_tokens = 0 },
        };
        if (account is not null)
        {
            body["quoinaccount"] = account;
        }

        return key.PostAsync(
            "/v1/events", new StringContent(JsonSerializer.Serialize(body), null, "application/cloudevents+json"));
    }

    private async Task<long> Owed(string account)
    {
        var balances = await host.Get<Ledger.Ledger>().Balances(acme.Id, Id.Parse<BillingAccountId>(account), default);
        return BalanceSummary.Of(balances).Sum(balance => balance.Receivable.Micros);
    }

    private async Task<JsonElement> Post(string path, object body)
    {
        using var answer = await machine.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
        return JsonElement.Parse(text);
    }

    private async Task<string> Refused(string path, string code)
    {
        using var answer = await machine.PostAsJsonAsync(path, new { });
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        problem.GetProperty("code").GetString().ShouldBe(code, problem.ToString());
        return problem.GetProperty("detail").GetString()!;
    }
}
