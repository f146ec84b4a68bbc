using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments;

/// <summary>A customer went through a checkout.</summary>
/// <param name="BillingAccount">Who buys.</param>
/// <param name="Checkout">Which.</param>
/// <param name="Flow">What it is for.</param>
/// <param name="Status">How it stands now.</param>
/// <param name="Purpose">What it was opened for, as its metadata say; null unknown.</param>
/// <param name="At">When.</param>
public sealed record CheckoutCompleted(
    BillingAccountId BillingAccount,
    CheckoutId Checkout,
    CheckoutFlow Flow,
    CheckoutStatus Status,
    string? Purpose,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.checkout_completed";
}

/// <summary>A subscription came, changed or ended, or another one became the account's current one.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Subscription">Which.</param>
/// <param name="Plan">The version of the plan it pays; null unknown.</param>
/// <param name="Before">How it stood; null for a new one.</param>
/// <param name="Status">How it stands.</param>
/// <param name="IsCurrent">Whether it is the account's current one.</param>
/// <param name="PeriodEnd">Until when it is paid.</param>
/// <param name="EndsWithPeriod">Whether it ends then.</param>
/// <param name="At">When.</param>
public sealed record SubscriptionChanged(
    BillingAccountId BillingAccount,
    SubscriptionId Subscription,
    PlanVersionId? Plan,
    SubscriptionStatus? Before,
    SubscriptionStatus Status,
    bool IsCurrent,
    DateTimeOffset? PeriodEnd,
    bool EndsWithPeriod,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.subscription_changed";
}

/// <summary>Money came.</summary>
/// <param name="BillingAccount">From whom.</param>
/// <param name="Payment">Which payment.</param>
/// <param name="AmountMinor">How much, in minor units.</param>
/// <param name="Currency">Of which currency.</param>
/// <param name="Kind">What it was for.</param>
/// <param name="At">When.</param>
public sealed record PaymentSucceeded(
    BillingAccountId BillingAccount,
    PaymentId Payment,
    long AmountMinor,
    Currency Currency,
    PaymentKind Kind,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.payment_succeeded";
}

/// <summary>Money did not come.</summary>
/// <param name="BillingAccount">From whom.</param>
/// <param name="Payment">Which payment.</param>
/// <param name="AmountMinor">How much, in minor units.</param>
/// <param name="Currency">Of which currency.</param>
/// <param name="Kind">What it was for.</param>
/// <param name="Reason">Why, for people; null unknown.</param>
/// <param name="At">When.</param>
public sealed record PaymentFailed(
    BillingAccountId BillingAccount,
    PaymentId Payment,
    long AmountMinor,
    Currency Currency,
    PaymentKind Kind,
    string? Reason,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.payment_failed";
}

/// <summary>A second subscription of an account was ended; what was paid for it must be looked at.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="ProviderSubscription">The provider's id of it.</param>
/// <param name="LatestInvoice">The provider's newest invoice of it; null none.</param>
/// <param name="At">When.</param>
public sealed record DuplicateCanceled(
    BillingAccountId BillingAccount, string ProviderSubscription, string? LatestInvoice, DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.duplicate_canceled";
}
