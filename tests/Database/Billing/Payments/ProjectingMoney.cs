using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ProjectingMoney(NewsHost host) : IClassFixture<NewsHost>
{
    private static ProviderEventSubject Of(ProviderInvoice invoice) => new ProviderEventSubject.Invoice(invoice);

    private static ProviderEventSubject Of(ProviderPayment payment) => new ProviderEventSubject.Payment(payment);

    [Fact]
    public async Task Keeps_an_invoice_with_the_payment_it_names()
    {
        var buyer = await host.CreateBuyer();
        var subscription = buyer.Subscription();
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(subscription));
        var payment = host.Provider.NewId("pi");

        await host.Tell("invoice.paid", Of(buyer.Invoice(subscription: subscription.Id, payment: payment)));

        (await Money(buyer)).ShouldBe("paid/2000/true/succeeded/invoice");
        (await News(buyer, "payments.payment_succeeded")).ShouldBe("1");
    }

    [Fact]
    public async Task Asks_for_the_payment_that_news_of_a_paid_invoice_leaves_out()
    {
        var buyer = await host.CreateBuyer();
        var kept = buyer.Invoice(payment: host.Provider.NewId("pi"));

        await host.Tell("invoice.paid", Of(kept with { Payment = null }));

        (await Money(buyer)).ShouldBe("paid/2000/false/succeeded/invoice");
        (await News(buyer, "payments.payment_succeeded")).ShouldBe("1");
    }

    [Fact]
    public async Task Finds_the_account_of_a_single_invoice_by_its_customer_alone()
    {
        var buyer = await host.CreateBuyer();
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(buyer.Subscription()));

        await host.Tell("invoice.paid", Of(buyer.Invoice(payment: host.Provider.NewId("pi"), named: false)));

        (await Money(buyer)).ShouldBe("paid/2000/false/succeeded/invoice");
    }

    /// <summary>What the simulation of payments found: every declined card ended as a dead letter.</summary>
    [Fact]
    public async Task Is_done_with_a_declined_card_of_nobody_but_not_with_money_of_nobody()
    {
        var nobody = new Buyer(host, new OrgId(NewsHost.Ids.Next()), new BillingAccountId(NewsHost.Ids.Next()), host.Provider.NewId("cus"));
        var declined = host.Event("payment_intent.payment_failed", Of(nobody.Payment(ProviderPaymentStatus.Failed, named: false)));
        var paid = host.Event("payment_intent.succeeded", Of(nobody.Payment(named: false)));
        await host.Deliver(declined);
        await host.Deliver(paid);
        await host.Process();
        (await host.StateOf(declined.Id)).ShouldBe("failed/account_unknown");

        for (var attempt = 1; attempt < WebhookLimits.UnownedAttemptsMax; attempt++)
        {
            host.Clock.Advance(WebhookLimits.RetryLongest);
            await host.Process();
        }

        (await host.StateOf(declined.Id)).ShouldBe("processed/ignored");
        (await host.StateOf(paid.Id)).ShouldBe("failed/account_unknown");
    }

    [Fact]
    public async Task Counts_a_payment_once_whether_its_invoice_or_itself_is_told_first()
    {
        var (one, other) = (await host.CreateBuyer(), await host.CreateBuyer());
        var (first, second) = (one.Payment(), other.Payment());

        await host.Tell("invoice.paid", Of(one.Invoice(payment: first.Id)));
        await host.Tell("payment_intent.succeeded", Of(first));
        await host.Tell("payment_intent.succeeded", Of(second));
        await host.Tell("invoice.paid", Of(other.Invoice(payment: second.Id)));

        foreach (var buyer in new[] { one, other })
        {
            (await Money(buyer)).ShouldBe("paid/2000/false/succeeded/invoice");
            (await News(buyer, "payments.payment_succeeded")).ShouldBe("1");
        }
    }

    [Fact]
    public async Task Never_takes_a_success_back()
    {
        var buyer = await host.CreateBuyer();
        var paid = buyer.Payment();
        await host.Tell("invoice.paid", Of(buyer.Invoice(payment: paid.Id)));

        await host.Tell("payment_intent.payment_failed", Of(paid with { Status = ProviderPaymentStatus.Failed }));
        await host.Tell("charge.refunded", Of(paid with { RefundedMinor = 500 }));

        (await host.Ask("select status || '/' || refunded_minor from payments.payments where provider_payment_id = $1",
            paid.Id)).ShouldBe("succeeded/500");
        (await News(buyer, "payments.payment_failed")).ShouldBe("0");
    }

    /// <summary>What the simulation of payments found: fee, refunds and disputes were looked for at a declined attempt.</summary>
    [Fact]
    public async Task Does_not_take_the_charge_of_a_declined_attempt_for_the_one_that_paid()
    {
        var (early, late) = (await host.CreateBuyer(), await host.CreateBuyer());
        var (first, second) = (early.Payment(ProviderPaymentStatus.Failed), late.Payment(ProviderPaymentStatus.Failed));

        await host.Tell("payment_intent.payment_failed", Of(first));
        await host.Tell("invoice.paid", Of(early.Invoice(payment: first.Id)));
        await host.Tell("invoice.paid", Of(late.Invoice(payment: second.Id)));
        await host.Tell("payment_intent.payment_failed", Of(second));

        foreach (var payment in new[] { first, second })
        {
            (await host.Ask("select concat_ws('/', status, provider_charge_id) from payments.payments where provider_payment_id = $1",
                payment.Id)).ShouldBe("succeeded");
        }
    }

    [Fact]
    public async Task Tells_of_a_payment_that_failed_and_of_its_success_later()
    {
        var buyer = await host.CreateBuyer();
        var payment = buyer.Payment(ProviderPaymentStatus.Failed);
        await host.Tell("payment_intent.payment_failed", Of(payment));
        await host.Tell("payment_intent.succeeded", Of(payment with { Status = ProviderPaymentStatus.Succeeded }));

        (await News(buyer, "payments.payment_failed")).ShouldBe("1");
        (await News(buyer, "payments.payment_succeeded")).ShouldBe("1");
    }

    [Fact]
    public async Task Refuses_what_belongs_to_another_account()
    {
        var (buyer, other) = (await host.CreateBuyer(), await host.CreateBuyer());
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(other.Subscription()));
        var news = host.Event("invoice.paid", Of(buyer.Invoice() with { Customer = other.Customer }));

        await host.Deliver(news);
        await host.Process();

        (await host.StateOf(news.Id)).ShouldBe("failed/checkout_session_correlation_mismatch");
        (await host.Ask("select count(*) from payments.invoices where billing_account_id in ($1, $2)", buyer.Account.Value,
            other.Account.Value)).ShouldBe("0");
    }

    private Task<string?> Money(Buyer buyer) => host.Ask(
        """
        select i.status || '/' || i.paid_minor || '/' || (i.subscription_id is not null) || '/' || p.status || '/' || p.kind
        from payments.invoices i
        join payments.payments p on p.org_id = i.org_id and p.invoice_id = i.invoice_id
        where i.billing_account_id = $1
        """,
        buyer.Account.Value);

    private Task<string?> News(Buyer buyer, string topic) =>
        host.Ask("select count(*) from platform.outbox where org_id = $1 and topic = $2", buyer.Org.Value, topic);
}
