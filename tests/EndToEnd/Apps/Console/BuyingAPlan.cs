using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Playwright;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Stripe;
using Quoin.Pricing;
using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>From the plans to the provider's page and back, as a customer's browser goes.</summary>
public sealed partial class BuyingAPlan(TestDatabase database, SimulatorFixture stripe, PlainBrowser browser)
    : IClassFixture<TestDatabase>, IClassFixture<SimulatorFixture>, IClassFixture<PlainBrowser>
{
    [Fact]
    public async Task Pays_on_the_providers_page_comes_back_and_has_the_plan()
    {
        await using var host = await Start();
        var acme = await host.CreateOrganisation();
        await Sell(host, "starter");
        await using var window = await browser.Open();
        var page = window.Page;
        await SignIn(host, page);

        await page.GotoAsync($"{host.Address}console/billing?org={acme.Id}");
        var starter = page.Locator(".plan", new() { Has = page.GetByRole(AriaRole.Button, new() { Name = "Choose Starter" }) });
        await Expect(starter).ToContainTextAsync("a month");
        await Shoot(page, "plans");
        await starter.GetByRole(AriaRole.Button).ClickAsync();
        await page.WaitForURLAsync($"{stripe.Address}**");

        await page.GotoAsync($"{host.Address}console/billing?org={acme.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose Starter" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A page to pay at is open already");
        await Shoot(page, "open-already");
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on paying" }).ClickAsync();
        await Pay(page);

        await page.WaitForURLAsync($"{host.Address}console/billing?**said=bought**");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("the payment is here");
        await Expect(page.Locator(".plan.chosen")).ToContainTextAsync(new Regex(@"Starter\s*Your plan"));
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Choose") })).ToHaveCountAsync(0);
        await Shoot(page, "bought");

        await page.GetByRole(AriaRole.Link, new() { Name = "Subscription", Exact = true }).ClickAsync();
        await Expect(page.Locator(".facts")).ToContainTextAsync(new Regex(@"Starter[\s\S]*(Active|Trial)"));
        await Shoot(page, "subscription");
        await page.GetByRole(AriaRole.Link, new() { Name = "Invoices and receipts" }).ClickAsync();
        await Expect(page.Locator("table")).Not.ToHaveCountAsync(0);
        await Shoot(page, "invoices");
        window.Complaints.Where(complaint => !complaint.Contains("409", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Buys_credit_keeps_cards_and_changes_the_subscription()
    {
        await using var host = await Start();
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
        await Pay(page);
        await page.WaitForURLAsync($"{host.Address}console/billing/credit?**said=paid**");
        await Expect(page.Locator("table")).ToContainTextAsync(new Regex(@"Paid\s*\$25\.00"));
        await Shoot(page, "credit");

        await page.GotoAsync($"{host.Address}console/billing/methods?org={acme.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a payment method" }).ClickAsync();
        await Fill(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save card" }).ClickAsync();
        await page.WaitForURLAsync($"{host.Address}console/billing/methods?**said=methods**");
        await Expect(page.Locator("table")).ToContainTextAsync("Visa •••• 4242");
        await Shoot(page, "methods");

        await page.GotoAsync($"{host.Address}console/billing?org={acme.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose Starter" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Pay with Visa") }).ClickAsync();
        await page.WaitForURLAsync($"{host.Address}console/billing?**said=bought**");
        await page.GetByRole(AriaRole.Link, new() { Name = "Change to Growth" }).ClickAsync();
        await Expect(page.Locator(".facts")).ToContainTextAsync("At once");
        await Shoot(page, "change");
        await page.GetByRole(AriaRole.Link, new() { Name = "Subscription", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel when the period ends" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("has taken the change");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await page.Locator(".facts").InnerTextAsync()).Contains("it ends", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
            await page.ReloadAsync();
        }

        await Shoot(page, "ends");
        window.Complaints.Where(complaint => !complaint.Contains("409", StringComparison.Ordinal)).ShouldBeEmpty();
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

    private static async Task Pay(IPage page, string card = TestCards.Pays)
    {
        await page.GetByLabel("Email").FillAsync("ada@example.com");
        await Fill(page, card);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Subscribe|Start|Pay)") }).ClickAsync();
    }

    private static async Task Fill(IPage page, string card = TestCards.Pays)
    {
        await page.GetByLabel("Card number").FillAsync(card);
        await page.GetByLabel("Expires").FillAsync("12 / 40");
        await page.GetByLabel("Security code").FillAsync("123");
        await page.GetByLabel("Name on card").FillAsync("Ada Lovelace");
    }

    private static async Task SignIn(TestHost host, IPage page)
    {
        const string email = "buyer@example.com";
        var operators = host.Get<Operators>();
        _ = await operators.Create(email, [OperatorRole.Admin], "test", CancellationToken.None);
        var link = await operators.CreateSignInLink(email, "test", CancellationToken.None);
        await page.GotoAsync(new Uri(host.Address, link.ShouldBeOfType<CreateSignInLinkOutcome.Created>().Path).ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync("**/console**");
    }

    // Pictures for people, of each width and theme; only where somebody asks for them.
    private static async Task Shoot(IPage page, string name)
    {
        ColorScheme[] themes = [ColorScheme.Light, ColorScheme.Dark];
        int[] widths = [390, 1280];
        foreach (var (width, theme) in widths.SelectMany(width => themes.Select(theme => (width, theme))))
        {
            await page.SetViewportSizeAsync(width, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, name);
            if (Environment.GetEnvironmentVariable("QUOIN_SCREENSHOTS") is { Length: > 0 } folder)
            {
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{theme}.png"), FullPage = true });
            }
        }
    }

    private static async Task Sell(TestHost host, string plan)
    {
        using var machine = await host.OperatorClient();
        var version = (await host.Get<Plans>().Catalogue(CancellationToken.None)).Newest(plan, Currency.Usd)!;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payments/plan-prices/{version.Id}/sync");
        using var answer = await machine.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    // The provider leads back to an address, so the host must know its own before it starts.
    private async Task<TestHost> Start(SimulatorFixture? at = null)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var settings = new StripeSettings
        {
            SecretKey = SimulatorFixture.SecretKey,
            WebhookSecrets = [SimulatorFixture.WebhookSecret],
            Address = (at ?? stripe).Address,
        };
        var host = await TestHost.Start(
            database,
            port: port,
            configure: services => services.Replace(ServiceDescriptor.Singleton(new StripeAccounts(null, settings))));
        (at ?? stripe).SendWebhooksTo(host.Address);
        return host;
    }
}
