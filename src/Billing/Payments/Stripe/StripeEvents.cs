using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <summary>Reads the news Stripe sends.</summary>
internal static class StripeEvents
{
    /// <summary>What an event says; the caller knows that Stripe sent it.</summary>
    public static WebhookReading Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            // The document is not disposed: what was read of it holds strings of its own, and pooling is not worth the risk.
            var root = JsonSerializer.Deserialize<JsonElement>(body.Span);
            return root.Text("object") == "event"
                ? new WebhookReading.Genuine(Event(root))
                : new WebhookReading.Unreadable("It is no event.");
        }
        catch (JsonException failure)
        {
            return new WebhookReading.Unreadable($"It is no JSON: {failure.Message}");
        }
        catch (UnreadableAnswerException failure)
        {
            return new WebhookReading.Unreadable(failure.Message);
        }
    }

    private static ProviderEvent Event(JsonElement root)
    {
        var type = root.NeededText("type");
        return new ProviderEvent(
            root.NeededText("id"),
            type,
            root.NeededInstant("created"),
            root.Is("livemode"),
            root.Find("data", "object") is { ValueKind: JsonValueKind.Object } about
                ? Subject(type, about, root.Find("data", "previous_attributes"))
                : throw new UnreadableAnswerException("The event is about nothing."));
    }

    private static ProviderEventSubject? Subject(string type, JsonElement about, JsonElement? before) => type switch
    {
        "checkout.session.completed" or "checkout.session.async_payment_succeeded"
            or "checkout.session.async_payment_failed" or "checkout.session.expired" =>
            new ProviderEventSubject.Checkout(StripeObjects.Checkout(about)),
        "customer.subscription.created" or "customer.subscription.updated" or "customer.subscription.deleted"
            or "customer.subscription.paused" or "customer.subscription.resumed" =>
            new ProviderEventSubject.Subscription(StripeObjects.Subscription(about)),
        "invoice.finalized" or "invoice.paid" or "invoice.payment_failed" or "invoice.voided"
            or "invoice.marked_uncollectible" =>
            new ProviderEventSubject.Invoice(StripeObjects.Invoice(about)),
        "payment_intent.succeeded" or "payment_intent.payment_failed" or "payment_intent.requires_action"
            or "payment_intent.canceled" =>
            new ProviderEventSubject.Payment(StripeObjects.Payment(about)),
        "charge.refunded" => new ProviderEventSubject.Payment(StripeObjects.PaymentOfCharge(about)),
        "refund.created" or "refund.updated" or "refund.failed" or "charge.refund.updated" =>
            new ProviderEventSubject.Refund(StripeObjects.Refund(about)),
        "charge.dispute.created" or "charge.dispute.updated" or "charge.dispute.closed"
            or "charge.dispute.funds_withdrawn" or "charge.dispute.funds_reinstated" =>
            new ProviderEventSubject.Dispute(StripeObjects.Dispute(about)),
        "payment_method.attached" or "payment_method.updated" or "payment_method.automatically_updated" =>
            Method(StripeObjects.PaymentMethod(about), before, isDetached: false),
        "payment_method.detached" => Method(StripeObjects.PaymentMethod(about), before, isDetached: true),
        "customer.updated" => new ProviderEventSubject.Customer(StripeObjects.Customer(about)),
        "customer.deleted" => new ProviderEventSubject.Customer(StripeObjects.Customer(about) with { IsDeleted = true }),
        "payout.created" or "payout.updated" or "payout.paid" or "payout.failed" or "payout.canceled" =>
            new ProviderEventSubject.Payout(StripeObjects.Payout(about)),
        _ => null,
    };

    // A detached method no longer names its customer; the event's earlier values do.
    private static ProviderEventSubject.PaymentMethod Method(
        ProviderPaymentMethod method, JsonElement? before, bool isDetached) =>
        new(method, isDetached, method.Customer ?? before?.Id("customer"));
}
