namespace Quoin.Payments;

/// <summary>What a request asks a provider for; a client's key counts once per account and action.</summary>
public enum RequestAction
{
    /// <summary>A page to subscribe or to pay once.</summary>
    Checkout,

    /// <summary>The provider's own page.</summary>
    Portal,

    /// <summary>An address anybody can pay at.</summary>
    PaymentLink,

    /// <summary>A page to buy credit.</summary>
    TopUp,

    /// <summary>A page to leave a payment method.</summary>
    Setup,

    /// <summary>A charge without the customer.</summary>
    Charge,

    /// <summary>A change of the subscription: another plan, its end, a pause.</summary>
    SubscriptionChange,
}

/// <summary>How a request stands. All but pending are final.</summary>
public enum RequestStatus
{
    /// <summary>Being worked on, or its outcome at the provider is unknown.</summary>
    Pending,

    /// <summary>Done; its answer is kept.</summary>
    Succeeded,

    /// <summary>Refused; the code is kept.</summary>
    Failed,

    /// <summary>Its outcome was never learnt while that was safe to ask.</summary>
    Expired,
}

/// <summary>What a checkout is for.</summary>
public enum CheckoutFlow
{
    /// <summary>A subscription; it blocks others of its account.</summary>
    Subscription,

    /// <summary>One payment.</summary>
    OneOff,

    /// <summary>A payment method for later.</summary>
    Setup,
}

/// <summary>How a checkout stands.</summary>
public enum CheckoutStatus
{
    /// <summary>The customer may pay.</summary>
    Open,

    /// <summary>The customer is through; the subscription is not here yet.</summary>
    CompletedPendingSubscription,

    /// <summary>A hold: nobody knows whether the provider has a page somebody may still pay at.</summary>
    RecoveryVerificationPending,

    /// <summary>Paid, and what it made is here. Final.</summary>
    CompletedReconciled,

    /// <summary>Nobody paid in time. Final.</summary>
    Expired,

    /// <summary>Given up. Final.</summary>
    Abandoned,
}

/// <summary>How a subscription stands, whatever the provider calls it.</summary>
public enum SubscriptionStatus
{
    /// <summary>Its first payment is outstanding; also what this release does not know, to be on the safe side.</summary>
    Incomplete,

    /// <summary>In its trial.</summary>
    Trialing,

    /// <summary>Paid.</summary>
    Active,

    /// <summary>A payment failed and is tried again.</summary>
    PastDue,

    /// <summary>Collection pauses.</summary>
    Paused,

    /// <summary>All tries failed.</summary>
    Unpaid,

    /// <summary>Ended. Final.</summary>
    Canceled,

    /// <summary>Ended before it was ever paid. Final.</summary>
    IncompleteExpired,
}

/// <summary>Which part of a plan a price pays.</summary>
public enum PriceComponent
{
    /// <summary>The plan itself.</summary>
    Base,

    /// <summary>A seat.</summary>
    Seat,

    /// <summary>What is used.</summary>
    Metered,

    /// <summary>An extra.</summary>
    AddOn,
}

/// <summary>Whether a price is for a number of things or for what is used.</summary>
public enum PriceUsage
{
    /// <summary>For a number of things.</summary>
    Licensed,

    /// <summary>For what is used.</summary>
    Metered,
}

/// <summary>The unit of a recurring price's interval.</summary>
public enum PriceInterval
{
    /// <summary>A day.</summary>
    Day,

    /// <summary>A week.</summary>
    Week,

    /// <summary>A month.</summary>
    Month,

    /// <summary>A year.</summary>
    Year,
}

/// <summary>What a payment was for.</summary>
public enum PaymentKind
{
    /// <summary>An invoice of a subscription or a one-off.</summary>
    Invoice,

    /// <summary>A checkout.</summary>
    Checkout,

    /// <summary>A charge without the customer.</summary>
    Charge,

    /// <summary>A payment link.</summary>
    Link,
}
