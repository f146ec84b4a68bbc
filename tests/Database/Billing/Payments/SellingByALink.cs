using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>What is paid at an address anybody can open: credit or a sale, each payment once, for as long as it is open.</summary>
public sealed class SellingByALink(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Gives_credit_for_each_payment_once_whichever_news_comes_first()
    {
        var (buyer, client) = await Seller();
        using var seller = client;
        var operation = await Make(seller, givesCredit: true);

        await Pay(buyer, operation, "top_up", checkoutFirst: true);
        await Pay(buyer, operation, "top_up", checkoutFirst: false);

        (await buyer.Facts()).ShouldBe(["credit_purchased", "credit_purchased"]);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(40_000_000);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-40_000_000);
        (await buyer.Findings()).ShouldBeNull();
        var link = (await seller.GetJson("/v1/billing/payment-links"))["data"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)link["payments"]!).ShouldBe(2);
        ((bool)link["gives_credit"]!).ShouldBeTrue();
        ((long)link["amount_minor"]!).ShouldBe(2_000);
    }

    [Fact]
    public async Task Sells_as_long_as_it_is_open_however_old_and_is_ended_once()
    {
        var (buyer, client) = await Seller();
        using var seller = client;
        var operation = await Make(seller, givesCredit: false);
        host.Clock.Advance(TimeSpan.FromDays(40));
        await host.First.Get<PaymentRecovery>().ForgetOld(CancellationToken.None);

        await Pay(buyer, operation, "payment_link", checkoutFirst: true);

        (await buyer.Facts()).ShouldBe(["item_sold", "payment_received"], ignoreOrder: true);
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
        (await host.Ask("select kind from payments.payments where org_id = $1", buyer.Org.Value)).ShouldBe("link");
        var link = (await seller.GetJson("/v1/billing/payment-links"))["data"]![0]!;
        (await End(seller, link)).ShouldBe(HttpStatusCode.OK);
        (await End(seller, link)).ShouldBe(HttpStatusCode.OK);
        host.Provider.CallsOf("EndPaymentLink").Count(call => call.Subject == (string?)link["provider_link_id"]).ShouldBe(1);
        ((bool)(await seller.GetJson("/v1/billing/payment-links"))["data"]![0]!["active"]!).ShouldBeFalse();

        host.Clock.Advance(TimeSpan.FromDays(31));
        await host.First.Get<PaymentRecovery>().ForgetOld(CancellationToken.None);
        (await host.Ask("select count(*) from payments.requests where org_id = $1", buyer.Org.Value)).ShouldBe("0");
    }

    [Fact]
    public async Task Is_nobody_elses_and_stays_open_while_the_provider_is_silent()
    {
        var (_, client) = await Seller();
        using var seller = client;
        await Make(seller, givesCredit: false);
        var link = (await seller.GetJson("/v1/billing/payment-links"))["data"]![0]!;
        var (_, otherClient) = await Seller();
        using var other = otherClient;

        (await End(other, link)).ShouldBe(HttpStatusCode.NotFound);
        host.Provider.Next("EndPaymentLink", new ScriptedStep(ScriptedEnding.LostAnswer));
        (await End(seller, link)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        ((bool)(await seller.GetJson("/v1/billing/payment-links"))["data"]![0]!["active"]!).ShouldBeTrue();
        (await End(seller, link)).ShouldBe(HttpStatusCode.OK);
        host.Provider.CallsOf("EndPaymentLink").TakeLast(2).Select(call => call.Key).Distinct().Count().ShouldBe(1);
    }

    private async Task<(Buyer Buyer, HttpClient Client)> Seller()
    {
        var org = await host.First.CreateOrganisation();
        var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        return (new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus")), client);
    }

    private static async Task<string> Make(HttpClient seller, bool givesCredit)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/billing/payment-links");
        request.Headers.Add("Idempotency-Key", NewsHost.Ids.Next().ToString());
        request.Content = JsonContent.Create(new
        {
            success_path = "/paid",
            gives_credit = givesCredit,
            line_items = new[] { new { quantity = 2, name = "Workshop", amount_minor = 1_000 } },
        });
        using var answer = await seller.SendAsync(request);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
        return (string)body["operation_key"]!;
    }

    private static async Task<HttpStatusCode> End(HttpClient seller, JsonNode link)
    {
        using var answer = await seller.PostAsync($"/v1/billing/payment-links/{link["id"]}/deactivate", null);
        return answer.StatusCode;
    }

    // Each payer is a customer of the provider's own.
    private async Task Pay(Buyer buyer, string operation, string purpose, bool checkoutFirst)
    {
        var payer = buyer with { Customer = host.Provider.NewId("cus") };
        var metadata = new Dictionary<string, string>(buyer.Metadata(operation)) { ["purpose"] = purpose };
        var payment = payer.Payment() with { Metadata = metadata };
        var checkout = payer.Checkout(operation, purpose: CheckoutPurpose.Payment, payment: payment.Id) with { Metadata = metadata };
        (host.Provider.KeptPayments[payment.Id], host.Provider.Checkouts[checkout.Id]) = (payment, checkout);
        ProviderEventSubject[] news = [new ProviderEventSubject.Checkout(checkout), new ProviderEventSubject.Payment(payment)];
        foreach (var subject in checkoutFirst ? news : [.. news.Reverse()])
        {
            await host.Tell(
                subject is ProviderEventSubject.Payment ? "payment_intent.succeeded" : "checkout.session.completed", subject);
        }

        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
    }
}
