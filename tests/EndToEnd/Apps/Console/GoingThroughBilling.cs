using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Ledger;
using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Quoin.Tests.EndToEnd.Apps.ConsolePages.PayingCustomer;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>All that a customer does with money, one after the other, and the books at the end.</summary>
public sealed class GoingThroughBilling(TestDatabase database, SimulatorFixture stripe, PlainBrowser browser)
    : IClassFixture<TestDatabase>, IClassFixture<SimulatorFixture>, IClassFixture<PlainBrowser>
{
    [Fact]
    public async Task Is_declined_buys_tops_up_sells_by_a_link_gets_a_refund_and_the_ledger_agrees()
    {
        await using var host = await Start(database, stripe);
        var acme = await host.CreateOrganisation();
        await Sell(host, "starter");
        await using var window = await browser.Open();
        var page = window.Page;
        await SignIn(host, page);

        await page.GotoAsync($"{host.Address}console/billing?org={acme.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose Starter" }).ClickAsync();
        await Pay(page, TestCards.Declines);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("declined");
        await Fill(page);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Subscribe|Start)") }).ClickAsync();
        await page.Arrives($"{host.Address}console/billing?**said=bought**");

        await page.GotoAsync($"{host.Address}console/billing/credit?org={acme.Id}");
        await page.GetByLabel("Amount").FillAsync("25");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to pay" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Pay with Visa") }).ClickAsync();
        await page.Arrives($"{host.Address}console/billing/credit?**said=paid**");

        await SellByLink(host, acme, page);
        await AskBack(host, acme, page);
        await SeeTheLedger(host, acme, page);
        window.Complaints.Where(complaint => !complaint.Contains("409", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private async Task SellByLink(TestHost host, TestOrganisation acme, IPage page)
    {
        await page.GotoAsync($"{host.Address}console/billing/links?org={acme.Id}");
        await Pictures.Shoot(page, "links-none");
        await page.GetByLabel("Name").FillAsync("Workshop");
        await page.GetByLabel("Price of one").FillAsync("20");
        await page.GetByLabel("How many").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("The link is ready");
        var address = await page.Locator(".link-url a").GetAttributeAsync("href");

        await using (var stranger = await browser.Open(width: 390))
        {
            await stranger.Page.GotoAsync(address!);
            await Pay(stranger.Page);
            await stranger.Page.Arrives($"{host.Address}paid**");
            await Expect(stranger.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Thank you");
            await Pictures.Shoot(stranger.Page, "paid");
            stranger.Complaints.ShouldBeEmpty();
        }

        await Until(page, page.Locator("table"), "1 time");
        await Pictures.Shoot(page, "links");
        await page.GetByRole(AriaRole.Button, new() { Name = "End 2 × Workshop" }).ClickAsync();
        await Expect(page.Locator("table")).ToContainTextAsync("ended");
        await page.GotoAsync(address!);
        await Expect(page.GetByRole(AriaRole.Heading)).ToContainTextAsync("no longer active");
    }

    private static async Task AskBack(TestHost host, TestOrganisation acme, IPage page)
    {
        await page.GotoAsync($"{host.Address}console/billing/refunds?org={acme.Id}");
        await page.GetByText("Ask for it back").ClickAsync();
        await page.GetByLabel("Amount").FillAsync("26");
        await page.GetByLabel("Why").FillAsync("Too much");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("At most $25.00");
        await Pictures.Shoot(page, "refund-refused");
        await page.GetByLabel("Amount").FillAsync("15");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Your request is here");
        await Expect(page.Locator("table")).ToContainTextAsync(new Regex(@"In review[\s\S]*\$15\.00"));
        await Pictures.Shoot(page, "refund-asked");

        using var other = await host.OperatorClient();
        other.DefaultRequestHeaders.Add("Quoin-Org", acme.Id.ToString());
        var waiting = (await other.GetFromJsonAsync<JsonNode>("/v1/payments/refunds?status=requested"))!["data"]![0]!;
        using var approved = await other.PostAsJsonAsync(
            $"/v1/payments/refunds/{waiting["id"]}/approve", new { reason = "unspent" });
        approved.EnsureSuccessStatusCode();
        await Until(page, page.Locator("table"), "Completed");
        await Pictures.Shoot(page, "refund-completed");
    }

    // What the customer's pages say, what the books say, and what the provider moved are the same.
    private async Task SeeTheLedger(TestHost host, TestOrganisation acme, IPage page)
    {
        await page.GotoAsync($"{host.Address}console/billing/invoices?org={acme.Id}");
        await Expect(page.Locator("table").Last).ToContainTextAsync(new Regex(@"\$25\.00[\s\S]*\$15\.0+ given back"));
        await page.GotoAsync($"{host.Address}console/transfers?org={acme.Id}");
        await Until(page, page.Locator("table"), "Plan period");
        foreach (var fact in (string[])["Payment", "Purchased credit", "Item sold", "Credit refunded"])
        {
            await Expect(page.Locator("table")).ToContainTextAsync(fact);
        }

        (await Balance(host, acme, AccountKind.Receivable)).ShouldBe(0);
        (await Balance(host, acme, AccountKind.Revenue)).ShouldBe(89_000_000);
        (await Balance(host, acme, AccountKind.ProcessorClearing)).ShouldBe(-99_000_000);
        await page.GotoAsync($"{host.Address}console/grants?org={acme.Id}");
        await Expect(page.Locator("#content")).ToContainTextAsync(new Regex(@"Purchased credit[\s\S]*\$10\.00"));
        await Pictures.Shoot(page, "credit-left");

        stripe.Advance(TimeSpan.FromDays(8));
        using var finance = await host.OperatorClient();
        finance.DefaultRequestHeaders.Add("Quoin-Org", acme.Id.ToString());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        JsonNode report;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
            report = (await finance.GetFromJsonAsync<JsonNode>("/v1/payments/clearing", patience.Token))!;
        }
        while (!(bool)report["is_matched"]! || (await Balance(host, acme, AccountKind.ProcessorClearing)) != 0);

        report["differences"]!.AsArray().ShouldBeEmpty();
        (-await Balance(host, acme, AccountKind.Bank) - await Balance(host, acme, AccountKind.Fees)).ShouldBe(99_000_000);
    }

    private static async Task<long> Balance(TestHost host, TestOrganisation org, AccountKind kind) =>
        (await host.Get<Quoin.Ledger.Ledger>().Balances(org.Id, org.BillingAccount, CancellationToken.None))
            .Where(one => one.Kind == kind)
            .Sum(one => one.Balance.Micros);
}
