using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>Every way asking for a refund, or deciding one, can end, in the order they are checked.</summary>
public abstract record RefundOutcome
{
    private RefundOutcome()
    {
    }

    /// <summary>There is no such payment or refund here.</summary>
    public sealed record NotFound : RefundOutcome;

    /// <summary>It stands so, now or since before.</summary>
    /// <param name="Refund">The refund.</param>
    public sealed record Standing(Refund Refund) : RefundOutcome;

    /// <summary>The payment has not succeeded: there is nothing to give back.</summary>
    public sealed record NotPaid : RefundOutcome;

    /// <summary>A customer may not ask for it.</summary>
    /// <param name="Why">Why.</param>
    public sealed record NotOffered(RefundRefusal Why) : RefundOutcome;

    /// <summary>More than is left of the credit it bought: the rest was spent, or is held for what is being used.</summary>
    /// <param name="Left">What is left.</param>
    public sealed record CreditSpent(Money Left) : RefundOutcome;

    /// <summary>More than is left of the payment.</summary>
    /// <param name="Left">What is left.</param>
    public sealed record TooMuch(Money Left) : RefundOutcome;

    /// <summary>Whoever asked for it must not decide it.</summary>
    public sealed record SecondPersonNeeded : RefundOutcome;

    /// <summary>It was decided, or is not at the place this needs.</summary>
    /// <param name="Refund">The refund.</param>
    public sealed record Refused(Refund Refund) : RefundOutcome;
}

/// <summary>A refund, as it stands.</summary>
/// <param name="Id">The refund.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="PaymentId">Of which payment.</param>
/// <param name="Kind">How it is given back.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Progress">How it stands for the customer.</param>
/// <param name="Amount">How much.</param>
/// <param name="AmountMinor">The same in minor units.</param>
/// <param name="Reason">Why, as who asked says.</param>
/// <param name="NeedsSecond">Whether another person than who asked must decide.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="RequestedAt">When.</param>
/// <param name="DecidedBy">Who decided; null while nobody has.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="DecisionReason">Why, as who decided says.</param>
/// <param name="Attempts">How often it was begun.</param>
/// <param name="ProviderRefundId">The provider's id; null while it has none.</param>
/// <param name="Failure">Why it failed; null when it has not.</param>
/// <param name="FinishedAt">When it was done, failed or was rejected.</param>
public sealed record Refund(
    RefundId Id,
    BillingAccountId BillingAccountId,
    PaymentId PaymentId,
    RefundKind Kind,
    RefundStatus Status,
    RefundProgress Progress,
    Money Amount,
    long AmountMinor,
    string Reason,
    bool NeedsSecond,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    string? DecidedBy,
    DateTimeOffset? DecidedAt,
    string? DecisionReason,
    int Attempts,
    string? ProviderRefundId,
    string? Failure,
    DateTimeOffset? FinishedAt)
{
    internal static Refund Of(Internal.RefundRow row) => new(
        row.Id,
        row.BillingAccount,
        row.Payment,
        row.Kind,
        row.Status,
        RefundStates.ProgressOf(row.Status, row.NeedsSecond),
        MinorUnits.ToMoney(row.AmountMinor, Currency.Of(row.Currency)),
        row.AmountMinor,
        row.Reason,
        row.NeedsSecond,
        row.RequestedBy,
        row.RequestedAt,
        row.DecidedBy,
        row.DecidedAt,
        row.DecisionReason,
        row.Attempts,
        row.ProviderRefund,
        row.Failure,
        row.FinishedAt);
}
