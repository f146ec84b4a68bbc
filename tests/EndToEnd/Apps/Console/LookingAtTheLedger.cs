using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Kernel;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class LookingAtTheLedger(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Shows_that_debits_equal_credits_and_leads_down_to_a_transfer()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a", input: 2_000_000, output: 0));
        await using var window = await browser.Open();
        var page = window.Page;

        await page.GotoAsync($"{Urls[0]}/console/ledger?org={org}");

        await Expect(page.Locator(".verdict")).ToHaveTextAsync("Debits equal credits");
        await Expect(page.Locator("tfoot td.wide")).ToHaveTextAsync(["$5.000000", "$5.000000", ""]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Receivable" }).ClickAsync();
        await Expect(page.Locator(".sums")).ToHaveTextAsync(
            new Regex(@"Opening balance\s*\$0\.000000\s*Change\s*−\$5\.000000\s*Closing balance\s*−\$5\.000000"));
        await page.Locator(".row-link").First.ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("Usage transfer");
        await Expect(page.Locator(".facts")).ToContainTextAsync(new Regex(@"Chain\s*#1 · [0-9a-f]{12}"));
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Shows_what_stood_on_the_accounts_at_a_past_instant()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a"));
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[1]}/console/ledger?org={org}&as_of=2020-01-01T00:00");

        await Expect(window.Page.Locator(".empty-title")).ToHaveTextAsync("The books were empty then");
    }

    [Fact]
    public async Task Finds_transfers_without_a_script()
    {
        var (org, customer) = await browser.NewCustomer();
        using var machine = await Operator(org);
        await Grant(machine, org, "small", 3, reason: "Sorry for Monday");
        await Grant(machine, org, "large", 300, reason: "Sorry for Tuesday");
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a"));
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/transfers?org={org}");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(3);

        await page.GetByRole(AriaRole.Searchbox).FillAsync("sorry for");
        await page.Locator("summary", new() { HasText = "More to search by" }).ClickAsync();
        await page.GetByLabel("Moved at least").FillAsync("10.00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();

        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("Sorry for Tuesday");
        await page.GotoAsync(page.Url.Replace(Urls[0], Urls[1], StringComparison.Ordinal));
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("Sorry for Tuesday");
    }

    [Fact]
    public async Task Says_which_field_of_a_search_cannot_be_read()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console/transfers?org={org}&account=nobody&key=");

        await Expect(window.Page.GetByLabel("Account or grant")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(window.Page.Locator(".empty-title")).ToHaveTextAsync("This cannot be searched for");
    }

    [Fact]
    public async Task Shows_in_which_order_credit_is_spent()
    {
        var (org, _) = await browser.NewCustomer();
        using var machine = await Operator(org);
        await Grant(machine, org, "late", 10, reason: "Bought", source: "purchased");
        await Grant(machine, org, "soon", 10, reason: "To try", source: "trial");
        await Grant(machine, org, "only", 10, reason: "For one model", source: "trial", scope: "model:gpt-4o", priority: 1);
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console/grants?org={org}");

        var rows = window.Page.Locator("tbody tr");
        await Expect(rows.Nth(0)).ToContainTextAsync(new Regex(@"^\s*1\s*For one model\s*Spent next on its scopes"));
        await Expect(rows.Nth(1)).ToContainTextAsync(new Regex(@"^\s*2\s*To try\s*Spent next"));
        await Expect(rows.Nth(2)).ToContainTextAsync(new Regex(@"^\s*3\s*Bought"));
        await Expect(rows.Nth(2)).Not.ToContainTextAsync("Spent next");
    }

    [Fact]
    public async Task Draws_how_a_grant_went_down()
    {
        var (org, _) = await browser.NewCustomer();
        using var machine = await Operator(org);
        var grant = await Grant(machine, org, "welcome", 100);
        var hold = await Hold(machine, org, 40);
        await Post(machine, $"/v1/holds/{hold}/capture", new { amount = Usd(25), key = "step-1", reference = "Step 1" });
        await Hold(machine, org, 15, "next");
        await using var window = await browser.Open();
        var page = window.Page;

        await page.GotoAsync($"{Urls[0]}/console/grants/{grant}?org={org}");

        await Expect(page.Locator(".shares")).ToHaveTextAsync(new Regex(
            @"Left to spend\s*\$60\.000000\s*Held\s*\$15\.000000\s*Spent\s*\$25\.000000\s*"
            + @"Expired or taken back\s*\$0\.000000\s*Granted\s*\$100\.000000"));
        var line = (await page.Locator(".burn-down .line").GetAttributeAsync("d"))!;
        line.ShouldMatch(@"^M20 0(H\d+)?V60H\d+$");
        (await page.Locator(".held-band").GetAttributeAsync("style"))!.ShouldContain("height:15%");
        await page.GetByRole(AriaRole.Link, new() { Name = "Hold captured" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Credit" }).ClickAsync();
        page.Url.ShouldContain($"/console/grants/{grant}");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Gives_commands_that_work_where_nothing_is_yet()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;

        await page.GotoAsync($"{Urls[0]}/console/grants?org={org}");
        await Run(await page.Locator("pre").InnerTextAsync());
        await page.GotoAsync($"{Urls[1]}/console/holds?org={org}");
        await Run(await page.Locator("pre").InnerTextAsync());

        await page.ReloadAsync();
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("A long call");
        await page.Locator(".row-link").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("$5.00");
    }

    [Fact]
    public async Task Lets_a_second_operator_approve_a_correction()
    {
        var (org, _) = await browser.NewCustomer();
        using var machine = await Operator(org);
        await Grant(machine, org, "welcome", 100);
        var transfer = await NewestTransfer(machine);
        await AskForReversal(machine, transfer);
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/corrections?org={org}");

        await page.GetByRole(AriaRole.Link, new() { Name = "Reversal" }).ClickAsync();
        await page.GetByLabel("Why").FillAsync("Ticket 1 says so");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve and post" }).ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync(new Regex(@"Reversal of promotional credit\s*Approved"));
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Approve|Reject") })).ToHaveCountAsync(0);
        await page.GotoAsync($"{Urls[1]}/console/transfers/{transfer}?org={org}");
        await Expect(page.Locator(".remark")).ToContainTextAsync("Undone by a later transfer");
    }

    [Fact]
    public async Task Lets_nobody_approve_their_own_correction()
    {
        var (org, _) = await browser.NewCustomer();
        using var machine = await Operator(org);
        await Grant(machine, org, "welcome", 100);
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/transfers/{await NewestTransfer(machine)}?org={org}");
        await page.GetByText("Ask for a reversal").ClickAsync();
        await page.GetByLabel("Reason").FillAsync("Wrong customer");
        await page.GetByLabel("Evidence").FillAsync("Ticket 1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for the reversal" }).ClickAsync();

        await Expect(page.Locator(".decide")).ToContainTextAsync("nobody approves or rejects their own correction");
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Approve|Reject") })).ToHaveCountAsync(0);
        var forged = await page.APIRequest.PostAsync(page.Url, new()
        {
            Form = Approval(page),
            Headers = new Dictionary<string, string> { ["Origin"] = Urls[0] },
        });
        forged.Status.ShouldBe(409);
        (await forged.TextAsync()).ShouldContain("somebody else decides it");
        await page.GetByLabel("Why").FillAsync("It was right");
        await page.GetByRole(AriaRole.Button, new() { Name = "Withdraw" }).ClickAsync();
        await Expect(page.Locator("h1 .tag")).ToHaveTextAsync("Withdrawn");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Decides_nothing_for_a_form_of_another_site()
    {
        var (org, _) = await browser.NewCustomer();
        using var machine = await Operator(org);
        await Grant(machine, org, "welcome", 100);
        var correction = await AskForReversal(machine, await NewestTransfer(machine));
        await using var window = await browser.Open();

        var answer = await window.Page.APIRequest.PostAsync($"{Urls[0]}/console/corrections/{correction}?org={org}", new()
        {
            Form = Approval(window.Page),
            Headers = new Dictionary<string, string> { ["Origin"] = "https://elsewhere.example" },
        });

        answer.Ok.ShouldBeFalse();
        var still = await machine.GetJson($"/v1/ledger/corrections/{correction}");
        ((string)still["state"]!).ShouldBe("requested");
    }

    [Fact]
    public async Task Hands_a_statement_out_as_a_file()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a", input: 2_000_000, output: 0));
        await using var window = await browser.Open();
        await window.Page.GotoAsync($"{Urls[0]}/console/ledger?org={org}");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Revenue" }).ClickAsync();

        var download = await window.Page.RunAndWaitForDownloadAsync(
            () => window.Page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());

        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        lines.Length.ShouldBe(4);
        lines[1].ShouldBe(",,,,opening_balance,,,USD,,0.000000,");
        lines[2].ShouldEndWith(",5.000000,5.000000,5000000");
        lines[3].ShouldBe(",,,,closing_balance,,,USD,,5.000000,");
    }

    [Fact]
    public async Task Knows_nothing_of_another_organisations_ids()
    {
        var (org, customer) = await browser.NewCustomer();
        using var machine = await Operator(org);
        var grant = await Grant(machine, org, "welcome", 100);
        var hold = await Hold(machine, org, 40);
        var entry = (await customer.GetJson("/v1/ledger/entries"))["data"]![0]!;
        var correction = await AskForReversal(machine, (string)entry["transfer"]!);
        var (other, _) = await browser.NewCustomer();
        await using var window = await browser.Open();

        foreach (var (path, what) in new[]
        {
            ($"accounts/{entry["account"]}", "account"), ($"accounts/{entry["account"]}/statement.csv", "account"),
            ($"transfers/{entry["transfer"]}", "transfer"), ($"grants/{grant}", "grant"), ($"holds/{hold}", "hold"),
            ($"corrections/{correction}", "correction"),
        })
        {
            var response = await window.Page.GotoAsync($"{Urls[0]}/console/{path}?org={other}");
            response!.Status.ShouldBe(404, path);
            await Expect(window.Page.Locator("h1")).ToHaveTextAsync($"There is no such {what}");
        }
    }

    [Fact]
    public async Task Offers_a_customer_nothing_only_the_operator_may_do()
    {
        var (org, customer) = await browser.NewCustomer();

        using var machine = await Operator(org);

        foreach (var path in new[] { "ledger", "transfers", "grants", "holds" })
        {
            var empty = await customer.GetStringAsync($"/console/{path}?org={org}");
            empty.ShouldContain("class=\"empty\"");
            empty.ShouldNotContain("curl");
            empty.ShouldNotContain("Corrections");
        }

        await Grant(machine, org, "welcome", 100);
        var transfer = await customer.GetStringAsync($"/console/transfers/{await NewestTransfer(machine)}?org={org}");
        transfer.ShouldContain("Promotional credit");
        transfer.ShouldNotContain("Ask for a reversal");
        using var queue = await customer.GetAsync($"/console/corrections?org={org}");
        queue.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private async Task<HttpClient> Operator(OrgId org)
    {
        var client = new HttpClient { BaseAddress = new Uri(Urls[0]) };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", await browser.Replicas.NewOperatorKey());
        client.DefaultRequestHeaders.Add("Quoin-Org", org.ToString());
        return client;
    }

    private static async Task<JsonNode> Post(HttpClient machine, string path, object body)
    {
        using var answer = await machine.PostAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }

    private static async Task<string> Grant(
        HttpClient machine,
        OrgId org,
        string key,
        decimal units,
        string reason = "Welcome",
        string source = "promotional",
        string? scope = null,
        int? priority = null)
    {
        var made = await Post(machine, "/v1/grants", new
        {
            billing_account = await BillingAccount(machine, org),
            amount = Usd(units),
            key,
            reason,
            source,
            priority,
            scopes = scope is null ? null : new[] { scope },
        });
        return (string)made["grant"]!;
    }

    private static async Task<string> Hold(HttpClient machine, OrgId org, decimal units, string key = "first")
    {
        var made = await Post(machine, "/v1/holds", new
        {
            billing_account = await BillingAccount(machine, org),
            amount = Usd(units),
            key,
            reference = "A job",
            ttl_seconds = 3_600,
        });
        return (string)made["hold"]!;
    }

    private static async Task<string> AskForReversal(HttpClient machine, string transfer)
    {
        var body = new { transfer, kind = "reversal", key = "wrong", reason = "Wrong customer", evidence = "Ticket 1" };
        return (string)(await Post(machine, "/v1/ledger/corrections", body))["id"]!;
    }

    private static async Task<string> NewestTransfer(HttpClient machine) =>
        (string)(await machine.GetJson("/v1/ledger/entries"))["data"]![0]!["transfer"]!;

    private static IFormData Approval(IPage page)
    {
        var form = page.APIRequest.CreateFormData();
        form.Set("decision", "approve");
        form.Set("reason", "Because");
        return form;
    }

    private static async Task<string> BillingAccount(HttpClient machine, OrgId org) =>
        (string)(await machine.GetJson("/v1/organisations?limit=100"))["data"]!.AsArray()
            .Single(one => (string)one!["id"]! == org.ToString())!["default_billing_account"]!["id"]!;

    private static object Usd(decimal units) =>
        new { currency = "USD", amount_micros = (long)(units * Money.MicrosPerUnit) };

    private async Task Run(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { ["QUOIN_KEY"] = await browser.Replicas.NewOperatorKey() },
        })!;
        var said = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        said.ShouldContain("\"is_replay\":false");
    }
}
