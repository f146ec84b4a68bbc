using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Payments.ReconcileClearing;

namespace Quoin.Payments;

/// <summary>Every way having a scope compared can end.</summary>
public abstract record ComparisonOutcome
{
    private ComparisonOutcome()
    {
    }

    /// <summary>Nobody serves organisations of that mode.</summary>
    public sealed record NotConfigured : ComparisonOutcome;

    /// <summary>The scope is being compared.</summary>
    public sealed record Running : ComparisonOutcome;

    /// <summary>It begins.</summary>
    /// <param name="Run">The run.</param>
    public sealed record Started(PaymentRunAnswer Run) : ComparisonOutcome;
}

/// <summary>
/// The door to what is compared: what is stored with the provider, and the books with what it moved. Findings are what does
/// not fit.
/// </summary>
public sealed class PaymentReconciliations
{
    private readonly ReconciliationRuns runs;
    private readonly RunOperations operations;
    private readonly Findings findings;
    private readonly FindingOperations resolving;
    private readonly ClearingReport clearing;
    private readonly ClearingStore moves;

    internal PaymentReconciliations(
        ReconciliationRuns runs,
        RunOperations operations,
        Findings findings,
        FindingOperations resolving,
        ClearingReport clearing,
        ClearingStore moves) =>
        (this.runs, this.operations, this.findings, this.resolving, this.clearing, this.moves) =
            (runs, operations, findings, resolving, clearing, moves);

    /// <summary>Runs, the newest first; of one scope where it is named.</summary>
    public async Task<IReadOnlyList<PaymentRunAnswer>> Runs(
        ReconciliationScope? scope, PaymentReconciliationId? before, int count, CancellationToken cancellationToken) =>
        [.. (await runs.Newest(before, scope, count, cancellationToken)).Select(PaymentRunAnswer.Of)];

    /// <summary>One run; null when there is none.</summary>
    public async Task<PaymentRunAnswer?> FindRun(PaymentReconciliationId id, CancellationToken cancellationToken) =>
        await runs.Find(id, cancellationToken) is { } row ? PaymentRunAnswer.Of(row) : null;

    /// <summary>What a run found, in the order it found it.</summary>
    public async Task<IReadOnlyList<PaymentFindingAnswer>> FindingsOf(
        PaymentReconciliationId run, int count, CancellationToken cancellationToken) =>
        [.. (await runs.Findings(run, null, count, cancellationToken)).Select(PaymentFindingAnswer.Of)];

    /// <summary>Has a scope compared now; any replica works on it.</summary>
    public async Task<ComparisonOutcome> Start(
        PaymentMode mode, ReconciliationScope scope, string reason, string actor, CancellationToken cancellationToken) =>
        await operations.Start(mode, scope, reason, actor, cancellationToken) switch
        {
            StartRunOutcome.Started(var run) => new ComparisonOutcome.Started(PaymentRunAnswer.Of(run)),
            StartRunOutcome.NotConfigured => new ComparisonOutcome.NotConfigured(),
            _ => new ComparisonOutcome.Running(),
        };

    /// <summary>What does not fit and nobody has resolved, the oldest first.</summary>
    public async Task<IReadOnlyList<FindingAnswer>> OpenFindings(
        OrgId org, FindingId? after, int count, CancellationToken cancellationToken) =>
        [.. (await findings.Open(org, after, count, cancellationToken)).Select(FindingAnswer.Of)];

    /// <summary>Says what was done about a finding.</summary>
    /// <returns>Null when the organisation has no open finding of this id.</returns>
    public Task<FindingAnswer?> Resolve(
        OrgId org, FindingId id, string resolution, string actor, CancellationToken cancellationToken) =>
        resolving.Resolve(org, id, resolution, actor, cancellationToken);

    /// <summary>The books beside what the provider moved, per currency; it changes nothing.</summary>
    public Task<ClearingAnswer> Clearing(OrgId org, CancellationToken cancellationToken) =>
        clearing.Compare(org, cancellationToken);

    /// <summary>What the provider moved and nobody knows whose it is, the newest first.</summary>
    public Task<IReadOnlyList<UnattributedMove>> Unattributed(
        PaymentMode? mode, DateTimeOffset? before, string? beforeId, int count, CancellationToken cancellationToken) =>
        moves.Unattributed(mode, before, beforeId, count, cancellationToken);
}
