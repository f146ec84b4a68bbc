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

/// <summary>How a dispute stands.</summary>
public enum DisputeStatus
{
    /// <summary>It is here.</summary>
    Opened,

    /// <summary>The operator may answer.</summary>
    NeedsResponse,

    /// <summary>The time to answer is nearly over, or over.</summary>
    EvidenceDue,

    /// <summary>It was answered; the bank decides.</summary>
    EvidenceSubmitted,

    /// <summary>The bank gives the money back.</summary>
    Won,

    /// <summary>The bank keeps the money.</summary>
    Lost,

    /// <summary>It is over.</summary>
    Closed,
}

/// <summary>What follows a dispute's status.</summary>
public static class DisputeStates
{
    /// <summary>Whether the bank has not decided.</summary>
    public static bool IsOpen(this DisputeStatus status) => status < DisputeStatus.Won;

    /// <summary>
    /// Whether one status may follow another, at once or over others that nobody told of. Nothing goes back; won is not
    /// lost, and neither is opened again.
    /// </summary>
    public static bool MayBecome(this DisputeStatus from, DisputeStatus to) =>
        from != DisputeStatus.Closed && to > from && !(from == DisputeStatus.Won && to == DisputeStatus.Lost);

    /// <summary>A provider's word; one that is not known says nothing new.</summary>
    public static DisputeStatus Read(string word) => word switch
    {
        "needs_response" or "warning_needs_response" => DisputeStatus.NeedsResponse,
        "under_review" or "warning_under_review" => DisputeStatus.EvidenceSubmitted,
        "won" => DisputeStatus.Won,
        "lost" => DisputeStatus.Lost,
        "warning_closed" or "prevented" => DisputeStatus.Closed,
        _ => DisputeStatus.Opened,
    };
}

/// <summary>How evidence stands.</summary>
public enum EvidenceStatus
{
    /// <summary>Being written.</summary>
    Draft,

    /// <summary>On its way; it does not change any more.</summary>
    Submitting,

    /// <summary>With the bank.</summary>
    Submitted,
}
