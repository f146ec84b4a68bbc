using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Shouldly;
using Xunit;

namespace Quoin.Tests.Unit.Billing.Payments.Stripe;

/// <summary>Case T45, in part: signatures over the exact bytes, and what genuine news says.</summary>
public sealed class ReadingWebhooks : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 5, TimeSpan.Zero);
    private static readonly byte[] Body = Encoding.UTF8.GetBytes(StripeShapes.Event("invoice.paid", StripeShapes.Invoice));

    private readonly StripeProvider provider = new(
        new StripeSettings { SecretKey = "sk_test_1", WebhookSecrets = ["whsec_new", "whsec_old"] },
        TimeProvider.System,
        new Jitter(new Random(1)),
        NullLoggerFactory.Instance);

    [Theory]
    [InlineData("whsec_new")]
    [InlineData("whsec_old")]
    public void Every_secret_counts_while_one_is_replaced(string secret) =>
        provider.ReadWebhook(Body, StripeSignature.Make(Body, secret, Now), Now).ShouldBeOfType<WebhookReading.Genuine>();

    [Fact]
    public void One_good_signature_among_several_is_enough()
    {
        var good = StripeSignature.Make(Body, "whsec_old", Now).Split(',');

        provider.ReadWebhook(Body, $"{good[0]},v1={new string('0', 64)},{good[1]},v0=whatever", Now)
            .ShouldBeOfType<WebhookReading.Genuine>();
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void A_signature_counts_for_five_minutes(int seconds, bool counts)
    {
        var signature = StripeSignature.Make(Body, "whsec_new", Now.AddSeconds(seconds));

        (provider.ReadWebhook(Body, signature, Now) is WebhookReading.Genuine).ShouldBe(counts);
    }

    [Fact]
    public void One_changed_byte_makes_it_forged()
    {
        var signature = StripeSignature.Make(Body, "whsec_new", Now);
        var changed = Body.ToArray();
        changed[^2] ^= 1;

        provider.ReadWebhook(changed, signature, Now).ShouldBeOfType<WebhookReading.Forged>();
        provider.ReadWebhook(Body, StripeSignature.Make(Body, "whsec_other", Now), Now).ShouldBeOfType<WebhookReading.Forged>();
    }

    [Theory]
    [InlineData("t=1767225605")]
    [InlineData("v1=00")]
    [InlineData("t=x,v1=zz")]
    [InlineData("t=1767225605,v1=0g")]
    [InlineData("nonsense")]
    [InlineData(",,,=,=")]
    public void A_header_that_is_none_is_forged(string header) =>
        provider.ReadWebhook(Body, header, Now).ShouldBeOfType<WebhookReading.Forged>();

    [Fact]
    public void A_header_without_end_is_forged() =>
        provider.ReadWebhook(Body, "t=1767225605," + new string('v', 100_000), Now).ShouldBeOfType<WebhookReading.Forged>();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_header_it_is_unsigned(string? header) =>
        provider.ReadWebhook(Body, header, Now).ShouldBeOfType<WebhookReading.Unsigned>();

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"object":"event","id":"evt_1","type":"invoice.paid","created":1}""")]
    [InlineData("""{"object":"charge","id":"evt_1","type":"invoice.paid","created":1,"data":{"object":{"id":"x"}}}""")]
    [InlineData("""{"object":"event","id":"evt_1","type":"invoice.paid","created":1,"data":{"object":{"id":"x"}}}{}""")]
    public void Signed_nonsense_is_unreadable(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);

        provider.ReadWebhook(body, StripeSignature.Make(body, "whsec_new", Now), Now).ShouldBeOfType<WebhookReading.Unreadable>();
        provider.ReadEvent(body, out var unreadable).ShouldBeNull();
        unreadable.ShouldNotBeNull();
    }

    [Fact]
    public void The_door_reads_who_and_what()
    {
        var head = provider.ReadWebhook(Body, StripeSignature.Make(Body, "whsec_new", Now), Now)
            .ShouldBeOfType<WebhookReading.Genuine>().Head;

        head.ShouldBe(new ProviderEventHead("evt_1", "invoice.paid", Now, false, true, "in_1", "cus_1"));
    }

    [Fact]
    public void The_door_finds_whose_a_detached_method_was()
    {
        var method = StripeShapes.PaymentMethod.Replace("\"cus_1\"", "null", StringComparison.Ordinal);

        var head = Head("payment_method.detached", method, """{"customer":"cus_1"}""");

        (head.Object, head.Customer).ShouldBe(("pm_1", "cus_1"));
        Subject("payment_method.detached", method, """{"customer":"cus_1"}""")
            .ShouldBeOfType<ProviderEventSubject.PaymentMethod>()
            .ShouldSatisfyAllConditions(
                subject => subject.IsDetached.ShouldBeTrue(),
                subject => subject.Owner.ShouldBe("cus_1"),
                subject => subject.Value.ShouldBe(new ProviderPaymentMethod("pm_1", null, "card", "visa", "4242", 12, 2030)));
    }

    [Fact]
    public void A_customers_news_concern_the_customer_itself() =>
        Head("customer.updated", StripeShapes.Customer).Customer.ShouldBe("cus_1");

    [Theory]
    [InlineData("checkout.session.completed", StripeShapes.Checkout, typeof(ProviderEventSubject.Checkout))]
    [InlineData("checkout.session.async_payment_succeeded", StripeShapes.Checkout, typeof(ProviderEventSubject.Checkout))]
    [InlineData("checkout.session.async_payment_failed", StripeShapes.Checkout, typeof(ProviderEventSubject.Checkout))]
    [InlineData("checkout.session.expired", StripeShapes.Checkout, typeof(ProviderEventSubject.Checkout))]
    [InlineData("customer.subscription.created", StripeShapes.Subscription, typeof(ProviderEventSubject.Subscription))]
    [InlineData("customer.subscription.deleted", StripeShapes.OldSubscription, typeof(ProviderEventSubject.Subscription))]
    [InlineData("invoice.finalized", StripeShapes.Invoice, typeof(ProviderEventSubject.Invoice))]
    [InlineData("invoice.payment_failed", StripeShapes.OldInvoice, typeof(ProviderEventSubject.Invoice))]
    [InlineData("invoice.voided", StripeShapes.Invoice, typeof(ProviderEventSubject.Invoice))]
    [InlineData("invoice.marked_uncollectible", StripeShapes.Invoice, typeof(ProviderEventSubject.Invoice))]
    [InlineData("payment_intent.succeeded", StripeShapes.Payment, typeof(ProviderEventSubject.Payment))]
    [InlineData("payment_intent.payment_failed", StripeShapes.Payment, typeof(ProviderEventSubject.Payment))]
    [InlineData("payment_intent.requires_action", StripeShapes.Payment, typeof(ProviderEventSubject.Payment))]
    [InlineData("charge.refunded", StripeShapes.Charge, typeof(ProviderEventSubject.Payment))]
    [InlineData("refund.created", StripeShapes.Refund, typeof(ProviderEventSubject.Refund))]
    [InlineData("refund.failed", StripeShapes.Refund, typeof(ProviderEventSubject.Refund))]
    [InlineData("charge.refund.updated", StripeShapes.Refund, typeof(ProviderEventSubject.Refund))]
    [InlineData("charge.dispute.created", StripeShapes.Dispute, typeof(ProviderEventSubject.Dispute))]
    [InlineData("charge.dispute.funds_withdrawn", StripeShapes.Dispute, typeof(ProviderEventSubject.Dispute))]
    [InlineData("payment_method.attached", StripeShapes.PaymentMethod, typeof(ProviderEventSubject.PaymentMethod))]
    [InlineData("payment_method.automatically_updated", StripeShapes.PaymentMethod, typeof(ProviderEventSubject.PaymentMethod))]
    [InlineData("customer.updated", StripeShapes.Customer, typeof(ProviderEventSubject.Customer))]
    [InlineData("payout.paid", StripeShapes.Payout, typeof(ProviderEventSubject.Payout))]
    public void Each_kind_of_news_is_about_something(string type, string about, Type subject)
    {
        Head(type, about).IsFollowed.ShouldBeTrue();
        Subject(type, about).ShouldBeOfType(subject);
    }

    [Fact]
    public void A_refunded_charge_tells_of_its_payment() =>
        Subject("charge.refunded", StripeShapes.Charge).ShouldBeOfType<ProviderEventSubject.Payment>().Value
            .ShouldSatisfyAllConditions(
                payment => (payment.Id, payment.Charge).ShouldBe(("pi_1", "ch_1")),
                payment => payment.RefundedMinor.ShouldBe(700));

    [Fact]
    public void A_deleted_customer_is_gone_though_its_object_does_not_say_so() =>
        Subject("customer.deleted", StripeShapes.Customer).ShouldBeOfType<ProviderEventSubject.Customer>()
            .Value.IsDeleted.ShouldBeTrue();

    [Fact]
    public void What_nobody_follows_is_about_nothing()
    {
        Head("product.created", """{"id":"prod_1","object":"product"}""").IsFollowed.ShouldBeFalse();
        Subject("product.created", """{"id":"prod_1","object":"product"}""").ShouldBeNull();
    }

    [Fact]
    public void News_in_an_unknown_form_is_unreadable()
    {
        var read = provider.ReadEvent(
            Encoding.UTF8.GetBytes(StripeShapes.Event("invoice.paid", """{"id":"in_1","object":"invoice"}""")), out var unreadable);

        read.ShouldBeNull();
        unreadable.ShouldBe("'customer' is missing in: invoice.");
    }

    public void Dispose() => provider.Dispose();

    private ProviderEventHead Head(string type, string about, string? before = null)
    {
        var body = Encoding.UTF8.GetBytes(StripeShapes.Event(type, about, before));
        return provider.ReadWebhook(body, StripeSignature.Make(body, "whsec_new", Now), Now)
            .ShouldBeOfType<WebhookReading.Genuine>().Head;
    }

    private ProviderEventSubject? Subject(string type, string about, string? before = null)
    {
        var read = provider.ReadEvent(Encoding.UTF8.GetBytes(StripeShapes.Event(type, about, before)), out var unreadable);
        unreadable.ShouldBeNull();
        return read.ShouldNotBeNull().Subject;
    }
}
