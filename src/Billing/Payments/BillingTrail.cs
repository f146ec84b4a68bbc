using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.ExploreBilling;

namespace Quoin.Payments;

/// <summary>Where a piece of what happened in billing is kept.</summary>
public enum BillingSource
{
    /// <summary>What a client asked for once.</summary>
    Request,

    /// <summary>An address at which anybody can pay.</summary>
    PaymentLink,

    /// <summary>A page to pay at, or the place kept for one.</summary>
    Checkout,

    /// <summary>What is paid for regularly.</summary>
    Subscription,

    /// <summary>The provider's invoice.</summary>
    Invoice,

    /// <summary>Money that was to come.</summary>
    Payment,

    /// <summary>What was learnt of how an account pays.</summary>
    PaymentMethodSync,

    /// <summary>The provider's news.</summary>
    WebhookEvent,

    /// <summary>Background work that waits, runs or was given up; what is done leaves no row.</summary>
    Job,

    /// <summary>The ending of what should not be at the provider.</summary>
    Remediation,

    /// <summary>A comparison with the provider; no organisation's.</summary>
    ReconciliationRun,

    /// <summary>What did not fit in one.</summary>
    ReconciliationFinding,

    /// <summary>Credit that was bought.</summary>
    Purchase,

    /// <summary>Money given back.</summary>
    Refund,

    /// <summary>A payment called into question.</summary>
    Dispute,

    /// <summary>A charge made because credit ran low.</summary>
    AutoTopUpCharge,

    /// <summary>A provider's fact in the books; its id is the transfer's.</summary>
    Posting,

    /// <summary>What does not fit, for an operator.</summary>
    Finding,

    /// <summary>What the rest of Quoin was told; kept for a week. Stands in trails only.</summary>
    News,
}

/// <summary>One piece of what happened in billing, whatever keeps it.</summary>
/// <param name="Id">Which piece: its own id, as text.</param>
/// <param name="Source">What keeps it.</param>
/// <param name="OrganisationId">Whose; null of none.</param>
/// <param name="BillingAccountId">Whose; null while nobody knows, or of no account.</param>
/// <param name="Provider">The provider it is about; null none.</param>
/// <param name="Mode">Test or live; null none.</param>
/// <param name="Type">What it is, such as <c>checkout</c> or the provider's <c>invoice.paid</c>.</param>
/// <param name="Status">How it stands.</param>
/// <param name="RecordedAt">When it was written first.</param>
/// <param name="ChangedAt">When it was written last.</param>
/// <param name="Message">What there is to say; null nothing.</param>
/// <param name="OperationKey">The operation it belongs to: the same here, in logs and at the provider.</param>
/// <param name="ProviderEventId">The provider's news that it is, or that wrote it last.</param>
/// <param name="ProviderObjectId">What of the provider it is about.</param>
/// <param name="Amount">Of how much money; null none.</param>
public sealed record BillingEvent(
    string Id,
    BillingSource Source,
    OrgId? OrganisationId,
    BillingAccountId? BillingAccountId,
    string? Provider,
    PaymentMode? Mode,
    string Type,
    string Status,
    DateTimeOffset RecordedAt,
    DateTimeOffset ChangedAt,
    string? Message,
    string? OperationKey,
    string? ProviderEventId,
    string? ProviderObjectId,
    Money? Amount)
{
    /// <summary>The provider's name of the call that ended a request; null of all else, and where it said none.</summary>
    public string? ProviderRequestId { get; init; }

    /// <summary>Where it stands among all: a time-ordered id.</summary>
    internal Guid Place { get; init; }

    /// <summary>Everything that names it or that it names.</summary>
    internal IReadOnlyList<string> Links { get; init; } = [];
}

/// <summary>What events are searched by; null does not say.</summary>
/// <param name="Org">Of this organisation; null of all, and what belongs to none.</param>
/// <param name="BillingAccount">Of this account.</param>
/// <param name="Source">Kept there.</param>
/// <param name="Type">Of this type.</param>
/// <param name="Status">Standing so.</param>
/// <param name="From">Written first at this instant or later.</param>
/// <param name="To">Written first before this instant.</param>
/// <param name="Reference">Named so: an operation key, an id of the provider, or one of ours.</param>
public sealed record BillingEventQuery(
    OrgId? Org = null,
    BillingAccountId? BillingAccount = null,
    BillingSource? Source = null,
    string? Type = null,
    string? Status = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    string? Reference = null);

/// <summary>An event and everything that belongs to the same operation, the oldest first.</summary>
/// <param name="Event">The event.</param>
/// <param name="Steps">The trail; the event is one of its steps.</param>
/// <param name="IsWhole">Whether these are all; a trail shows 200 steps.</param>
public sealed record BillingTrailAnswer(BillingEvent Event, IReadOnlyList<BillingEvent> Steps, bool IsWhole);

/// <summary>Something that happened to a billing account, at its own instant.</summary>
/// <param name="Id">Which: its kind and the id of what keeps it.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Kind">What, such as <c>payment_succeeded</c>.</param>
/// <param name="Source">What keeps it.</param>
/// <param name="SourceId">Its id there.</param>
/// <param name="Status">How that stands now.</param>
/// <param name="Title">What happened, in a few words.</param>
/// <param name="Description">What there is to say; null nothing.</param>
/// <param name="Amount">Of how much money; null none.</param>
/// <param name="OperationKey">The operation it belongs to; operators alone see it.</param>
/// <param name="ProviderEventId">The provider's news of it; operators alone see it.</param>
/// <param name="ProviderObjectId">What of the provider it is about; operators alone see it.</param>
public sealed record TimelineEntry(
    string Id,
    DateTimeOffset OccurredAt,
    string Kind,
    BillingSource Source,
    string SourceId,
    string Status,
    string Title,
    string? Description,
    Money? Amount,
    string? OperationKey,
    string? ProviderEventId,
    string? ProviderObjectId);

/// <summary>A place in a timeline.</summary>
/// <param name="OccurredAt">When the last entry seen happened.</param>
/// <param name="Id">Which one it was.</param>
public readonly record struct TimelinePlace(DateTimeOffset OccurredAt, string Id);

/// <summary>The door to what happened in billing, whatever keeps it: searched, followed, told in order.</summary>
public sealed class BillingTrail
{
    private readonly BillingEvents events;
    private readonly Timeline timeline;

    internal BillingTrail(BillingEvents events, Timeline timeline) => (this.events, this.timeline) = (events, timeline);

    /// <summary>Events, the newest first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="before">Only older than this place; null from the newest.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public Task<IReadOnlyList<BillingEvent>> Search(
        BillingEventQuery query, Guid? before, int count, CancellationToken cancellationToken) =>
        events.Search(query, before, count, cancellationToken);

    /// <summary>The place to go on behind an event.</summary>
    public static Guid PlaceOf(BillingEvent one) => one.Place;

    /// <summary>One event and the operation it belongs to; null when there is none, or it is another organisation's.</summary>
    public Task<BillingTrailAnswer?> Follow(OrgId? org, string id, CancellationToken cancellationToken) =>
        events.Follow(org, id, cancellationToken);

    /// <summary>What happened to an account, the newest first.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="isForOperator">Whether the machine's insides are shown too.</param>
    /// <param name="before">Only older than this place; null from the newest.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public Task<IReadOnlyList<TimelineEntry>> Of(
        BillingAccountKey account, bool isForOperator, TimelinePlace? before, int count, CancellationToken cancellationToken) =>
        timeline.Read(account, isForOperator, before, count, cancellationToken);
}
