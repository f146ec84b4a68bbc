using Quoin.Payments;
using Shouldly;
using Xunit;

namespace Quoin.Tests.Unit.Billing.Payments.Stripe;

/// <summary>Stripe's objects, of the newest API version and of older ones, in the module's words.</summary>
public sealed class ReadingObjects
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_checkout_names_what_it_made_by_id_or_whole()
    {
        var checkout = await Read(StripeShapes.Checkout, provider => provider.Checkout("cs_1", Never));

        checkout.ShouldSatisfyAllConditions(
            () => checkout.Purpose.ShouldBe(CheckoutPurpose.Subscription),
            () => checkout.Status.ShouldBe(ProviderCheckoutStatus.Complete),
            () => checkout.IsPaid.ShouldBeTrue(),
            () => checkout.Url.ShouldBeNull(),
            () => checkout.CreatedAt.ShouldBe(Start),
            () => checkout.ExpiresAt.ShouldBe(Start.AddDays(1)),
            () => (checkout.Customer, checkout.Subscription, checkout.Payment, checkout.Invoice)
                .ShouldBe(("cus_1", "sub_1", null, "in_1")),
            () => (checkout.AmountMinor, checkout.Currency).ShouldBe((2000, "USD")),
            () => checkout.Metadata["operation_key"].ShouldBe("op1"));
    }

    [Theory]
    [InlineData(StripeShapes.Subscription, false)]
    [InlineData(StripeShapes.OldSubscription, true)]
    public async Task A_period_stands_on_the_items_or_on_the_whole(string shape, bool ends)
    {
        var subscription = await Read(shape, provider => provider.Subscription("sub_1", Never));

        subscription.PeriodStart.ShouldBe(Start);
        subscription.PeriodEnd.ShouldBe(Start.AddDays(31));
        subscription.EndsWithPeriod.ShouldBe(ends);
        subscription.LatestInvoice.ShouldBe("in_1");
        subscription.Items.ShouldBe([new ProviderSubscriptionItem("si_1", "price_1", 1)]);
    }

    [Theory]
    [InlineData("\"cancel_at\":null", "\"cancel_at\":1769904000", true, false)]
    [InlineData("\"cancel_at\":null", "\"cancel_at\":1969904000", false, false)]
    [InlineData("\"pause_collection\":null", "\"pause_collection\":{\"behavior\":\"void\"}", false, true)]
    [InlineData("\"status\":\"active\"", "\"status\":\"paused\"", false, true)]
    public async Task Ending_and_pausing_have_two_forms_each(string from, string to, bool ends, bool pauses)
    {
        var shape = StripeShapes.Subscription.Replace(from, to, StringComparison.Ordinal);

        var subscription = await Read(shape, provider => provider.Subscription("sub_1", Never));

        (subscription.EndsWithPeriod, subscription.IsPaused).ShouldBe((ends, pauses));
    }

    [Fact]
    public async Task An_invoice_stands_under_its_parent_and_names_the_payment_that_paid()
    {
        var invoice = await Read(StripeShapes.Invoice, provider => provider.Invoice("in_1", Never));

        invoice.Subscription.ShouldBe("sub_1");
        invoice.Payment.ShouldBe("pi_1");
        invoice.PaidAt.ShouldBe(Start.AddSeconds(2));
        (invoice.DueMinor, invoice.PaidMinor, invoice.RemainingMinor).ShouldBe((2000, 2000, 0));
        (invoice.Metadata["operation_key"], invoice.Metadata["own"]).ShouldBe(("op1", "yes"));
    }

    [Fact]
    public async Task An_invoice_of_an_older_version_says_the_same()
    {
        var invoice = await Read(StripeShapes.OldInvoice, provider => provider.Invoice("in_1", Never));

        (invoice.Subscription, invoice.Payment, invoice.Status).ShouldBe(("sub_1", "pi_1", "open"));
        (invoice.PaidAt, invoice.DueAt).ShouldBe((null, Start.AddDays(1)));
        invoice.Metadata["operation_key"].ShouldBe("op1");
    }

    [Fact]
    public async Task A_payment_is_asked_for_its_invoice_since_it_no_longer_names_it()
    {
        await using var stripe = await LoopbackStripe.Start();
        stripe.Then(200, StripeShapes.Payment);
        using var provider = stripe.Then(200, """{"object":"list","data":[{"id":"inpay_1","invoice":"in_1"}]}""").Provider();

        var payment = Value(await provider.Payment("pi_1", Never));

        (payment.Charge, payment.Invoice, payment.RefundedMinor, payment.ReceiptUrl)
            .ShouldBe(("ch_1", "in_1", 500, "https://r/1"));
        payment.Status.ShouldBe(ProviderPaymentStatus.Succeeded);
        stripe.Requests[1].Query.ShouldBe("?payment[type]=payment_intent&payment[payment_intent]=pi_1&limit=1");
    }

    [Theory]
    [InlineData("succeeded", "null", ProviderPaymentStatus.Succeeded)]
    [InlineData("processing", "null", ProviderPaymentStatus.Pending)]
    [InlineData("requires_action", "null", ProviderPaymentStatus.ActionNeeded)]
    [InlineData("requires_payment_method", "null", ProviderPaymentStatus.Pending)]
    [InlineData("requires_payment_method", "{\"message\":\"Declined.\"}", ProviderPaymentStatus.Failed)]
    [InlineData("canceled", "null", ProviderPaymentStatus.Failed)]
    public async Task A_payment_stands_as_it_says(string status, string error, ProviderPaymentStatus expected)
    {
        var shape = StripeShapes.Payment
            .Replace("\"succeeded\"", $"\"{status}\"", StringComparison.Ordinal)
            .Replace("\"last_payment_error\":null", $"\"last_payment_error\":{error}", StringComparison.Ordinal);

        var payment = await Read(
            shape,
            provider => provider.Charge(new("cus_1", "pm_1", "USD", 1, "Credit", new Dictionary<string, string>()), "key-1", Never));

        payment.Status.ShouldBe(expected);
    }

    [Fact]
    public async Task A_dispute_says_which_way_the_money_went()
    {
        var dispute = await Read(StripeShapes.Dispute, provider => provider.Dispute("du_1", Never));

        (dispute.IsWithdrawn, dispute.IsReinstated, dispute.Reason).ShouldBe((true, true, "fraudulent"));
        dispute.EvidenceDueAt.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1768000000));
    }

    [Fact]
    public async Task A_refund_on_its_way_is_pending()
    {
        var refund = await Read(StripeShapes.Refund, provider => provider.FindRefund("re_1", Never));

        (refund.Status, refund.Payment, refund.AmountMinor).ShouldBe((ProviderRefundStatus.Pending, "pi_1", 700));
    }

    [Fact]
    public async Task A_deleted_customer_says_so()
    {
        var gone = await Read(
            """{"id":"cus_1","object":"customer","deleted":true}""", provider => provider.Customer("cus_1", Never));
        var there = await Read(StripeShapes.Customer, provider => provider.Customer("cus_1", Never));

        (gone.IsDeleted, gone.DefaultPaymentMethod).ShouldBe((true, null));
        (there.IsDeleted, there.DefaultPaymentMethod, there.Email).ShouldBe((false, "pm_1", "a@example.com"));
    }

    [Fact]
    public async Task A_change_that_gives_back_comes_to_less_than_nothing()
    {
        await using var stripe = await LoopbackStripe.Start();
        stripe.Then(200, StripeShapes.Subscription);
        using var provider = stripe.Then(
            200,
            """
            {"object":"invoice","amount_due":0,"total":-500,"currency":"usd","lines":{"object":"list","data":[
            {"amount":-1500,"description":"Unused time"},{"amount":1000,"description":"Remaining time"}]}}
            """).Provider();

        var preview = Value(await provider.PreviewChange(
            "sub_1", new("price_2", ProratesNow: true, null, null, Start), Never));

        (preview.AmountMinor, preview.Currency, preview.At).ShouldBe((-500, "USD", Start));
        preview.Lines.ShouldBe([("Unused time", -1500L), ("Remaining time", 1000L)]);
    }

    [Theory]
    [InlineData("charge", "charge", "charge")]
    [InlineData("payment", "charge", "charge")]
    [InlineData("refund_failure", "refund_failure", "refund")]
    [InlineData("adjustment", "dispute_reversal", "dispute")]
    [InlineData("adjustment", "other_adjustment", "other")]
    [InlineData("stripe_fee", "fee", "fee")]
    [InlineData("payout", "payout", "payout")]
    public async Task A_move_of_the_balance_has_its_kind(string type, string category, string kind)
    {
        var move = $$"""
            {"object":"list","data":[{"id":"txn_2","amount":1,"created":1767225601,"currency":"usd","fee":0,"source":"x",
            "type":"{{type}}","reporting_category":"{{category}}"},{"id":"txn_1","amount":2,"created":1767225600,"currency":"usd",
            "fee":1,"source":{"id":"y"},"type":"topup"}],"has_more":false}
            """;

        var moves = await Read(move, provider => provider.BalanceMoves(Start, "po_1", Never));

        moves.Items.Select(item => (item.Id, item.Kind, item.Source, item.Payout))
            .ShouldBe([("txn_1", "other", "y", "po_1"), ("txn_2", kind, "x", "po_1")]);
    }

    private static async Task<T> Read<T>(
        string answer, Func<Quoin.Payments.Stripe.StripeProvider, Task<ProviderOutcome<T>>> call)
    {
        await using var stripe = await LoopbackStripe.Start();
        using var provider = stripe.Then(200, answer).Provider();
        return Value(await call(provider));
    }

    private static T Value<T>(ProviderOutcome<T> outcome) => outcome.ShouldBeOfType<ProviderOutcome<T>.Done>().Value;
}
