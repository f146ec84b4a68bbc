using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>Every period of payments. The host may shorten them; tests do.</summary>
public sealed record PaymentsOptions
{
    /// <summary>How long whoever works on a request has it without saying so again.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// How long after freezing a call may be repeated with its key: an hour less than the 24 for which providers
    /// remember keys.
    /// </summary>
    public TimeSpan ReplayWindow { get; init; } = TimeSpan.FromHours(23);

    /// <summary>How long a checkout's page is open; the longest providers allow.</summary>
    public TimeSpan CheckoutOpenFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long after its end a page may still have been used: clocks differ, and news takes time.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How soon after a customer is through the subscription must be here before somebody asks for it.</summary>
    public TimeSpan CompletionWithin { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How long before its replay deadline a pending request is told of.</summary>
    public TimeSpan DeadlineNear { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often requests whose worker died are looked for.</summary>
    public TimeSpan RecoverEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Recoveries that wait for the provider side by side: one slow answer must not hold up the rest. One where the order
    /// of things must be the same every time.
    /// </summary>
    public int RecoveriesSideBySide { get; init; } = 8;

    /// <summary>Transactions at once in which news is applied; one where the order of things must be the same every time.</summary>
    public int NewsSideBySide { get; init; } = WebhookLimits.Workers;

    /// <summary>How often pending requests past their deadline, and failed news, are gone through.</summary>
    public TimeSpan PendingEvery { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often open checkouts past their end are asked for.</summary>
    public TimeSpan OpenCheckoutsEvery { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often checkouts that wait for their subscription are asked for.</summary>
    public TimeSpan CompletedCheckoutsEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often holds are asked for.</summary>
    public TimeSpan HoldsEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often current subscriptions are compared with the provider.</summary>
    public TimeSpan SubscriptionsEvery { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How often invoices are compared with the provider.</summary>
    public TimeSpan InvoicesEvery { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a reconciliation has its scope without saying so again.</summary>
    public TimeSpan ReconciliationLease { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>The longest wait without a hint before stored news is looked at.</summary>
    public TimeSpan NewsIdle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the share of a replica that died keeps the others from news it had begun.</summary>
    public TimeSpan NewsLease { get; init; } = LeaseLimits.Duration;

    /// <summary>How long a job of a replica that was killed waits for another to go on with it.</summary>
    public TimeSpan JobLease { get; init; } = JobLimits.LeaseDuration;

    /// <summary>How long stored news keeps what it said.</summary>
    public TimeSpan NewsKeptFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long finished requests are kept.</summary>
    public TimeSpan RequestsKeptFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long after a payment failed the organisation still stands as active.</summary>
    public TimeSpan PastDueGrace { get; init; } = TimeSpan.Zero;

    /// <summary>Whether an organisation whose last subscription ended may use nothing any more.</summary>
    public bool CanceledBlocks { get; init; } = true;

    /// <summary>The most an operator gives back without somebody else's approval, in micros of any currency.</summary>
    public long RefundAloneMicrosMax { get; init; } = 100_000_000;

    /// <summary>For how long after paying customers may ask back credit they have not spent; zero never.</summary>
    public TimeSpan RefundAskableFor { get; init; } = TimeSpan.FromDays(14);

    /// <summary>
    /// Whether operators may give money back for credit that was spent. Then its account owes what is missing; by default
    /// a refund never brings a balance below zero.
    /// </summary>
    public bool RefundsSpentCredit { get; init; }

    /// <summary>
    /// Whether what was paid for a subscription that was ended as a duplicate is given back by itself; without it, an
    /// operator finds it among what does not fit.
    /// </summary>
    public bool RefundsDuplicates { get; init; } = true;

    /// <summary>How long before the end of the time to answer a dispute operators are told.</summary>
    public TimeSpan EvidenceNear { get; init; } = TimeSpan.FromHours(72);

    /// <summary>How often deadlines of disputes are looked at.</summary>
    public TimeSpan DeadlinesEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How much may be in open disputes of an organisation before it stands as past due, in micros of any currency.
    /// </summary>
    public long DisputedMicrosMax { get; init; } = 50_000_000;

    /// <summary>How often movements and payouts are read from the provider.</summary>
    public TimeSpan ClearingEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Where customers' browsers find this installation; what paths are appended to.</summary>
    public Uri PublicUrl { get; init; } = new("http://localhost:8080");

    /// <summary>The whole address of a path of this installation.</summary>
    internal string AddressOf(string path) => PublicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + path;

    /// <summary>The same, with a lease of some seconds and every loop as often as said: for hosts of tests.</summary>
    public PaymentsOptions Hurried(TimeSpan? lease, TimeSpan? loop) => this with
    {
        Lease = lease ?? Lease,
        ReconciliationLease = lease ?? ReconciliationLease,
        NewsLease = lease < NewsLease ? lease.Value : NewsLease,
        JobLease = lease < JobLease ? lease.Value : JobLease,
        RecoverEvery = loop ?? RecoverEvery,
        PendingEvery = loop ?? PendingEvery,
        OpenCheckoutsEvery = loop ?? OpenCheckoutsEvery,
        CompletedCheckoutsEvery = loop ?? CompletedCheckoutsEvery,
        HoldsEvery = loop ?? HoldsEvery,
        SubscriptionsEvery = loop ?? SubscriptionsEvery,
        InvoicesEvery = loop ?? InvoicesEvery,
    };
}
