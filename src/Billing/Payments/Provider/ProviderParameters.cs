namespace Quoin.Payments;

/// <summary>What a checkout is for.</summary>
public enum CheckoutPurpose
{
    /// <summary>To begin a subscription.</summary>
    Subscription,

    /// <summary>To pay once: credit, or a one-off item.</summary>
    Payment,

    /// <summary>To leave a payment method for later.</summary>
    Setup,
}

/// <summary>One thing that is sold.</summary>
/// <param name="Price">The provider's price; null when the item says its own amount.</param>
/// <param name="Name">What the customer reads; null with a price.</param>
/// <param name="AmountMinor">In minor units of the currency; null with a price.</param>
/// <param name="Quantity">How many; null for a metered price.</param>
public sealed record CheckoutItem(string? Price, string? Name, long? AmountMinor, int? Quantity);

/// <summary>What a checkout is made of; frozen before it is sent.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="Currency">Lower or upper case as the module writes it, <c>USD</c>.</param>
/// <param name="Items">What is sold; none for a set-up.</param>
/// <param name="Customer">The provider's customer; null makes one.</param>
/// <param name="Email">Fills the page's field when there is no customer.</param>
/// <param name="Reference">The billing account, for people who look at the provider's pages.</param>
/// <param name="SuccessUrl">Where the customer goes after paying.</param>
/// <param name="CancelUrl">Where the customer goes after giving up.</param>
/// <param name="ExpiresAt">When the page ends; whole seconds.</param>
/// <param name="TrialDays">Days of the subscription that cost nothing; 0 none.</param>
/// <param name="Metadata">Stands on the checkout and on what it makes: subscription, payment, invoice.</param>
public sealed record CheckoutParameters(
    CheckoutPurpose Purpose,
    string Currency,
    IReadOnlyList<CheckoutItem> Items,
    string? Customer,
    string? Email,
    string Reference,
    string SuccessUrl,
    string CancelUrl,
    DateTimeOffset ExpiresAt,
    int TrialDays,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>What a visit of the provider's own page is made of.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="ReturnUrl">Where the customer goes afterwards.</param>
public sealed record PortalParameters(string Customer, string ReturnUrl);

/// <summary>What a payment link is made of.</summary>
/// <param name="Prices">The provider's prices, each with how many.</param>
/// <param name="SuccessUrl">Where the payer goes after paying.</param>
/// <param name="Metadata">Stands on the link and on what it makes.</param>
public sealed record PaymentLinkParameters(
    IReadOnlyList<(string Price, int Quantity)> Prices, string SuccessUrl, IReadOnlyDictionary<string, string> Metadata);

/// <summary>What a price is made of.</summary>
/// <param name="Product">The provider's product; null makes one named <paramref name="Name"/>.</param>
/// <param name="Name">What customers read.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="AmountMinor">In minor units.</param>
/// <param name="Interval"><c>day</c>, <c>week</c>, <c>month</c> or <c>year</c>; null is paid once.</param>
/// <param name="IntervalCount">How many of them.</param>
/// <param name="Metadata">Stands on price and product.</param>
public sealed record PriceParameters(
    string? Product,
    string Name,
    string Currency,
    long AmountMinor,
    string? Interval,
    int IntervalCount,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>What a customer is made of.</summary>
/// <param name="Email">Where the provider sends receipts; null none.</param>
/// <param name="Name">Of the organisation or account.</param>
/// <param name="Metadata">Names the billing account.</param>
public sealed record CustomerParameters(string? Email, string Name, IReadOnlyDictionary<string, string> Metadata);

/// <summary>What is changed of a subscription; null leaves a thing as it is.</summary>
/// <param name="Price">The provider's price of the base item.</param>
/// <param name="ProratesNow">Whether the difference is charged at once.</param>
/// <param name="EndsWithPeriod">Whether it ends when its paid period does.</param>
/// <param name="IsPaused">Whether collection pauses.</param>
/// <param name="ProrationAt">The instant differences are counted from, as a preview said.</param>
public sealed record SubscriptionChange(
    string? Price, bool ProratesNow, bool? EndsWithPeriod, bool? IsPaused, DateTimeOffset? ProrationAt)
{
    /// <summary>Whether another price makes a difference for the period that is paid; without, it counts from the next.</summary>
    public bool Prorates { get; init; } = true;
}

/// <summary>What a charge without the customer is made of.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Method">With what.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="AmountMinor">In minor units.</param>
/// <param name="Description">What the customer reads on the receipt.</param>
/// <param name="Metadata">Stands on the payment.</param>
public sealed record ChargeParameters(
    string Customer,
    string Method,
    string Currency,
    long AmountMinor,
    string Description,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>What a refund is made of.</summary>
/// <param name="Payment">The provider's payment.</param>
/// <param name="AmountMinor">In minor units of the payment's currency.</param>
/// <param name="Reason"><c>duplicate</c>, <c>fraudulent</c> or <c>requested_by_customer</c>; null none.</param>
/// <param name="Metadata">Stands on the refund.</param>
public sealed record RefundParameters(
    string Payment, long AmountMinor, string? Reason, IReadOnlyDictionary<string, string> Metadata);

/// <summary>What speaks against a dispute.</summary>
/// <param name="Explanation">In words.</param>
/// <param name="Files">Names and bytes; the adapter uploads them first.</param>
/// <param name="CustomerName">Null none.</param>
/// <param name="CustomerEmail">Null none.</param>
/// <param name="Submit">Whether it is sent to the bank now, once and finally, or only kept.</param>
public sealed record EvidenceParameters(
    string Explanation,
    IReadOnlyList<(string Name, string ContentType, ReadOnlyMemory<byte> Bytes)> Files,
    string? CustomerName,
    string? CustomerEmail,
    bool Submit);
