namespace Quoin.Payments;

/// <summary>What a call at the webhook's door turned out to be.</summary>
public abstract record WebhookReading
{
    private WebhookReading()
    {
    }

    /// <summary>The provider sent it.</summary>
    /// <param name="Head">Whose and what it is; the rest is read when it is processed.</param>
    public sealed record Genuine(ProviderEventHead Head) : WebhookReading;

    /// <summary>It carries no signature.</summary>
    public sealed record Unsigned : WebhookReading;

    /// <summary>No secret made this signature over these bytes, or it is too old.</summary>
    /// <param name="Reason">For the operator's log; the sender learns nothing of it.</param>
    public sealed record Forged(string Reason) : WebhookReading;

    /// <summary>The provider sent it, and it cannot be understood.</summary>
    /// <param name="Reason">What is wrong with it.</param>
    public sealed record Unreadable(string Reason) : WebhookReading;
}

/// <summary>
/// What the door reads of an event before it is stored: found by skipping through the bytes, without making the object.
/// </summary>
/// <param name="Id">The provider's id; the same for every delivery of it.</param>
/// <param name="Type">The provider's word for what happened.</param>
/// <param name="CreatedAt">When it happened, as the provider says: whole seconds.</param>
/// <param name="IsLive">Whether real money moves.</param>
/// <param name="IsFollowed">Whether this module does anything with events of this type; others are not kept.</param>
/// <param name="Object">The provider's id of what it is about; null where it names none.</param>
/// <param name="Customer">The provider's customer it concerns; the object itself when that is one; null unknown.</param>
public sealed record ProviderEventHead(
    string Id, string Type, DateTimeOffset CreatedAt, bool IsLive, bool IsFollowed, string? Object, string? Customer);

/// <summary>News of the provider.</summary>
/// <param name="Id">The provider's id; the same for every delivery of it.</param>
/// <param name="Type">The provider's word for what happened.</param>
/// <param name="CreatedAt">When it happened, as the provider says: whole seconds, so ties are common.</param>
/// <param name="IsLive">Whether real money moves.</param>
/// <param name="Subject">What it is about, as it was then; null for what this module does not follow.</param>
public sealed record ProviderEvent(string Id, string Type, DateTimeOffset CreatedAt, bool IsLive, ProviderEventSubject? Subject);

/// <summary>What an event is about, in the module's words: each is one row of the ownership table.</summary>
public abstract record ProviderEventSubject
{
    private ProviderEventSubject()
    {
    }

    /// <summary>A checkout was finished, paid later, failed later, or ended.</summary>
    public sealed record Checkout(ProviderCheckout Value) : ProviderEventSubject;

    /// <summary>A subscription was made, changed or ended.</summary>
    public sealed record Subscription(ProviderSubscription Value) : ProviderEventSubject;

    /// <summary>An invoice was finalised, paid, failed, voided or given up.</summary>
    public sealed record Invoice(ProviderInvoice Value) : ProviderEventSubject;

    /// <summary>A payment succeeded, failed or needs the customer.</summary>
    public sealed record Payment(ProviderPayment Value) : ProviderEventSubject;

    /// <summary>A payment method came, changed or went.</summary>
    /// <param name="Value">As it is now.</param>
    /// <param name="IsDetached">Whether it went.</param>
    /// <param name="Owner">The provider's customer whose it is, or was.</param>
    public sealed record PaymentMethod(ProviderPaymentMethod Value, bool IsDetached, string? Owner) : ProviderEventSubject;

    /// <summary>A customer changed, such as its default method, or went.</summary>
    public sealed record Customer(ProviderCustomer Value) : ProviderEventSubject;

    /// <summary>A refund was made, changed or failed.</summary>
    public sealed record Refund(ProviderRefund Value) : ProviderEventSubject;

    /// <summary>A dispute was opened, changed, moved money or was closed.</summary>
    public sealed record Dispute(ProviderDispute Value) : ProviderEventSubject;

    /// <summary>A payout was made, arrived or failed.</summary>
    public sealed record Payout(ProviderPayout Value) : ProviderEventSubject;
}
