using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <summary>
/// Stripe's objects in the module's words. Reads the forms of the API version asked for and of older ones: webhooks come in
/// the version their endpoint was made with, whatever version calls ask for.
/// </summary>
internal static class StripeObjects
{
    public static ProviderCheckout Checkout(JsonElement session) => new(
        session.NeededText("id"),
        session.NeededText("mode") switch
        {
            "subscription" => CheckoutPurpose.Subscription,
            "payment" => CheckoutPurpose.Payment,
            "setup" => CheckoutPurpose.Setup,
            var mode => throw new UnreadableAnswerException($"A checkout's mode is '{mode}'."),
        },
        session.NeededText("status") switch
        {
            "open" => ProviderCheckoutStatus.Open,
            "complete" => ProviderCheckoutStatus.Complete,
            "expired" => ProviderCheckoutStatus.Expired,
            var status => throw new UnreadableAnswerException($"A checkout's status is '{status}'."),
        },
        session.Text("payment_status") is "paid" or "no_payment_required",
        session.Text("url"),
        session.NeededInstant("created"),
        session.NeededInstant("expires_at"),
        session.Id("customer"),
        session.Id("subscription"),
        session.Id("payment_intent"),
        session.Id("invoice"),
        session.Number("amount_total"),
        session.Currency(),
        session.Metadata());

    public static ProviderPortal Portal(JsonElement session) => new(session.NeededText("id"), session.NeededText("url"));

    public static ProviderPaymentLink PaymentLink(JsonElement link) =>
        new(link.NeededText("id"), link.NeededText("url"), link.Is("active"));

    public static ProviderPrice Price(JsonElement price) => new(price.NeededText("id"), price.NeededId("product"));

    public static ProviderCustomer Customer(JsonElement customer) => new(
        customer.NeededText("id"),
        customer.Text("email"),
        customer.Find("invoice_settings")?.Id("default_payment_method"),
        customer.Is("deleted"),
        customer.Metadata());

    public static ProviderPaymentMethod PaymentMethod(JsonElement method)
    {
        var type = method.NeededText("type");
        var details = method.Find(type);
        return new ProviderPaymentMethod(
            method.NeededText("id"),
            method.Id("customer"),
            type,
            details?.Text("display_brand") ?? details?.Text("brand"),
            details?.Text("last4"),
            details?.SmallNumber("exp_month"),
            details?.SmallNumber("exp_year"));
    }

    // Since 2025-03-31 a period belongs to each item; before, to the whole.
    public static ProviderSubscription Subscription(JsonElement subscription)
    {
        var items = subscription.Items("items").ToList();
        var periodStart = subscription.Instant("current_period_start")
            ?? items.Select(item => item.Instant("current_period_start")).Max();
        var periodEnd = subscription.Instant("current_period_end")
            ?? items.Select(item => item.Instant("current_period_end")).Min();
        var endsAt = subscription.Instant("cancel_at");
        return new ProviderSubscription(
            subscription.NeededText("id"),
            subscription.NeededId("customer"),
            subscription.NeededText("status"),
            subscription.NeededInstant("created"),
            periodStart,
            periodEnd,
            subscription.Instant("trial_end"),
            subscription.Is("cancel_at_period_end") || (endsAt is { } end && end <= periodEnd),
            subscription.Instant("canceled_at"),
            subscription.Instant("ended_at"),
            subscription.Find("pause_collection") is not null || subscription.Text("status") == "paused",
            subscription.Id("latest_invoice"),
            [.. items.Select(SubscriptionItem)],
            subscription.Metadata());
    }

    public static ProviderProration Proration(JsonElement preview, DateTimeOffset at)
    {
        var total = preview.NeededNumber("total");
        return new ProviderProration(
            total < 0 ? total : preview.Number("amount_due") ?? total,
            preview.NeededCurrency(),
            at,
            [.. preview.Items("lines").Select(line => (line.Text("description") ?? "", line.NeededNumber("amount")))]);
    }

    // Since 2025-03-31 an invoice's subscription stands under its parent, and its payments are a list that only answers
    // which were asked for it carry.
    public static ProviderInvoice Invoice(JsonElement invoice)
    {
        var ofSubscription = invoice.Find("parent", "subscription_details") ?? invoice.Find("subscription_details");
        return new ProviderInvoice(
            invoice.NeededText("id"),
            invoice.NeededId("customer"),
            invoice.Id("subscription") ?? ofSubscription?.Id("subscription"),
            invoice.Text("number"),
            invoice.Text("status") ?? "draft",
            invoice.NeededNumber("amount_due"),
            invoice.NeededNumber("amount_paid"),
            invoice.NeededNumber("amount_remaining"),
            invoice.NeededCurrency(),
            invoice.NeededInstant("created"),
            invoice.Instant("due_date"),
            invoice.Find("status_transitions")?.Instant("paid_at"),
            PaymentOf(invoice),
            invoice.Text("hosted_invoice_url"),
            invoice.Text("invoice_pdf"),
            Merged(ofSubscription?.Metadata(), invoice.Metadata()));
    }

    public static ProviderPayment Payment(JsonElement intent)
    {
        var charge = intent.Find("latest_charge");
        return new ProviderPayment(
            intent.NeededText("id"),
            charge?.OwnId(),
            intent.Id("customer"),
            intent.Id("invoice"),
            intent.NeededText("status") switch
            {
                "succeeded" => ProviderPaymentStatus.Succeeded,
                "requires_action" => ProviderPaymentStatus.ActionNeeded,
                "canceled" => ProviderPaymentStatus.Failed,
                "requires_payment_method" when intent.Find("last_payment_error") is not null => ProviderPaymentStatus.Failed,
                _ => ProviderPaymentStatus.Pending,
            },
            intent.NeededNumber("amount"),
            charge?.Number("amount_refunded") ?? 0,
            intent.NeededCurrency(),
            intent.Find("last_payment_error")?.Text("message"),
            charge?.Text("receipt_url"),
            intent.NeededInstant("created"),
            intent.Metadata());
    }

    /// <summary>The payment a charge belongs to, as far as the charge tells.</summary>
    public static ProviderPayment PaymentOfCharge(JsonElement charge) => new(
        charge.Id("payment_intent") ?? charge.NeededText("id"),
        charge.NeededText("id"),
        charge.Id("customer"),
        charge.Id("invoice"),
        charge.Text("status") switch
        {
            "succeeded" => ProviderPaymentStatus.Succeeded,
            "failed" => ProviderPaymentStatus.Failed,
            _ => ProviderPaymentStatus.Pending,
        },
        charge.NeededNumber("amount"),
        charge.Number("amount_refunded") ?? 0,
        charge.NeededCurrency(),
        charge.Text("failure_message"),
        charge.Text("receipt_url"),
        charge.NeededInstant("created"),
        charge.Metadata());

    public static ProviderRefund Refund(JsonElement refund) => new(
        refund.NeededText("id"),
        refund.Id("payment_intent"),
        refund.Id("charge"),
        refund.Text("status") switch
        {
            "succeeded" => ProviderRefundStatus.Succeeded,
            "failed" or "canceled" => ProviderRefundStatus.Failed,
            _ => ProviderRefundStatus.Pending,
        },
        refund.NeededNumber("amount"),
        refund.NeededCurrency(),
        refund.Text("failure_reason"),
        refund.Metadata());

    public static ProviderDispute Dispute(JsonElement dispute)
    {
        var moves = dispute.Items("balance_transactions").Select(move => move.Number("amount") ?? 0).ToList();
        return new ProviderDispute(
            dispute.NeededText("id"),
            dispute.Id("payment_intent"),
            dispute.Id("charge"),
            dispute.NeededText("status"),
            dispute.Text("reason") ?? "general",
            dispute.NeededNumber("amount"),
            dispute.NeededCurrency(),
            dispute.Find("evidence_details")?.Instant("due_by"),
            dispute.NeededInstant("created"),
            moves.Exists(amount => amount < 0),
            moves.Exists(amount => amount > 0));
    }

    public static ProviderBalanceMove BalanceMove(JsonElement move, string? payout) => new(
        move.NeededText("id"),
        KindOf(move),
        move.NeededNumber("amount"),
        move.Number("fee") ?? 0,
        move.NeededCurrency(),
        move.Id("source"),
        payout,
        move.NeededInstant("created"));

    public static ProviderPayout Payout(JsonElement payout) => new(
        payout.NeededText("id"),
        payout.NeededText("status"),
        payout.NeededNumber("amount"),
        payout.NeededCurrency(),
        payout.NeededInstant("arrival_date"),
        payout.NeededInstant("created"));

    private static ProviderSubscriptionItem SubscriptionItem(JsonElement item) => new(
        item.NeededText("id"), item.Id("price") ?? item.NeededId("plan"), item.SmallNumber("quantity"));

    private static string? PaymentOf(JsonElement invoice)
    {
        if (invoice.Id("payment_intent") is { } known)
        {
            return known;
        }

        var payments = invoice.Items("payments").ToList();
        var payment = payments
            .OrderByDescending(candidate => candidate.Text("status") == "paid")
            .ThenByDescending(candidate => candidate.Is("is_default"))
            .Select(candidate => candidate.Find("payment"))
            .FirstOrDefault();
        return payment?.Id("payment_intent") ?? payment?.Id("charge") ?? invoice.Id("charge");
    }

    // An invoice of a subscription carries the subscription's metadata of when it was made beside its own.
    private static IReadOnlyDictionary<string, string> Merged(
        IReadOnlyDictionary<string, string>? below, IReadOnlyDictionary<string, string> above)
    {
        if (below is null || below.Count == 0)
        {
            return above;
        }

        var merged = new Dictionary<string, string>(below, StringComparer.Ordinal);
        foreach (var (name, value) in above)
        {
            merged[name] = value;
        }

        return merged;
    }

    private static string KindOf(JsonElement move) => move.NeededText("type") switch
    {
        "charge" or "payment" => "charge",
        "refund" or "payment_refund" or "refund_failure" or "payment_failure_refund" => "refund",
        "adjustment" when move.Text("reporting_category") is { } category
            && category.StartsWith("dispute", StringComparison.Ordinal) => "dispute",
        "payment_reversal" => "dispute",
        "stripe_fee" or "stripe_fx_fee" or "tax_fee" => "fee",
        "payout" or "payout_cancel" or "payout_failure" => "payout",
        _ => "other",
    };
}
