using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Quoin.Tests.EndToEnd.Apps.ConsolePages.PayingCustomer;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>From the plans to the provider's page and back, as a customer's browser goes.</summary>
public sealed class BuyingAPlan(TestDatabase database, SimulatorFixture stripe, PlainBrowser browser)
    : IClassFixture<TestDatabase>, IClassFixture<SimulatorFixture>, IClassFixture<PlainBrowser>
{
    [Fact]
    public async Task Pays_on_the_providers_page_comes_back_and_has_the_plan()
    {
        await using var host = await Start(database, stripe);
        var acme = await host.CreateOrganisation();
        await Sell(host, "starter");
        await using var window = await browser.Open();
        var page = window.Page;
        await SignIn(host, page);

        await page.GotoAsync($"{host.Address}console/billing?org={acme.Id}");
        var starter = page.Locator(".plan", new() { Has = page.GetByRole(AriaRole.Button, new() { Name = "Choose Starter" }) });
        await Expect(starter).ToContainTextAsync("a month");
        await Pictures.Shoot(page, "plans");
        await starter.GetByRole(AriaRole.Button).ClickAsync();
        await page.Arrives($"{stripe.Address}**");

        await page.GotoAsync($"{host.Address}console/billing?org={acme.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose Starter" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A page to pay at is open already");
        await Pictures.Shoot(page, "open-already");
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on paying" }).ClickAsync();
        await Pay(page);

        await page.Arrives($"{host.Address}console/billing?**said=bought**");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("the payment is here");
        await Expect(page.Locator(".plan.chosen")).ToContainTextAsync(new Regex(@"Starter\s*Your plan"));
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Choose") })).ToHaveCountAsync(0);
        await Pictures.Shoot(page, "bought");

        await page.GetByRole(AriaRole.Link, new() { Name = "Subscription", Exact = true }).ClickAsync();
        await Expect(page.Locator(".facts")).ToContainTextAsync(new Regex(@"Starter[\s\S]*(Active|Trial)"));
        await Pictures.Shoot(page, "subscription");
        await page.GetByRole(AriaRole.Link, new() { Name = "Invoices and receipts" }).ClickAsync();
        await Expect(page.Locator("table")).Not.ToHaveCountAsync(0);
        await Pictures.Shoot(page, "invoices");
        window.Complaints.Where(complaint => !complaint.Contains("409", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Buys_credit_keeps_cards_and_changes_the_subscription()
    {
        await using var host = await Start(database, stripe);
        var acme = await host.CreateOrganisation();
        await Sell(host, "starter");
        await Sell(host, "growth");
        await using var window = await browser.Open();
        var page = window.Page;
        await SignIn(host, page);

        await page.GotoAsync($"{host.Address}console/billing/credit?org={acme.Id}");
        await page.GetByLabel("Amount").FillAsync("1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to pay" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("5.00 to 100,000.00");
        await page.GetByLabel("Amount").FillAsync("25");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to pay" }).ClickAsync();
        await Pay(page, TestCards.IsDisputed);
        await page.Arrives($"{host.Address}console/billing/credit?**said=paid**");
        await Expect(page.Locator("table")).ToContainTextAsync(new Regex(@"Paid[\s\S]*\$25\.00"));
        await Pictures.Shoot(page, "credit");
        await page.GetByRole(AriaRole.Link, new() { Name = "Refunds", Exact = true }).ClickAsync();
        await Until(page, page.Locator("#content"), "Your bank looks at it");
        await Pictures.Shoot(page, "dispute");

        await page.GotoAsync($"{host.Address}console/billing/methods?org={acme.Id}");
        await AddCard(host, page);
        await TopUpByItself(page);

        await page.GotoAsync($"{host.Address}console/billing?org={acme.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose Starter" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Pay with Visa") }).ClickAsync();
        await page.Arrives($"{host.Address}console/billing?**said=bought**");
        await page.GetByRole(AriaRole.Link, new() { Name = "Change to Growth" }).ClickAsync();
        await Expect(page.Locator(".facts")).ToContainTextAsync("At once");
        await Pictures.Shoot(page, "change");
        await Press(page, "Change to Growth", "Growth");
        await Press(page, "Pause when the period ends", "it pauses");
        await Pictures.Shoot(page, "paused");
        await Press(page, "Go on with it", "it is renewed");
        await Press(page, "Cancel when the period ends", "it ends");
        await Pictures.Shoot(page, "ends");
        window.Complaints.Where(complaint => !complaint.Contains("409", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static async Task AddCard(TestHost host, IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a payment method" }).ClickAsync();
        await page.GetByLabel("Email").FillAsync("ada@example.com");
        await Fill(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save card" }).ClickAsync();
        await page.Arrives($"{host.Address}console/billing/methods?**said=methods**");
        await Expect(page.Locator("table")).ToContainTextAsync("Visa •••• 4242");
        await Pictures.Shoot(page, "methods");
    }

    private static async Task TopUpByItself(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Auto top-up" }).ClickAsync();
        await page.GetByLabel("At most in a month").FillAsync("20");
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn it on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("at least the amount");
        await page.GetByLabel("When credit is below").FillAsync("5");
        await page.GetByLabel("Buy,").FillAsync("25");
        await page.GetByLabel("At most in a month").FillAsync("100");
        await page.GetByLabel("Charge").SelectOptionAsync(new SelectOptionValue { Label = "Visa •••• 4242" });
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn it on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Saved");
        await Expect(page.Locator(".facts")).ToContainTextAsync("On");
        await Pictures.Shoot(page, "auto-top-up");
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn it off" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("no longer bought");
    }

    private static async Task Press(IPage page, string button, string thenSays)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("has taken the change");
        await Until(page, page.Locator(".facts"), thenSays);
    }

    [Fact]
    public async Task Says_what_the_operator_must_set_where_nobody_takes_payments()
    {
        await using var host = await TestHost.Start(database, roles: "api");
        var acme = await host.CreateOrganisation();
        using var client = await host.OperatorClient();

        var page = await client.GetStringAsync($"/console/billing?org={acme.Id}");

        page.ShouldContain("QUOIN_STRIPE_TEST_");
        page.ShouldNotContain(">Choose<");
    }
}
