using Quoin.Kernel;
using Quoin.Payments.RecoverSessions;

namespace Quoin.Payments;

/// <summary>Why a payment session does not end by itself.</summary>
public enum SessionTrouble
{
    /// <summary>Nothing is wrong with it.</summary>
    None,

    /// <summary>Whoever worked on the request stopped, and nobody has gone on.</summary>
    WorkerStopped,

    /// <summary>The customer is through and what they paid for is not here.</summary>
    SubscriptionMissing,

    /// <summary>Nobody knows whether a page was made, and somebody might pay at it.</summary>
    OutcomeUnknown,

    /// <summary>Its page should have closed and nobody said that it did.</summary>
    NotClosed,
}

/// <summary>A request to pay and the page it opened: one of them may be missing.</summary>
/// <param name="Id">The request's id, or the page's where no request is left.</param>
/// <param name="RequestId">The request; null where it is forgotten, or a payment link's page needed none.</param>
/// <param name="CheckoutId">The page; null where none was opened.</param>
/// <param name="OrganisationId">Whose.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="Provider">At which provider.</param>
/// <param name="Mode">Test or live.</param>
/// <param name="Action">What was asked for, such as <c>checkout</c>.</param>
/// <param name="Flow">What is paid for: <c>subscription</c>, <c>one_off</c> or <c>setup</c>; null no page.</param>
/// <param name="RequestStatus">How the request stands; null no request.</param>
/// <param name="CheckoutStatus">How the page stands; null no page.</param>
/// <param name="Trouble">Why it does not end by itself.</param>
/// <param name="FailureCode">Why the request failed; null when it did not.</param>
/// <param name="FailureReason">The same for people.</param>
/// <param name="RecoveryAttempts">How often somebody went on with it.</param>
/// <param name="LeaseExpiresAt">Until when somebody works on the request; null nobody does.</param>
/// <param name="ReplayDeadlineAt">Until when the provider may be asked the same again; null no request.</param>
/// <param name="ExpiresAt">When the page closes; null unknown.</param>
/// <param name="Amount">How much; null unknown.</param>
/// <param name="OperationKey">Names the operation in logs, events and at the provider.</param>
/// <param name="ProviderCheckoutId">The provider's id of the page; null unknown.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="ChangedAt">When it was written last.</param>
public sealed record PaymentSession(
    string Id,
    PaymentRequestId? RequestId,
    CheckoutId? CheckoutId,
    OrgId OrganisationId,
    BillingAccountId BillingAccountId,
    string Provider,
    PaymentMode Mode,
    string Action,
    CheckoutFlow? Flow,
    RequestStatus? RequestStatus,
    CheckoutStatus? CheckoutStatus,
    SessionTrouble Trouble,
    string? FailureCode,
    string? FailureReason,
    int RecoveryAttempts,
    DateTimeOffset? LeaseExpiresAt,
    DateTimeOffset? ReplayDeadlineAt,
    DateTimeOffset? ExpiresAt,
    Money? Amount,
    string OperationKey,
    string? ProviderCheckoutId,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt)
{
    internal Guid Place { get; init; }
}

/// <summary>Every way doing something about a payment session can end, in the order they are checked.</summary>
public abstract record SessionOutcome
{
    private SessionOutcome()
    {
    }

    /// <summary>The organisation has no such request or checkout.</summary>
    public sealed record NotFound : SessionOutcome;

    /// <summary>Its provider is not configured.</summary>
    public sealed record NotConfigured : SessionOutcome;

    /// <summary>Somebody works on it now.</summary>
    public sealed record AtWork : SessionOutcome;

    /// <summary>It does not stand where this could be done.</summary>
    /// <param name="Session">As it stands.</param>
    public sealed record NotThere(PaymentSession Session) : SessionOutcome;

    /// <summary>It was done, or the provider was asked to do it.</summary>
    /// <param name="Session">As it stands now.</param>
    public sealed record Done(PaymentSession Session) : SessionOutcome;
}

/// <summary>The door to payment sessions: seen, and gone on with where they do not end by themselves.</summary>
public sealed class PaymentSessions
{
    private readonly SessionReader reader;
    private readonly SessionOperations operations;

    internal PaymentSessions(SessionReader reader, SessionOperations operations) =>
        (this.reader, this.operations) = (reader, operations);

    /// <summary>Sessions, the newest first.</summary>
    /// <param name="org">Of this organisation; null of all.</param>
    /// <param name="account">Of this account.</param>
    /// <param name="isStuck">Only those that do not end by themselves.</param>
    /// <param name="before">Only older than this place; null from the newest.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public Task<IReadOnlyList<PaymentSession>> List(
        OrgId? org, BillingAccountId? account, bool isStuck, Guid? before, int count, CancellationToken cancellationToken) =>
        reader.List(org, account, isStuck, before, count, cancellationToken);

    /// <summary>The place to go on behind a session.</summary>
    public static Guid PlaceOf(PaymentSession session) => session.Place;

    /// <summary>A session by its id, or its request's or checkout's; null when the organisation has none.</summary>
    public Task<PaymentSession?> Find(OrgId? org, string id, CancellationToken cancellationToken) =>
        reader.Find(org, id, cancellationToken);

    /// <summary>Goes on with a request whose worker stopped: it is settled, failed or given up, as the provider says.</summary>
    public Task<SessionOutcome> Recover(
        OrgId org, PaymentRequestId request, string reason, string actor, CancellationToken cancellationToken) =>
        operations.Recover(org, request, reason, actor, cancellationToken);

    /// <summary>Asks the provider about a checkout, and settles or ends it accordingly.</summary>
    public Task<SessionOutcome> Requery(
        OrgId org, CheckoutId checkout, string reason, string actor, CancellationToken cancellationToken) =>
        operations.Requery(org, checkout, reason, actor, cancellationToken);

    /// <summary>Has an open page closed at the provider; its news ends the checkout here.</summary>
    public Task<SessionOutcome> Expire(
        OrgId org, CheckoutId checkout, string reason, string actor, CancellationToken cancellationToken) =>
        operations.Expire(org, checkout, reason, actor, cancellationToken);

    /// <summary>Ends a checkout that blocks its account and does not end by itself.</summary>
    public Task<SessionOutcome> Release(
        OrgId org, CheckoutId checkout, string reason, string actor, CancellationToken cancellationToken) =>
        operations.Release(org, checkout, reason, actor, cancellationToken);
}
