using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class BuyingCredit(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Becomes_a_grant_once_when_its_payment_is_told_of_twice()
    {
        var (buyer, client) = await Customer();
        var checkout = await Open(buyer, "first", 25_000_000);
        var payment = Paid(buyer, checkout, 2_500);

        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell("checkout.session.completed", new ProviderEventSubject.Checkout(host.Provider.Checkouts[checkout.Id]));

        (await buyer.Facts()).ShouldBe(["credit_purchased"]);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(25_000_000);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-25_000_000);
        var purchase = (await client.GetJson("/v1/billing/top-ups"))["data"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)purchase["status"]).ShouldBe("succeeded");
        ((string?)purchase["grant_id"]).ShouldNotBeNull();
        ((long)purchase["amount_minor"]!).ShouldBe(2_500);
    }

    [Fact]
    public async Task Becomes_a_grant_once_when_its_checkout_and_its_invoice_come_first()
    {
        var (buyer, client) = await Customer();
        var checkout = await Open(buyer, "first", 25_000_000);
        var payment = Paid(buyer, checkout, 2_500);
        var invoice = buyer.Invoice(payment: payment.Id) with
        {
            DueMinor = 2_500,
            PaidMinor = 2_500,
            Metadata = checkout.Metadata,
        };
        host.Provider.KeptInvoices[invoice.Id] = invoice;

        await host.Tell("checkout.session.completed", new ProviderEventSubject.Checkout(host.Provider.Checkouts[checkout.Id]));
        (await buyer.Facts()).ShouldBeEmpty();
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));

        (await buyer.Facts()).ShouldBe(["credit_purchased"]);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(25_000_000);
        (await buyer.Findings()).ShouldBeNull();
    }

    [Fact]
    public async Task Gives_nothing_for_another_amount_or_currency_and_tells_an_operator()
    {
        var (buyer, _) = await Customer();
        var less = await Open(buyer, "less", 25_000_000);
        var other = await Open(buyer, "other", 25_000_000);

        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(Paid(buyer, less, 2_400)));
        await host.Tell(
            "payment_intent.succeeded", new ProviderEventSubject.Payment(Paid(buyer, other, 2_500) with { Currency = "EUR" }));

        (await buyer.Facts()).ShouldBeEmpty();
        (await buyer.Findings()).ShouldBe("amount_mismatch currency_mismatch");
    }

    [Fact]
    public async Task Gives_nothing_for_a_purchase_nobody_ordered()
    {
        using var heard = host.Hear();
        var (buyer, _) = await Customer();
        var metadata = new Dictionary<string, string>(buyer.Metadata(Buyer.NewOperation()));
        metadata["purpose"] = "top_up";

        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(buyer.Payment() with { Metadata = metadata }));

        (await buyer.Facts()).ShouldBeEmpty();
        (await buyer.Findings()).ShouldBe("unknown_purchase");
        heard.Codes.ShouldContain("BILLING_PAYMENT_MISMATCH");
    }

    [Fact]
    public async Task Sells_something_once_as_revenue_that_is_paid()
    {
        var (buyer, _) = await Customer();
        var metadata = new Dictionary<string, string>(buyer.Metadata(Buyer.NewOperation()));
        metadata["purpose"] = "one_off";
        var payment = buyer.Payment() with { Metadata = metadata };

        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));

        (await buyer.Facts()).ShouldBe(["item_sold", "payment_received"]);
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
        (await buyer.Balance(AccountKind.Revenue)).ShouldBe(20_000_000);
    }

    [Theory]
    [InlineData(4_999_999)]
    [InlineData(100_000_010_000)]
    [InlineData(5_000_001)]
    public async Task Takes_only_amounts_it_can_ask_for(long micros)
    {
        var (buyer, _) = await Customer();

        (await Ask(buyer, "wrong", micros)).ShouldBeOfType<PaymentRequestOutcome.Invalid>().Errors.Keys.ShouldBe(["amount"]);

        (await host.Ask("select count(*) from payments.purchases where org_id = $1", buyer.Org.Value)).ShouldBe("0");
    }

    [Fact]
    public async Task Is_shown_as_its_page_stands()
    {
        var (buyer, client) = await Customer();
        var checkout = await Open(buyer, "first", 25_000_000);

        (await Status(client)).ShouldBe("pending");
        host.Provider.LetExpire(checkout.Id);
        await host.Tell(
            "checkout.session.expired", new ProviderEventSubject.Checkout(host.Provider.Checkouts[checkout.Id]));

        (await Status(client)).ShouldBe("expired");
    }

    private async Task<(Buyer Buyer, HttpClient Client)> Customer()
    {
        var org = await host.First.CreateOrganisation();
        var client = host.First.Client(org.Key);
        return (new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus")), client);
    }

    private static async Task<string?> Status(HttpClient client) =>
        (string?)(await client.GetJson("/v1/billing/top-ups"))["data"]!.AsArray().ShouldHaveSingleItem()!["status"];

    private async Task<ProviderCheckout> Open(Buyer buyer, string key, long micros)
    {
        var answered = (await Ask(buyer, key, micros)).ShouldBeOfType<PaymentRequestOutcome.Answered>();
        var body = JsonNode.Parse(answered.Response)!;
        return host.Provider.Checkouts[(string)body["checkout"]!["provider_checkout_id"]!];
    }

    private async Task<PaymentRequestOutcome> Ask(Buyer buyer, string key, long micros)
    {
        var account = await host.First.Get<Organisations>().FindBillingAccount(buyer.Org, buyer.Account, CancellationToken.None);
        var request = new NewTopUp(account!, new Money(micros, Currency.Usd), "/done", "/cancelled");
        return await host.First.Get<TopUps>().Open(request, key, "usr_test", CancellationToken.None);
    }

    private ProviderPayment Paid(Buyer buyer, ProviderCheckout checkout, long minor)
    {
        var payment = buyer.Payment() with { AmountMinor = minor, Metadata = checkout.Metadata };
        host.Provider.KeptPayments[payment.Id] = payment;
        host.Provider.Checkouts[checkout.Id] = checkout with
        {
            Status = ProviderCheckoutStatus.Complete,
            IsPaid = true,
            Url = null,
            Customer = buyer.Customer,
            Payment = payment.Id,
        };
        return payment;
    }
}
