namespace Quoin.Payments;

/// <summary>How a purchase of credit stands.</summary>
public enum PurchaseStatus
{
    /// <summary>Asked for; the customer has no page yet.</summary>
    Initiated,

    /// <summary>The customer may pay, or the money is on its way.</summary>
    Pending,

    /// <summary>Paid; the credit is there.</summary>
    Succeeded,

    /// <summary>The money did not come.</summary>
    Failed,

    /// <summary>Nobody paid in time.</summary>
    Expired,

    /// <summary>Given up.</summary>
    Canceled,

    /// <summary>A part was paid back.</summary>
    PartiallyRefunded,

    /// <summary>All of it was paid back.</summary>
    Refunded,

    /// <summary>The customer's bank calls its payment into question.</summary>
    Disputed,
}

/// <summary>What follows a purchase's status.</summary>
public static class PurchaseStates
{
    /// <summary>Whether its money came and its credit was given.</summary>
    public static bool IsPaid(this PurchaseStatus status) => status
        is PurchaseStatus.Succeeded or PurchaseStatus.PartiallyRefunded or PurchaseStatus.Refunded or PurchaseStatus.Disputed;

    /// <summary>
    /// Whether one status may follow another. Money that comes after an end is money all the same: failed, expired and
    /// canceled purchases may still succeed.
    /// </summary>
    public static bool MayBecome(this PurchaseStatus from, PurchaseStatus to) => (from, to) switch
    {
        (PurchaseStatus.Initiated or PurchaseStatus.Pending,
            PurchaseStatus.Pending or PurchaseStatus.Succeeded or PurchaseStatus.Failed or PurchaseStatus.Expired
            or PurchaseStatus.Canceled) => from != to,
        (PurchaseStatus.Failed or PurchaseStatus.Expired or PurchaseStatus.Canceled, PurchaseStatus.Succeeded) => true,
        (PurchaseStatus.Succeeded or PurchaseStatus.PartiallyRefunded or PurchaseStatus.Refunded or PurchaseStatus.Disputed,
            PurchaseStatus.Succeeded or PurchaseStatus.PartiallyRefunded or PurchaseStatus.Refunded
            or PurchaseStatus.Disputed) => from != to,
        _ => false,
    };

    /// <summary>How a paid purchase stands once so much of it was given back.</summary>
    public static PurchaseStatus AfterRefunds(long refundedMinor, long amountMinor) =>
        refundedMinor == 0 ? PurchaseStatus.Succeeded
        : refundedMinor < amountMinor ? PurchaseStatus.PartiallyRefunded
        : PurchaseStatus.Refunded;
}

/// <summary>How money is given back.</summary>
public enum RefundKind
{
    /// <summary>As credit.</summary>
    InternalCredit,

    /// <summary>By the provider, the way it came.</summary>
    ProviderRefund,
}

/// <summary>How a refund stands.</summary>
public enum RefundStatus
{
    /// <summary>Asked for; nobody has decided.</summary>
    Requested,

    /// <summary>Decided; it is begun soon.</summary>
    Approved,

    /// <summary>In the books, and on its way at the provider, or nobody knows whether it is.</summary>
    Processing,

    /// <summary>Given back.</summary>
    Succeeded,

    /// <summary>Not given back; it may be tried again.</summary>
    Failed,

    /// <summary>Not to be given back.</summary>
    Rejected,
}

/// <summary>How a refund stands for the customer.</summary>
public enum RefundProgress
{
    /// <summary>It is here.</summary>
    Submitted,

    /// <summary>Somebody looks at it.</summary>
    InReview,

    /// <summary>The money is on its way.</summary>
    OnItsWay,

    /// <summary>It is done.</summary>
    Completed,

    /// <summary>It will not be given back.</summary>
    Declined,
}

/// <summary>What follows a refund's status.</summary>
public static class RefundStates
{
    /// <summary>Whether it counts against what was paid.</summary>
    public static bool Counts(this RefundStatus status) => status is not (RefundStatus.Failed or RefundStatus.Rejected);

    /// <summary>
    /// Whether one status may follow another. A provider may take a success back: then the money is here again.
    /// </summary>
    public static bool MayBecome(this RefundStatus from, RefundStatus to) => (from, to) switch
    {
        (RefundStatus.Requested, RefundStatus.Approved or RefundStatus.Rejected) => true,
        (RefundStatus.Approved, RefundStatus.Processing or RefundStatus.Succeeded or RefundStatus.Failed) => true,
        (RefundStatus.Processing, RefundStatus.Succeeded or RefundStatus.Failed) => true,
        (RefundStatus.Succeeded, RefundStatus.Failed) => true,
        (RefundStatus.Failed, RefundStatus.Processing) => true,
        _ => false,
    };

    /// <summary>How it stands for the customer; one that failed is looked at again.</summary>
    public static RefundProgress ProgressOf(RefundStatus status, bool needsSecond) => status switch
    {
        RefundStatus.Requested => needsSecond ? RefundProgress.InReview : RefundProgress.Submitted,
        RefundStatus.Approved or RefundStatus.Processing => RefundProgress.OnItsWay,
        RefundStatus.Succeeded => RefundProgress.Completed,
        RefundStatus.Rejected => RefundProgress.Declined,
        _ => RefundProgress.InReview,
    };
}
