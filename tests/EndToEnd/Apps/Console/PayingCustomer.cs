using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Playwright;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Stripe;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>What a customer's browser does on pages of billing and on the provider's own.</summary>
internal static class PayingCustomer
{
    /// <summary>Fills the provider's page and pays.</summary>
    public static async Task Pay(IPage page, string card = TestCards.Pays)
    {
        await page.GetByLabel("Email").FillAsync("ada@example.com");
        await Fill(page, card);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Subscribe|Start|Pay)") }).ClickAsync();
    }

    /// <summary>Writes a card into the provider's page.</summary>
    public static async Task Fill(IPage page, string card = TestCards.Pays)
    {
        await page.GetByLabel("Card number").FillAsync(card);
        await page.GetByLabel("Expires").FillAsync("12 / 40");
        await page.GetByLabel("Security code").FillAsync("123");
        await page.GetByLabel("Name on card").FillAsync("Ada Lovelace");
    }

    /// <summary>Signs in somebody who may do everything.</summary>
    public static async Task SignIn(TestHost host, IPage page)
    {
        const string email = "buyer@example.com";
        var operators = host.Get<Operators>();
        _ = await operators.Create(email, [OperatorRole.Admin], "test", CancellationToken.None);
        var link = await operators.CreateSignInLink(email, "test", CancellationToken.None);
        await page.GotoAsync(new Uri(host.Address, link.ShouldBeOfType<CreateSignInLinkOutcome.Created>().Path).ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Arrives("**/console**");
    }

    /// <summary>Brings a plan to the provider.</summary>
    public static async Task Sell(TestHost host, string plan)
    {
        using var machine = await host.OperatorClient();
        var version = (await host.Get<Plans>().Catalogue(CancellationToken.None)).Newest(plan, Currency.Usd)!;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payments/plan-prices/{version.Id}/sync");
        using var answer = await machine.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A host that sells at a provider; it leads back to an address, so the host must know its own before it starts.</summary>
    public static async Task<TestHost> Start(TestDatabase database, SimulatorFixture stripe)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var settings = new StripeSettings
        {
            SecretKey = SimulatorFixture.SecretKey,
            WebhookSecrets = [SimulatorFixture.WebhookSecret],
            Address = stripe.Address,
        };
        var host = await TestHost.Start(
            database,
            port: port,
            configure: services => services.Replace(ServiceDescriptor.Singleton(new StripeAccounts(null, settings))));
        stripe.SendWebhooksTo(host.Address);
        return host;
    }

    /// <summary>The provider's news takes moments: the page is looked at again until it says so.</summary>
    public static async Task Until(IPage page, ILocator where, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await where.CountAsync() == 0 || !(await where.First.InnerTextAsync()).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
            await page.ReloadAsync();
        }
    }
}
