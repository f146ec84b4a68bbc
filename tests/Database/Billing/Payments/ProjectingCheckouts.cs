using Microsoft.Extensions.Logging;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ProjectingCheckouts(NewsHost host) : IClassFixture<NewsHost>
{
    private const string Completed = "checkout.session.completed";
    private const string Expired = "checkout.session.expired";

    /// <summary>Case T48.</summary>
    [Fact]
    public async Task Never_touches_subscriptions_or_which_one_is_current()
    {
        var buyer = await host.CreateBuyer();
        var current = buyer.Subscription();
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(current));
        var (operation, id) = await buyer.GivenCheckout();
        var before = await host.Ask("select string_agg(s::text, '' order by subscription_id) from payments.subscriptions s");

        await host.Tell(Completed, new ProviderEventSubject.Checkout(buyer.Checkout(operation, id: id, subscription: "sub_another")));

        (await buyer.CheckoutStatus(operation)).ShouldBe("completed_pending_subscription");
        (await host.Ask("select string_agg(s::text, '' order by subscription_id) from payments.subscriptions s")).ShouldBe(before);
    }

    /// <summary>Case T49.</summary>
    [Theory]
    [InlineData("open")]
    [InlineData("recovery_verification_pending")]
    public async Task Completes_open_ones_and_holds_and_leaves_the_rest_to_the_subscription(string status)
    {
        var buyer = await host.CreateBuyer();
        var (operation, id) = await buyer.GivenCheckout(status, providerId: status == "open" ? "" : null);
        var subscription = buyer.Subscription(operation);
        var session = buyer.Checkout(operation, id: id.Length == 0 ? null : id, subscription: subscription.Id);

        await host.Tell(Completed, new ProviderEventSubject.Checkout(session));

        (await buyer.CheckoutStatus(operation)).ShouldBe("completed_pending_subscription");
        (await host.Ask("select provider_checkout_id from payments.checkouts where operation_key = $1", operation)).ShouldBe(session.Id);

        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(subscription));

        (await buyer.CheckoutStatus(operation)).ShouldBe("completed_reconciled");
        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("active*");
    }

    [Theory]
    [InlineData("checkout first")]
    [InlineData("subscription first")]
    [InlineData("subscription before its request was answered")]
    public async Task Tells_once_that_a_checkout_was_completed_whichever_news_comes_first(string order)
    {
        var buyer = await host.CreateBuyer();
        var isPending = order.EndsWith("answered", StringComparison.Ordinal);
        var (operation, id) = isPending ? (await buyer.PendingRequest(), host.Provider.NewId("cs")) : await buyer.GivenCheckout();
        var subscription = buyer.Subscription(operation);
        var session = buyer.Checkout(operation, id: id, subscription: subscription.Id);
        (string, ProviderEventSubject)[] news =
        [
            (Completed, new ProviderEventSubject.Checkout(session)),
            ("customer.subscription.created", new ProviderEventSubject.Subscription(subscription)),
        ];

        foreach (var (type, subject) in order == "checkout first" ? news : [.. news.Reverse()])
        {
            await host.Tell(type, subject);
            await host.Tell(type, subject);
        }

        (await buyer.CheckoutStatus(operation)).ShouldBe("completed_reconciled");
        (await host.Ask("select count(*) from platform.outbox where org_id = $1 and topic = 'payments.checkout_completed'",
            buyer.Org.Value)).ShouldBe("1");
    }

    /// <summary>Case T50.</summary>
    [Theory]
    [InlineData("completed_reconciled")]
    [InlineData("expired")]
    [InlineData("abandoned")]
    public async Task Leaves_a_final_one_as_it_is_when_its_completion_is_told_late(string status)
    {
        var buyer = await host.CreateBuyer();
        var (operation, id) = await buyer.GivenCheckout(status);

        await host.Tell(Completed, new ProviderEventSubject.Checkout(buyer.Checkout(operation, id: id,
            subscription: "sub_late")), id: $"evt_late_{status}");

        (await buyer.CheckoutStatus(operation)).ShouldBe(status);
        (await host.StateOf($"evt_late_{status}")).ShouldBe("processed/unchanged");
    }

    /// <summary>Case T51.</summary>
    [Theory]
    [InlineData("session")]
    [InlineData("operation")]
    [InlineData("account")]
    [InlineData("customer")]
    public async Task Changes_nothing_where_what_is_told_does_not_fit(string wrong)
    {
        using var heard = host.Hear();
        var (buyer, other) = (await host.CreateBuyer(), await host.CreateBuyer());
        var (operation, id) = await buyer.GivenCheckout();
        await host.Run("update payments.checkouts set provider_customer_id = $2 where operation_key = $1", operation, buyer.Customer);
        var session = wrong switch
        {
            "session" => buyer.Checkout(operation, id: "cs_somebody_elses_" + operation[..8]),
            "operation" => buyer.Checkout(Buyer.NewOperation(), id: id),
            "account" => buyer.Checkout(operation, id: id) with { Metadata = other.Metadata(operation) },
            _ => buyer.Checkout(operation, id: id) with { Customer = other.Customer },
        };
        var before = await host.Ask("select string_agg(c::text, '' order by checkout_id) from payments.checkouts c");
        var news = host.Event(Completed, new ProviderEventSubject.Checkout(session));
        using var log = new LogLines();
        host.First.Get<ILoggerFactory>().AddProvider(log);

        await host.Deliver(news);
        await host.Process();

        (await host.StateOf(news.Id)).ShouldBe("failed/checkout_session_correlation_mismatch");
        var stored = await host.Ask("select webhook_event_id::text from payments.webhook_events where provider_event_id = $1", news.Id);
        log.All.ShouldContain(line => line.Contains(new WebhookEventId(Guid.Parse(stored!)).ToString(), StringComparison.Ordinal));
        (await host.Ask("select string_agg(c::text, '' order by checkout_id) from payments.checkouts c")).ShouldBe(before);
        heard.Codes.ShouldContain("BILLING_WEBHOOK_PROCESSING_FAILED");
        heard.Codes.ShouldContain("BILLING_CHECKOUT_CORRELATION_MISMATCH");
    }

    /// <summary>Case T55.</summary>
    [Fact]
    public async Task Takes_an_end_once_and_never_after_somebody_went_through()
    {
        var buyer = await host.CreateBuyer();
        var (open, openId) = await buyer.GivenCheckout();
        var end = new ProviderEventSubject.Checkout(buyer.Checkout(open, ProviderCheckoutStatus.Expired, id: openId));

        await host.Tell(Expired, end);
        await host.Tell(Expired, end);

        (await buyer.CheckoutStatus(open)).ShouldBe("expired");
        var (done, doneId) = await buyer.GivenCheckout("completed_pending_subscription");
        await host.Tell(Expired, new ProviderEventSubject.Checkout(buyer.Checkout(done, ProviderCheckoutStatus.Expired, id: doneId)));
        (await buyer.CheckoutStatus(done)).ShouldBe("completed_pending_subscription");
    }

    [Fact]
    public async Task Ends_the_request_that_still_waits_for_its_answer()
    {
        var buyer = await host.CreateBuyer();
        var paid = await buyer.PendingRequest();
        await host.Tell(Completed, new ProviderEventSubject.Checkout(buyer.Checkout(paid, subscription: "sub_soon_" + paid[..6])));
        (await buyer.RequestStatus(paid)).ShouldBe("succeeded");
        (await buyer.CheckoutStatus(paid)).ShouldBe("completed_pending_subscription");

        var other = await host.CreateBuyer();
        var unpaid = await other.PendingRequest();
        await host.Tell(Expired, new ProviderEventSubject.Checkout(other.Checkout(unpaid, ProviderCheckoutStatus.Expired)));
        (await other.RequestStatus(unpaid)).ShouldBe("expired/checkout_recovery_window_elapsed");
    }

    [Fact]
    public async Task Finishes_what_is_paid_once_without_waiting_for_a_subscription()
    {
        var buyer = await host.CreateBuyer();
        var (operation, id) = await buyer.GivenCheckout(flow: "one_off");
        var payment = buyer.Payment(operation: operation);

        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell(Completed, new ProviderEventSubject.Checkout(
            buyer.Checkout(operation, purpose: CheckoutPurpose.Payment, id: id, payment: payment.Id)));

        (await buyer.CheckoutStatus(operation)).ShouldBe("completed_reconciled");
        (await host.Ask("select status from payments.payments where provider_payment_id = $1 and checkout_id is not null", payment.Id))
            .ShouldBe("succeeded");
    }
}
