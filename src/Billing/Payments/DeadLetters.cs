using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>Every way doing something about what was given up can end.</summary>
public enum DeadLetterOutcome
{
    /// <summary>There is no such thing here.</summary>
    NotFound,

    /// <summary>It is done with, at work, or what it said is forgotten.</summary>
    NotThere,

    /// <summary>It was done.</summary>
    Done,
}

/// <summary>The door to what was given up: the provider's news, what is to be ended at the provider, background work.</summary>
public sealed class DeadLetters
{
    private readonly WebhookOperations news;
    private readonly RemediationOperations remediations;
    private readonly Jobs jobs;

    internal DeadLetters(WebhookOperations news, RemediationOperations remediations, Jobs jobs) =>
        (this.news, this.remediations, this.jobs) = (news, remediations, jobs);

    /// <summary>News that stands so, the newest first; of one organisation, or of all and of none.</summary>
    public async Task<IReadOnlyList<WebhookEventAnswer>> News(
        OrgId? org, WebhookState state, WebhookEventId? before, int count, CancellationToken cancellationToken) =>
    [
        .. (await news.List(new WebhookQuery(org, null, state, null, null, null, null), before, count, cancellationToken))
            .Select(WebhookEventAnswer.Of),
    ];

    /// <summary>One piece of news; null when there is none.</summary>
    public async Task<WebhookEventAnswer?> FindNews(WebhookEventId id, CancellationToken cancellationToken) =>
        await news.Find(id, cancellationToken) is { } row ? WebhookEventAnswer.Of(row) : null;

    /// <summary>Has news gone through again that failed or was given up.</summary>
    public async Task<DeadLetterOutcome> Replay(
        WebhookEventId id, string reason, string actor, CancellationToken cancellationToken) =>
        Of(await news.Replay(id, reason, actor, cancellationToken));

    /// <summary>Lays news aside: it is done with, and changed nothing.</summary>
    public async Task<DeadLetterOutcome> Discard(
        WebhookEventId id, string reason, string actor, CancellationToken cancellationToken) =>
        Of(await news.Discard(id, reason, actor, cancellationToken));

    /// <summary>Remediations that stand so, the newest first; of one organisation or of all.</summary>
    public async Task<IReadOnlyList<RemediationAnswer>> Remediations(
        OrgId? org, RemediationStatus? status, RemediationId? before, int count, CancellationToken cancellationToken) =>
        [.. (await remediations.List(org, status, before, count, cancellationToken)).Select(RemediationAnswer.Of)];

    /// <summary>Gives a remediation that was given up all its attempts again.</summary>
    public async Task<DeadLetterOutcome> Retry(
        OrgId org, RemediationId id, string reason, string actor, CancellationToken cancellationToken) =>
        Of(await remediations.Retry(org, id, reason, actor, cancellationToken));

    /// <summary>Lays a remediation aside; what is at the provider stays there.</summary>
    public async Task<DeadLetterOutcome> Discard(
        OrgId org, RemediationId id, string reason, string actor, CancellationToken cancellationToken) =>
        Of(await remediations.Discard(org, id, reason, actor, cancellationToken));

    /// <summary>Background work of payments that was given up, the newest first; of one organisation or of all.</summary>
    public Task<IReadOnlyList<QueuedJob>> DeadJobs(OrgId? org, int count, CancellationToken cancellationToken) =>
        jobs.Search(new JobSearch("payments.", org) { State = "dead" }, count, cancellationToken);

    private static DeadLetterOutcome Of(RetryOutcome outcome) => outcome switch
    {
        RetryOutcome.Started => DeadLetterOutcome.Done,
        RetryOutcome.NotRetryable => DeadLetterOutcome.NotThere,
        _ => DeadLetterOutcome.NotFound,
    };
}
