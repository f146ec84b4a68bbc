using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.RefundPayments;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>Money to give back.</summary>
/// <param name="Org">Whose organisation.</param>
/// <param name="Payment">Of which payment.</param>
/// <param name="Amount">How much; null is all that is left.</param>
/// <param name="Kind">How.</param>
/// <param name="Reason">Why, for the customer and the audit log.</param>
public sealed record NewRefund(OrgId Org, PaymentId Payment, Money? Amount, RefundKind Kind, string Reason)
{
    /// <summary>Only where the payment is this account's; null is any of the organisation.</summary>
    public BillingAccountId? BillingAccount { get; init; }

    /// <summary>Whether what is given back is not owed any more either; without it an invoice is owed again.</summary>
    public bool Forgives { get; init; } = true;

    /// <summary>Whether somebody else must decide in any case, as for what a customer asks.</summary>
    public bool IsAskedByCustomer { get; init; }

    /// <summary>
    /// When the form was made with which it is asked for; null without a form. What the same person asked of the payment since
    /// then is this one: a form sent twice asks once.
    /// </summary>
    public DateTimeOffset? FormMadeAt { get; init; }
}

/// <summary>A purchase of credit that its customer may ask back.</summary>
/// <param name="PurchaseId">The purchase.</param>
/// <param name="PaymentId">Its payment, to ask by.</param>
/// <param name="Paid">What was paid.</param>
/// <param name="Most">The most that may be asked back now.</param>
/// <param name="PaidAt">When it was paid.</param>
/// <param name="Until">Until when it may be asked for.</param>
public sealed record RefundOffer(
    PurchaseId PurchaseId, PaymentId PaymentId, Money Paid, Money Most, DateTimeOffset PaidAt, DateTimeOffset Until);

/// <summary>The door to refunds: asked for, decided by another person where they are large, done once.</summary>
public sealed class Refunds
{
    private readonly RequestRefunds requesting;
    private readonly DecideRefunds deciding;
    private readonly OfferRefunds offering;
    private readonly RefundStore store;

    internal Refunds(RequestRefunds requesting, DecideRefunds deciding, OfferRefunds offering, RefundStore store) =>
        (this.requesting, this.deciding, this.offering, this.store) = (requesting, deciding, offering, store);

    /// <summary>The newest purchases of credit that an account's customer may ask back.</summary>
    public Task<IReadOnlyList<RefundOffer>> Offers(
        OrgId org, BillingAccountId account, CancellationToken cancellationToken) =>
        offering.Handle(org, account, cancellationToken);

    /// <summary>Asks for a refund.</summary>
    /// <param name="request">What to give back.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="idempotent">The request at hand.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<RefundOutcome> Request(
        NewRefund request, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken) =>
        requesting.Handle(request, actor, idempotent, cancellationToken);

    /// <summary>Approves what somebody else asked for; it is begun at once.</summary>
    public Task<RefundOutcome> Approve(
        OrgId org, RefundId id, string reason, string actor, CancellationToken cancellationToken) =>
        deciding.Decide(org, id, RefundStatus.Approved, reason, actor, cancellationToken);

    /// <summary>Rejects it.</summary>
    public Task<RefundOutcome> Reject(
        OrgId org, RefundId id, string reason, string actor, CancellationToken cancellationToken) =>
        deciding.Decide(org, id, RefundStatus.Rejected, reason, actor, cancellationToken);

    /// <summary>Tries one again that failed.</summary>
    public Task<RefundOutcome> Retry(OrgId org, RefundId id, string actor, CancellationToken cancellationToken) =>
        deciding.Retry(org, id, actor, cancellationToken);

    /// <summary>A refund; null when the organisation has none of this id.</summary>
    public async Task<Refund?> Find(OrgId org, RefundId id, CancellationToken cancellationToken) =>
        await store.Peek(org, id, cancellationToken) is { } row ? Refund.Of(row) : null;

    /// <summary>An organisation's refunds, the newest first; of one account and in one status where they are named.</summary>
    public async Task<IReadOnlyList<Refund>> Newest(
        OrgId org,
        BillingAccountId? account,
        RefundStatus? status,
        RefundId? before,
        int count,
        CancellationToken cancellationToken) =>
        [.. (await store.Newest(org, account, status, before, count, cancellationToken)).Select(Refund.Of)];
}

/// <summary>A refund is to be sent.</summary>
/// <param name="Org">Whose organisation.</param>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Refund">Which.</param>
public sealed record SendRefundJob(OrgId Org, BillingAccountId BillingAccount, RefundId Refund) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.send_refund";

    internal JobTerms Terms => new() { UniqueKey = $"{Org}/{Refund}", Org = Org };

    internal BillingAccountKey Key => new(Org, BillingAccount);
}

/// <summary>What was paid for a subscription that was ended as a duplicate is to be given back.</summary>
/// <param name="Org">Whose organisation.</param>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Provider">Who had it.</param>
/// <param name="Mode">In which mode.</param>
/// <param name="Subscription">The provider's id of it.</param>
public sealed record RefundDuplicateJob(
    OrgId Org, BillingAccountId BillingAccount, string Provider, PaymentMode Mode, string Subscription) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.refund_duplicate";

    internal JobTerms Terms => new() { UniqueKey = $"{Org}/{Subscription}", Org = Org };

    internal BillingAccountKey Key => new(Org, BillingAccount);
}
