using System.Net;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class ReadingOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
    private TestHost host = null!;
    private LedgerApi api = null!;
    private LedgerApi other = null!;
    private string grant = null!;
    private string hold = null!;
    private string usage = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", clock);
        api = await LedgerApi.Open(host);
        other = await LedgerApi.Open(host);
        grant = (string)(await api.Posted("/v1/grants", api.Grant(100, "welcome")))["grant"]!;
        clock.Advance(TimeSpan.FromHours(1));
        var customer = Customer.Of(host.Get<Quoin.Ledger.Ledger>(), api.Org);
        usage = ((PostOutcome.Posted)await customer.Run(customer.Usage(30, "usage"))).Id.ToString();
        clock.Advance(TimeSpan.FromHours(1));
        hold = (string)(await api.Posted("/v1/holds", api.Hold(20, "call")))["hold"]!;
    }

    public async Task DisposeAsync()
    {
        other.Dispose();
        api.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Shows_a_grant_with_what_is_left_and_what_happened_to_it()
    {
        var shown = await api.Get($"/v1/grants/{grant}");
        var listed = (await api.Get("/v1/grants?state=open"))["data"]!.AsArray().Single()!;
        var entries = (await api.Get($"/v1/grants/{grant}/entries"))["data"]!.AsArray();

        ((long)shown["balance"]!["amount_micros"]!).ShouldBe(70);
        ((long)shown["held"]!["amount_micros"]!).ShouldBe(20);
        ((string)shown["state"]!).ShouldBe("open");
        listed.ToJsonString().ShouldBe(shown.ToJsonString());
        entries.Select(entry => (long)entry!["amount"]!["amount_micros"]!).ShouldBe([-30, 100]);
    }

    [Fact]
    public async Task Shows_a_hold_grant_by_grant()
    {
        var shown = await api.Get($"/v1/holds/{hold}");
        var listed = (await api.Get("/v1/holds?state=open"))["data"]!.AsArray().Single()!;

        ((string)shown["key"]!).ShouldBe("api:call");
        ((long)shown["held"]!["amount_micros"]!).ShouldBe(20);
        ((string)shown["parts"]![0]!["account"]!).ShouldStartWith("acct_");
        listed.ToJsonString().ShouldBe(shown.ToJsonString());
        (await api.Get("/v1/holds?state=expired"))["data"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("kind=usage_prepaid", "usage")]
    [InlineData("key=usage", "usage")]
    [InlineData("key=credit:welcome", "credit:welcome")]
    [InlineData("amount_micros_min=31", "credit:welcome")]
    [InlineData("to=2026-02-01T00:30:00Z", "credit:welcome")]
    [InlineData("from=2026-02-01T00:30:00Z", "usage")]
    [InlineData("from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&limit=1", "usage")]
    public async Task Finds_transfers(string query, string key)
    {
        var found = (await api.Get($"/v1/ledger/transfers?{query}"))["data"]!.AsArray();

        found.Select(transfer => (string)transfer!["key"]!).ShouldBe([key]);
        var shown = await api.Get($"/v1/ledger/transfers/{found[0]!["id"]}");
        shown.ToJsonString().ShouldBe(found[0]!.ToJsonString());
    }

    [Theory]
    [InlineData("reference=TEST", 2)]
    [InlineData("reference=%25", 0)]
    [InlineData("reference=_", 0)]
    [InlineData("reference=nothing%20like%20it", 0)]
    public async Task Finds_transfers_by_a_part_of_their_reference(string query, int count)
    {
        (await api.Get($"/v1/ledger/transfers?{query}"))["data"]!.AsArray().Count.ShouldBe(count);
    }

    [Fact]
    public async Task Shows_the_chart_as_it_stands_and_stood()
    {
        var now = (await api.Get("/v1/ledger/accounts"))["data"]!.AsArray();
        var then = (await api.Get("/v1/ledger/accounts?as_of=2026-02-01T00:30:00Z"))["data"]!.AsArray();
        var before = (await api.Get("/v1/ledger/accounts?as_of=0001-01-01T00:00:00Z"))["data"]!.AsArray();

        Summary(now).ShouldBe("grants 70 held 20, processor_clearing -100 held 0, revenue 30 held 0");
        Summary(then).ShouldBe("grants 100 held -, processor_clearing -100 held -");
        before.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_through_the_chart()
    {
        var kinds = new List<string>();
        var cursor = "";
        do
        {
            var page = await api.Get($"/v1/ledger/accounts?limit=1{cursor}");
            kinds.AddRange(page["data"]!.AsArray().Select(account => (string)account!["kind"]!));
            cursor = page["next_cursor"] is { } next ? $"&cursor={next}" : null;
        }
        while (cursor is not null);

        kinds.Order().ShouldBe(["grants", "processor_clearing", "revenue"]);
    }

    [Fact]
    public async Task Leaves_empty_grants_out_of_the_chart_unless_they_are_asked_for()
    {
        await api.Posted("/v1/grants", api.Grant(5, "void"));
        var empty = (string)(await api.Get("/v1/grants?limit=1"))["data"]![0]!["id"]!;
        await api.Posted($"/v1/grants/{empty}/void", new JsonObject { ["reason"] = "test" });

        (await api.Get("/v1/ledger/accounts?kind=grants"))["data"]!.AsArray().Count.ShouldBe(1);
        (await api.Get("/v1/ledger/accounts?kind=grants&with_empty_grants=true"))["data"]!.AsArray().Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("", 100L)]
    [InlineData("?as_of=2026-02-01T00:30:00Z", 100L)]
    [InlineData("?as_of=2026-01-01T00:00:00Z", null)]
    public async Task Balances_debits_with_credits(string query, long? total)
    {
        var trial = await api.Get($"/v1/ledger/trial-balance{query}");

        var totals = trial["totals"]!.AsArray();
        totals.Select(one => (long?)one!["debit"]!["amount_micros"]).SingleOrDefault().ShouldBe(total);
        totals.ShouldAllBe(one => (bool)one!["is_balanced"]!);
    }

    [Fact]
    public async Task States_an_account_from_opening_to_closing_page_by_page()
    {
        var account = await GrantAccount();

        var all = await api.Get($"/v1/ledger/accounts/{account}/statement");
        var second = await api.Get(
            $"/v1/ledger/accounts/{account}/statement?from=2026-02-01T00:30:00Z&to=2026-02-01T01:30:00Z");
        var empty = await api.Get($"/v1/ledger/accounts/{account}/statement?from=2026-02-01T01:30:00Z");
        var first = await api.Get($"/v1/ledger/accounts/{account}/statement?limit=1");
        var rest = await api.Get($"/v1/ledger/accounts/{account}/statement?limit=1&cursor={first["next_cursor"]}");

        Statement(all).ShouldBe("0 | 100 → 100, -30 → 70 | 70");
        Statement(second).ShouldBe("100 | -30 → 70 | 70");
        Statement(empty).ShouldBe("70 |  | 70");
        Statement(first).ShouldBe("0 | 100 → 100 | 70");
        Statement(rest).ShouldBe("0 | -30 → 70 | 70");
        rest["next_cursor"].ShouldBeNull();
    }

    [Theory]
    [InlineData("?format=csv", null)]
    [InlineData("", "text/csv")]
    public async Task States_an_account_as_CSV(string query, string? accept)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"/v1/ledger/accounts/{await GrantAccount()}/statement{query}");
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        using var answer = await api.Customer.SendAsync(request);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        var lines = (await answer.Content.ReadAsStringAsync()).TrimEnd().Split("\r\n");
        lines.Length.ShouldBe(5);
        lines[1].ShouldBe(",,,,opening_balance,,,USD,,0.000000,");
        lines[3].ShouldBe(
            $"2026-02-01T01:00:00Z,2026-01-31T12:00:00Z,{usage},0,usage_prepaid,\"usage\",\"test\",USD,-0.000030,0.000070,-30");
        lines[4].ShouldBe(",,,,closing_balance,,,USD,,0.000070,");
    }

    [Fact]
    public async Task States_more_than_one_query_reads_and_no_formula()
    {
        var customer = Customer.Of(host.Get<Quoin.Ledger.Ledger>(), api.Org);
        const int count = 2 * Limits.StatementRowsAtOnce;
        await customer.Run([.. Enumerable.Range(0, count).Select(index => customer.Usage(1, $"=1+\"{index}"))]);
        var revenue = (string)(await api.Get("/v1/ledger/accounts?kind=revenue"))["data"]![0]!["id"]!;

        var csv = await api.Customer.GetStringAsync($"/v1/ledger/accounts/{revenue}/statement?format=csv");

        var lines = csv.TrimEnd().Split("\r\n");
        lines.Length.ShouldBe(count + 4);
        lines[3].ShouldContain("\"'=1+\"\"0\"");
        lines[^1].ShouldEndWith($"{(count + 30) / 1_000_000m:0.000000},");
    }

    [Theory]
    [InlineData("/v1/grants?state=gone")]
    [InlineData("/v1/grants?cursor=forged")]
    [InlineData("/v1/holds?limit=501")]
    [InlineData("/v1/ledger/transfers?key=%00")]
    [InlineData("/v1/ledger/transfers?amount_micros_min=1e9")]
    [InlineData("/v1/ledger/transfers?unknown=1")]
    [InlineData("/v1/ledger/accounts?as_of=yesterday")]
    [InlineData("/v1/ledger/accounts/ACCOUNT/statement?from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z")]
    [InlineData("/v1/ledger/accounts/ACCOUNT/statement?from=0001-01-01T00:00:00Z")]
    [InlineData("/v1/ledger/accounts/ACCOUNT/statement?format=pdf")]
    public async Task Refuses_parameters_that_mean_nothing(string path)
    {
        using var answer = await api.Customer.GetAsync(path.Replace("ACCOUNT", await GrantAccount(), StringComparison.Ordinal));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string)(await answer.Json())["code"]!).ShouldBeOneOf("invalid_parameter", "invalid_cursor");
    }

    [Fact]
    public async Task Shows_nobody_what_is_anothers()
    {
        var account = await GrantAccount();
        string[] paths =
        [
            $"/v1/grants/{grant}", $"/v1/grants/{grant}/entries", $"/v1/holds/{hold}", $"/v1/ledger/transfers/{usage}",
            $"/v1/ledger/accounts/{account}/statement", $"/v1/ledger/accounts/{account}/statement?format=csv",
        ];
        foreach (var path in paths)
        {
            await LedgerApi.ShouldBe(other.Customer.GetAsync(path), HttpStatusCode.NotFound, "not_found");
            await LedgerApi.ShouldBe(other.Operator.GetAsync(path), HttpStatusCode.NotFound, "not_found");
            (await api.Customer.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        foreach (var list in new[] { "/v1/grants", "/v1/holds", "/v1/ledger/transfers", "/v1/ledger/accounts" })
        {
            (await other.Get(list))["data"]!.AsArray().ShouldBeEmpty(list);
            (await other.Get($"{list}?billing_account={api.BillingAccount}"))["data"]!.AsArray().ShouldBeEmpty(list);
        }
    }

    private async Task<string> GrantAccount() =>
        (string)(await api.Get("/v1/ledger/accounts?kind=grants"))["data"]![0]!["id"]!;

    private static string Summary(JsonArray accounts) => string.Join(", ", accounts
        .Select(account =>
            $"{account!["kind"]} {account["balance"]!["amount_micros"]} held {account["held"]?["amount_micros"]?.ToString() ?? "-"}")
        .Order(StringComparer.Ordinal));

    private static string Statement(JsonNode statement)
    {
        var entries = statement["entries"]!.AsArray()
            .Select(entry => $"{entry!["amount"]!["amount_micros"]} → {entry["balance_after"]!["amount_micros"]}");
        return $"{statement["opening_balance"]!["amount_micros"]} | {string.Join(", ", entries)} | "
            + $"{statement["closing_balance"]!["amount_micros"]}";
    }
}
