using System.Collections.Frozen;
using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <summary>Reads the news Stripe sends.</summary>
internal static class StripeEvents
{
    private static readonly FrozenSet<string> Followed =
    [
        "checkout.session.completed", "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed", "checkout.session.expired",
        "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
        "customer.subscription.paused", "customer.subscription.resumed",
        "invoice.finalized", "invoice.paid", "invoice.payment_failed", "invoice.voided", "invoice.marked_uncollectible",
        "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.requires_action",
        "payment_intent.canceled", "charge.refunded",
        "refund.created", "refund.updated", "refund.failed", "charge.refund.updated",
        "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
        "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
        "payment_method.attached", "payment_method.updated", "payment_method.automatically_updated",
        "payment_method.detached", "customer.updated", "customer.deleted",
        "payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled",
    ];

    /// <summary>Whether anything is done with events of a type.</summary>
    public static bool IsFollowed(string type) => Followed.Contains(type);

    /// <summary>What an event says; the caller knows that Stripe sent it.</summary>
    /// <param name="body">The bytes as they came.</param>
    /// <param name="unreadable">Why it cannot be understood; null when it can.</param>
    public static ProviderEvent? Read(ReadOnlyMemory<byte> body, out string? unreadable)
    {
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(body.Span);
            unreadable = root.Text("object") == "event" ? null : "It is no event.";
            return unreadable is null ? Event(root) : null;
        }
        catch (Exception failure) when (StripeJson.IsUnreadable(failure))
        {
            unreadable = failure.Message;
            return null;
        }
    }

    /// <summary>What the door needs to know of an event that Stripe sent.</summary>
    public static WebhookReading ReadHead(ReadOnlySpan<byte> body)
    {
        try
        {
            return new WebhookReading.Genuine(StripeEventHead.Read(body));
        }
        catch (Exception failure) when (StripeJson.IsUnreadable(failure))
        {
            return new WebhookReading.Unreadable(failure.Message);
        }
    }

    private static ProviderEvent Event(JsonElement root)
    {
        var type = root.NeededText("type");
        var about = root.Find("data", "object") is { ValueKind: JsonValueKind.Object } found
            ? found
            : throw new UnreadableAnswerException("The event is about nothing.");
        return new ProviderEvent(
            root.NeededText("id"),
            type,
            root.NeededInstant("created"),
            root.Is("livemode"),
            IsFollowed(type) ? Subject(type, about, root.Find("data", "previous_attributes")) : null);
    }

    private static ProviderEventSubject? Subject(string type, JsonElement about, JsonElement? before) => type switch
    {
        "customer.deleted" => new ProviderEventSubject.Customer(StripeObjects.Customer(about) with { IsDeleted = true }),
        "customer.updated" => new ProviderEventSubject.Customer(StripeObjects.Customer(about)),
        "charge.refunded" => new ProviderEventSubject.Payment(StripeObjects.PaymentOfCharge(about)),
        "charge.refund.updated" => new ProviderEventSubject.Refund(StripeObjects.Refund(about)),
        "payment_method.detached" => Method(StripeObjects.PaymentMethod(about), before, isDetached: true),
        _ => Family(type) switch
        {
            "checkout.session" => new ProviderEventSubject.Checkout(StripeObjects.Checkout(about)),
            "customer.subscription" => new ProviderEventSubject.Subscription(StripeObjects.Subscription(about)),
            "invoice" => new ProviderEventSubject.Invoice(StripeObjects.Invoice(about)),
            "payment_intent" => new ProviderEventSubject.Payment(StripeObjects.Payment(about)),
            "refund" => new ProviderEventSubject.Refund(StripeObjects.Refund(about)),
            "charge.dispute" => new ProviderEventSubject.Dispute(StripeObjects.Dispute(about)),
            "payment_method" => Method(StripeObjects.PaymentMethod(about), before, isDetached: false),
            "payout" => new ProviderEventSubject.Payout(StripeObjects.Payout(about)),
            _ => null,
        },
    };

    private static string Family(string type) => type[..type.LastIndexOf('.')];

    // A detached method no longer names its customer; the event's earlier values do.
    private static ProviderEventSubject.PaymentMethod Method(
        ProviderPaymentMethod method, JsonElement? before, bool isDetached) =>
        new(method, isDetached, method.Customer ?? before?.Id("customer"));
}
