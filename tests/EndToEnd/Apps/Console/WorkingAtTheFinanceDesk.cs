using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Playwright;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.StripeSimulator;
using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>What two people of finance do on a day on which something went wrong.</summary>
public sealed class WorkingAtTheFinanceDesk(TestDatabase database, SimulatorFixture stripe, PlainBrowser browser)
    : IClassFixture<TestDatabase>, IClassFixture<SimulatorFixture>, IClassFixture<PlainBrowser>
{
    [Fact]
    public async Task Recovers_a_stuck_session_approves_a_colleagues_refund_and_retries_a_dead_letter()
    {
        await using var host = await Start();
        var acme = await host.CreateOrganisation();
        await GivenStuckSession(host, acme);
        var payment = await GivenPayment(host, acme, 500);
        await GivenPayment(host, acme, 80, TestCards.IsDisputed);
        await GivenDeadLetter();
        await using var maker = await browser.Open();
        await using var checker = await browser.Open();
        await SignIn(host, maker.Page, "maker@example.com");
        await SignIn(host, checker.Page, "checker@example.com");

        await RecoverSession(host, acme, maker.Page);
        await GiveBack(host, acme, maker.Page, checker.Page, payment);
        await RetryDeadLetter(host, acme, maker.Page);
        await AnswerDispute(host, acme, maker.Page);
        await LookAround(host, acme, maker.Page, payment);

        maker.Complaints.Concat(checker.Complaints).ShouldBeEmpty();
    }

    private static async Task RecoverSession(TestHost host, TestOrganisation acme, IPage page)
    {
        await page.GotoAsync($"{host.Address}console/finance/sessions?org={acme.Id}");
        await Pictures.Shoot(page, "sessions");
        await page.GetByRole(AriaRole.Link, new() { Name = "Subscription" }).First.ClickAsync();
        await Expect(page.Locator("#act")).ToHaveTextAsync("Paid, subscription not here");
        await Pictures.Shoot(page, "session");
        await page.GetByLabel("Why").FillAsync("The customer has no plan.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask the provider" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The provider was asked");
        await Expect(page.Locator("h1")).ToContainTextAsync("Completed");
        await page.GotoAsync($"{host.Address}console/finance/sessions?org={acme.Id}");
        await Expect(page.GetByText("Nothing is stuck")).ToBeVisibleAsync();
    }

    private static async Task GiveBack(TestHost host, TestOrganisation acme, IPage maker, IPage checker, string payment)
    {
        await maker.GotoAsync($"{host.Address}console/finance/refunds?org={acme.Id}&payment={payment}");
        await maker.GetByLabel("Amount").FillAsync("200");
        await maker.GetByLabel("Why").FillAsync("Bought by mistake.");
        await maker.GetByRole(AriaRole.Button, new() { Name = "Give it back" }).ClickAsync();
        await Expect(maker.Locator("#decide")).ToHaveTextAsync("You asked for this");
        await Expect(maker.GetByRole(AriaRole.Button, new() { Name = "Approve and send" })).ToHaveCountAsync(0);

        await checker.GotoAsync($"{host.Address}console/finance/refunds?org={acme.Id}");
        await Pictures.Shoot(checker, "refunds");
        await checker.GetByRole(AriaRole.Link, new() { Name = "Bought by mistake." }).ClickAsync();
        await Pictures.Shoot(checker, "refund");
        await checker.GetByLabel("Why").FillAsync("Agreed on the phone.");
        await checker.GetByRole(AriaRole.Button, new() { Name = "Approve and send" }).ClickAsync();
        await Expect(checker.GetByRole(AriaRole.Status)).ToContainTextAsync("Approved");
        await Until(checker, "h1", "Given back");
    }

    private static async Task RetryDeadLetter(TestHost host, TestOrganisation acme, IPage page)
    {
        await page.GotoAsync($"{host.Address}console/finance/dead-letters?org={acme.Id}");
        await Pictures.Shoot(page, "dead-letters");
        await page.GetByText("Decide").First.ClickAsync();
        await page.GetByLabel("Why").First.FillAsync("The price is there now.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("tried again");
        await Until(page, "main", "Nothing was given up");
    }

    private static async Task AnswerDispute(TestHost host, TestOrganisation acme, IPage page)
    {
        await page.GotoAsync($"{host.Address}console/finance/disputes?org={acme.Id}");
        await Until(page, "main", "Needs an answer");
        await Pictures.Shoot(page, "disputes");
        await page.Locator("a.row-link").First.ClickAsync();
        await page.GetByLabel("Explanation").FillAsync("The credit was spent on the day it was bought.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("written down");
        await page.Locator("input[type=file]").SetInputFilesAsync(
            new FilePayload { Name = "usage.pdf", MimeType = "application/pdf", Buffer = "%PDF-1.4 usage"u8.ToArray() });
        await page.GetByRole(AriaRole.Button, new() { Name = "Add it" }).ClickAsync();
        await Expect(page.Locator("#files + table")).ToContainTextAsync(new Regex("usage.pdf[\\s\\S]*SHA-256 [0-9a-f]{64}"));
        await Pictures.Shoot(page, "dispute");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("#answered")).ToHaveTextAsync("What was answered");
    }

    private static async Task LookAround(TestHost host, TestOrganisation acme, IPage page, string payment)
    {
        await page.GotoAsync($"{host.Address}console/finance/events?org={acme.Id}");
        await Pictures.Shoot(page, "events");
        await page.GetByText("Search", new() { Exact = true }).First.ClickAsync();
        await page.GetByLabel("Any id").FillAsync(payment);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Payment: ") }).First.ClickAsync();
        await Expect(page.Locator(".steps")).ToContainTextAsync("Purchased credit");
        await Expect(page.Locator(".steps")).ToContainTextAsync("payments.payment_succeeded");
        await Pictures.Shoot(page, "trail");
        await page.GotoAsync($"{host.Address}console/finance/timeline?org={acme.Id}");
        await Expect(page.Locator(".steps")).ToContainTextAsync("Refund made");
        await Pictures.Shoot(page, "timeline");
        await page.GotoAsync($"{host.Address}console/finance/reconciliation?org={acme.Id}");
        await page.GetByText("Compare now").ClickAsync();
        await page.Locator("select[name=scope]").SelectOptionAsync("invoices_recent");
        await page.Locator("select[name=mode]").SelectOptionAsync("test");
        await page.GetByLabel("Why").Last.FillAsync("To be sure.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("began");
        await Pictures.Shoot(page, "drift");
        await page.Locator("a.row-link").First.ClickAsync();
        await Pictures.Shoot(page, "run");
        await page.GotoAsync($"{host.Address}console/finance/clearing?org={acme.Id}");
        await Pictures.Shoot(page, "clearing");
        await page.GotoAsync($"{host.Address}console/finance/catalogue?org={acme.Id}");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Sync ") }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("asked");
        await Pictures.Shoot(page, "catalogue");
    }

    // The page was paid, and the subscription's own news never came.
    private async Task GivenStuckSession(TestHost host, TestOrganisation acme)
    {
        await Sell(host, "starter");
        stripe.Fault(WebhookFaultKind.Lose, "customer.subscription.created");
        stripe.Fault(WebhookFaultKind.Lose, "customer.subscription.updated");
        foreach (var type in new[] { "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded" })
        {
            stripe.Fault(WebhookFaultKind.Lose, type);
        }

        using var client = await Buyer(host, acme);
        await Pay(client, "/v1/billing/checkout", new
        {
            plan = "starter",
            success_path = "/console",
            cancel_path = "/console",
        });
        await Wait(
            "select count(*) from payments.checkouts where status = 'completed_pending_subscription'");
    }

    private async Task<string> GivenPayment(TestHost host, TestOrganisation acme, int dollars, string card = TestCards.Pays)
    {
        using var client = await Buyer(host, acme);
        var amount = new { currency = "USD", amount_micros = dollars * 1_000_000L };
        await Pay(client, "/v1/billing/top-ups", new { amount, success_path = "/console", cancel_path = "/console" }, card);
        await Wait("select count(*) from payments.payments where status = 'succeeded' and amount_minor = $1", dollars * 100L);
        await using var command = database.Owner.Sql(
            "select payment_id from payments.payments where amount_minor = $1", dollars * 100L);
        return new Quoin.Payments.PaymentId((Guid)(await command.ExecuteScalarAsync())!).ToString();
    }

    private static async Task<HttpClient> Buyer(TestHost host, TestOrganisation acme)
    {
        var client = await host.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", acme.Id.ToString());
        return client;
    }

    private async Task Pay(HttpClient client, string address, object order, string card = TestCards.Pays)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(order) };
        request.Headers.Add("Idempotency-Key", $"{address}/{card}");
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        stripe.PayCheckout((string)JsonNode.Parse(body)!["checkout"]!["provider_checkout_id"]!, card).ShouldBeTrue();
    }

    // News that was given up long ago, for a cause that is gone.
    private async Task GivenDeadLetter()
    {
        await using var command = database.Owner.Sql(
            """
            update payments.webhook_events
            set state = 'dead',
                attempts = 8,
                error = 'unknown_price: no plan has the price price_late'
            where webhook_event_id = (
                select webhook_event_id
                from payments.webhook_events
                where state = 'processed'
                  and org_id is not null
                  and event_type = 'payment_intent.succeeded'
                order by 1
                limit 1)
            """);
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    private async Task Wait(string count, params object?[] values)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            await using var command = database.Owner.Sql(count, values);
            if ((long)(await command.ExecuteScalarAsync(patience.Token))! > 0)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }

    private static async Task Until(IPage page, string place, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await page.Locator(place).First.InnerTextAsync()).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
            await page.ReloadAsync();
        }
    }

    private static async Task SignIn(TestHost host, IPage page, string email)
    {
        var operators = host.Get<Operators>();
        _ = await operators.Create(email, [OperatorRole.Finance, OperatorRole.Pricing], "test", CancellationToken.None);
        var link = await operators.CreateSignInLink(email, "test", CancellationToken.None);
        await page.GotoAsync(new Uri(host.Address, link.ShouldBeOfType<CreateSignInLinkOutcome.Created>().Path).ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/console"));
    }

    private static async Task Sell(TestHost host, string plan)
    {
        using var machine = await host.OperatorClient();
        var version = (await host.Get<Plans>().Catalogue(CancellationToken.None)).Newest(plan, Currency.Usd)!;
        using var answer = await machine.PostAsync($"/v1/payments/plan-prices/{version.Id}/sync", null);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    // The provider leads back to an address, so the host must know its own before it starts.
    private async Task<TestHost> Start()
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
}
