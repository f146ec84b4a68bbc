using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Quoin.Tests.EndToEnd.Apps.ConsolePages;
using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Simulating;

/// <summary>The hosted pages as customers see them: on a phone in the dark, on a desk in the light.</summary>
public sealed class PayingInABrowser(SimulatorFixture stripe, PlainBrowser browser)
    : IClassFixture<SimulatorFixture>, IClassFixture<PlainBrowser>
{
    private const int Phone = 390;

    [Fact]
    public async Task A_declined_card_is_told_and_another_one_subscribes()
    {
        var session = await Checkout("subscription");
        await using var window = await browser.Open(Phone, ColorScheme.Dark);
        var page = window.Page;
        await page.GotoAsync(Text(session, "url"));
        await ShouldFit(page);

        await page.GetByLabel("Email").FillAsync("ada@example.com");
        await Fill(page, TestCards.Declines);
        await page.GetByRole(AriaRole.Button, new() { Name = "Subscribe" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("declined");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToBeFocusedAsync();
        await Assertions.Expect(page.GetByLabel("Email")).ToHaveValueAsync("ada@example.com");
        await ShouldFit(page);
        (await Status(session)).ShouldBe("open");

        await Fill(page, TestCards.Pays);
        await page.GetByRole(AriaRole.Button, new() { Name = "Subscribe" }).ClickAsync();
        await page.Arrives("**/c/done/**");

        (await Status(session)).ShouldBe("complete");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bank_asks_to_confirm_before_it_pays()
    {
        var session = await Checkout("payment");
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync(Text(session, "url"));

        await page.GetByText("Cards to try").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "3-D Secure" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $29.00" }).ClickAsync();
        await page.Arrives("**/challenge/**");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fail authentication" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("could not confirm");
        (await Status(session)).ShouldBe("open");

        await page.GotoAsync(Text(session, "url"));
        await page.GetByLabel("Email").FillAsync("ada@example.com");
        await Fill(page, TestCards.AsksToConfirm);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $29.00" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Complete authentication" }).ClickAsync();
        await page.Arrives("**/c/done/**");

        (await Status(session)).ShouldBe("complete");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_portal_keeps_cards_and_ends_a_subscription()
    {
        var session = await Checkout("subscription");
        stripe.PayCheckout(Text(session, "id"));
        var done = await stripe.Done("GET", $"/v1/checkout/sessions/{Text(session, "id")}");
        var customer = Text(done, "customer");
        var portal = await stripe.Done(
            "POST", "/v1/billing_portal/sessions", ("customer", customer), ("return_url", "https://example.com"));
        await using var window = await browser.Open(Phone);
        var page = window.Page;
        await page.GotoAsync(Text(portal, "url"));
        await ShouldFit(page);

        await page.GetByText("Add a card").ClickAsync();
        await Fill(page, "5555555555554444");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save card" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Mastercard •••• 4444").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Visa" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Visa •••• 4242")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel Pro" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Ends ")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("-0001$") }).ClickAsync();
        await Assertions.Expect(page.GetByText("Paid").First).ToBeVisibleAsync();

        var subscription = await stripe.Done("GET", $"/v1/subscriptions/{Text(done, "subscription")}");
        subscription["cancel_at_period_end"]!.GetValue<bool>().ShouldBeTrue();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_payment_link_sells_until_its_limit()
    {
        var price = await Price(null);
        var link = await stripe.Done(
            "POST", "/v1/payment_links", ("line_items[0][price]", price), ("line_items[0][quantity]", "2"),
            ("restrictions[completed_sessions][limit]", "1"));
        await using var window = await browser.Open();
        var page = window.Page;

        await page.GotoAsync(Text(link, "url"));
        await page.GetByLabel("Email").FillAsync("ada@example.com");
        await Fill(page, TestCards.Pays);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $58.00" }).ClickAsync();
        await page.Arrives("**/c/done/**");
        await page.GotoAsync(Text(link, "url"));

        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToContainTextAsync("no longer active");
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static async Task Fill(IPage page, string card)
    {
        await page.GetByLabel("Card number").FillAsync(card);
        await page.GetByLabel("Expires").FillAsync("12 / 40");
        await page.GetByLabel("Security code").FillAsync("123");
        await page.GetByLabel("Name on card").FillAsync("Ada Lovelace");
    }

    private static async Task ShouldFit(IPage page) =>
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBe(0);

    private async Task<string> Status(JsonNode session) =>
        Text(await stripe.Done("GET", $"/v1/checkout/sessions/{Text(session, "id")}"), "status");

    private async Task<JsonNode> Checkout(string mode) => await stripe.Done(
        "POST", "/v1/checkout/sessions", ("mode", mode), ("line_items[0][quantity]", "1"),
        ("line_items[0][price]", await Price(mode == "subscription" ? "month" : null)),
        ("success_url", new Uri(stripe.Address, "/c/done/").AbsoluteUri + "{CHECKOUT_SESSION_ID}"));

    private async Task<string> Price(string? interval)
    {
        (string, string)[] form = [("currency", "usd"), ("unit_amount", "2900"), ("product_data[name]", "Pro")];
        return Text(await stripe.Done("POST", "/v1/prices", interval is null ? form : [.. form, ("recurring[interval]", interval)]), "id");
    }
}
