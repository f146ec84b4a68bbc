namespace Quoin.Payments;

/// <summary>Some of what was asked for, or all of it.</summary>
/// <param name="Items">In the order the call states.</param>
/// <param name="IsWhole">Whether there is no more: what is missing from a part is not gone.</param>
public sealed record ProviderList<TItem>(IReadOnlyList<TItem> Items, bool IsWhole);

/// <summary>How a checkout stands at the provider.</summary>
public enum ProviderCheckoutStatus
{
    /// <summary>The customer may still pay.</summary>
    Open,

    /// <summary>The customer is through; payment may still be on its way.</summary>
    Complete,

    /// <summary>Nobody can pay there any more.</summary>
    Expired,
}

/// <summary>A checkout at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Status">How it stands.</param>
/// <param name="IsPaid">Whether the money is there, or none is due.</param>
/// <param name="Url">The page; null when there is none any more.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Customer">The provider's customer.</param>
/// <param name="Subscription">The provider's subscription it made.</param>
/// <param name="Payment">The provider's payment it made.</param>
/// <param name="Invoice">The provider's invoice it made.</param>
/// <param name="AmountMinor">What it comes to; null for a set-up.</param>
/// <param name="Currency">Upper case; null for a set-up.</param>
/// <param name="Metadata">As frozen.</param>
public sealed record ProviderCheckout(
    string Id,
    CheckoutPurpose Purpose,
    ProviderCheckoutStatus Status,
    bool IsPaid,
    string? Url,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    string? Customer,
    string? Subscription,
    string? Payment,
    string? Invoice,
    long? AmountMinor,
    string? Currency,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>A visit of the provider's own page.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Url">Its address, for one visit.</param>
public sealed record ProviderPortal(string Id, string Url);

/// <summary>A payment link at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Url">Its address.</param>
/// <param name="IsActive">Whether it can still be used.</param>
public sealed record ProviderPaymentLink(string Id, string Url, bool IsActive);

/// <summary>A price at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Product">The provider's product.</param>
public sealed record ProviderPrice(string Id, string Product);

/// <summary>A customer at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Email">Where it sends receipts.</param>
/// <param name="DefaultPaymentMethod">What later payments use.</param>
/// <param name="IsDeleted">Whether it is gone.</param>
/// <param name="Metadata">Names the billing account.</param>
public sealed record ProviderCustomer(
    string Id,
    string? Email,
    string? DefaultPaymentMethod,
    bool IsDeleted,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>A payment method at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Customer">Whose; null when it was taken away.</param>
/// <param name="Type"><c>card</c> and others.</param>
/// <param name="Brand">Of a card.</param>
/// <param name="Last4">The last four digits.</param>
/// <param name="ExpiryMonth">1 to 12.</param>
/// <param name="ExpiryYear">Four digits.</param>
public sealed record ProviderPaymentMethod(
    string Id, string? Customer, string Type, string? Brand, string? Last4, int? ExpiryMonth, int? ExpiryYear);

/// <summary>A subscription at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Customer">Whose.</param>
/// <param name="Status">The provider's word; the module maps it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="PeriodStart">The paid period's start.</param>
/// <param name="PeriodEnd">The paid period's end.</param>
/// <param name="TrialEnd">When its trial ends; null none.</param>
/// <param name="EndsWithPeriod">Whether it ends when its period does.</param>
/// <param name="CanceledAt">When it was asked to end.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="IsPaused">Whether collection pauses.</param>
/// <param name="LatestInvoice">The provider's newest invoice of it.</param>
/// <param name="Items">What it is made of.</param>
/// <param name="Metadata">As frozen at its checkout.</param>
public sealed record ProviderSubscription(
    string Id,
    string Customer,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    DateTimeOffset? TrialEnd,
    bool EndsWithPeriod,
    DateTimeOffset? CanceledAt,
    DateTimeOffset? EndedAt,
    bool IsPaused,
    string? LatestInvoice,
    IReadOnlyList<ProviderSubscriptionItem> Items,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>A part of a subscription.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Price">The provider's price.</param>
/// <param name="Quantity">How many; null for metered.</param>
public sealed record ProviderSubscriptionItem(string Id, string Price, int? Quantity);

/// <summary>What a change would be charged.</summary>
/// <param name="AmountMinor">Due now; negative is given back as credit for later invoices.</param>
/// <param name="Currency">Upper case.</param>
/// <param name="At">The instant it was counted from; a change that names it comes to the same.</param>
/// <param name="Lines">Each part in words, with its amount.</param>
public sealed record ProviderProration(
    long AmountMinor, string Currency, DateTimeOffset At, IReadOnlyList<(string Text, long AmountMinor)> Lines);

/// <summary>An invoice at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Customer">Whose.</param>
/// <param name="Subscription">Of which subscription; null for a one-off.</param>
/// <param name="Number">What customers see.</param>
/// <param name="Status"><c>draft</c>, <c>open</c>, <c>paid</c>, <c>void</c> or <c>uncollectible</c>.</param>
/// <param name="DueMinor">In minor units, as the next two.</param>
/// <param name="PaidMinor">What was paid of it.</param>
/// <param name="RemainingMinor">What was not.</param>
/// <param name="Currency">Upper case.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="DueAt">When it is due.</param>
/// <param name="PaidAt">When it was paid.</param>
/// <param name="Payment">The provider's payment of it; null when none is known.</param>
/// <param name="HostedUrl">Where the customer sees and pays it.</param>
/// <param name="PdfUrl">Where the customer gets it.</param>
/// <param name="Metadata">As frozen at its checkout.</param>
public sealed record ProviderInvoice(
    string Id,
    string Customer,
    string? Subscription,
    string? Number,
    string Status,
    long DueMinor,
    long PaidMinor,
    long RemainingMinor,
    string Currency,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DueAt,
    DateTimeOffset? PaidAt,
    string? Payment,
    string? HostedUrl,
    string? PdfUrl,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>How a payment stands at the provider.</summary>
public enum ProviderPaymentStatus
{
    /// <summary>On its way, or waiting for the customer to do something.</summary>
    Pending,

    /// <summary>The customer must confirm it with their bank.</summary>
    ActionNeeded,

    /// <summary>The money is there.</summary>
    Succeeded,

    /// <summary>It was declined or given up.</summary>
    Failed,
}

/// <summary>A payment at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Charge">The provider's id of its charge, which disputes and balance moves name.</param>
/// <param name="Customer">Whose.</param>
/// <param name="Invoice">What it paid; null for one without.</param>
/// <param name="Status">How it stands.</param>
/// <param name="AmountMinor">In minor units.</param>
/// <param name="RefundedMinor">What was given back of it.</param>
/// <param name="Currency">Upper case.</param>
/// <param name="FailureMessage">Why it failed, for people.</param>
/// <param name="ReceiptUrl">The customer's receipt.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Metadata">As frozen.</param>
public sealed record ProviderPayment(
    string Id,
    string? Charge,
    string? Customer,
    string? Invoice,
    ProviderPaymentStatus Status,
    long AmountMinor,
    long RefundedMinor,
    string Currency,
    string? FailureMessage,
    string? ReceiptUrl,
    DateTimeOffset CreatedAt,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>How a refund stands at the provider.</summary>
public enum ProviderRefundStatus
{
    /// <summary>On its way.</summary>
    Pending,

    /// <summary>Given back.</summary>
    Succeeded,

    /// <summary>Not given back: the money is the operator's again.</summary>
    Failed,
}

/// <summary>A refund at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Payment">Of which payment.</param>
/// <param name="Charge">Of which charge.</param>
/// <param name="Status">How it stands.</param>
/// <param name="AmountMinor">In minor units.</param>
/// <param name="Currency">Upper case.</param>
/// <param name="FailureReason">Why it failed.</param>
/// <param name="Metadata">As sent.</param>
public sealed record ProviderRefund(
    string Id,
    string? Payment,
    string? Charge,
    ProviderRefundStatus Status,
    long AmountMinor,
    string Currency,
    string? FailureReason,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>A dispute at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Payment">Of which payment.</param>
/// <param name="Charge">Of which charge.</param>
/// <param name="Status">The provider's word; the module maps it.</param>
/// <param name="Reason">What the customer's bank says.</param>
/// <param name="AmountMinor">In minor units.</param>
/// <param name="Currency">Upper case.</param>
/// <param name="EvidenceDueAt">Until when evidence is taken.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="IsWithdrawn">Whether the money was taken from the operator's balance.</param>
/// <param name="IsReinstated">Whether it was given back.</param>
public sealed record ProviderDispute(
    string Id,
    string? Payment,
    string? Charge,
    string Status,
    string Reason,
    long AmountMinor,
    string Currency,
    DateTimeOffset? EvidenceDueAt,
    DateTimeOffset CreatedAt,
    bool IsWithdrawn,
    bool IsReinstated);

/// <summary>A movement of the operator's balance at the provider.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Kind"><c>charge</c>, <c>refund</c>, <c>dispute</c>, <c>fee</c>, <c>payout</c> or <c>other</c>.</param>
/// <param name="AmountMinor">Gross; negative leaves the balance.</param>
/// <param name="FeeMinor">What the provider kept.</param>
/// <param name="Currency">Upper case.</param>
/// <param name="Source">The provider's charge, refund, dispute or payout.</param>
/// <param name="Payout">The payout that carried it to the bank; null not yet.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record ProviderBalanceMove(
    string Id,
    string Kind,
    long AmountMinor,
    long FeeMinor,
    string Currency,
    string? Source,
    string? Payout,
    DateTimeOffset CreatedAt);

/// <summary>A payout to the operator's bank.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Status"><c>pending</c>, <c>in_transit</c>, <c>paid</c>, <c>failed</c> or <c>canceled</c>.</param>
/// <param name="AmountMinor">In minor units.</param>
/// <param name="Currency">Upper case.</param>
/// <param name="ArrivesAt">When it reaches the bank.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record ProviderPayout(
    string Id, string Status, long AmountMinor, string Currency, DateTimeOffset ArrivesAt, DateTimeOffset CreatedAt);
