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
