using Quoin.Kernel;
using Quoin.Ledger.Internal;

namespace Quoin.Ledger;

/// <summary>
/// The door to corrections: what is in the books stays; what was wrong is undone or amended by a transfer of its own,
/// when a second person agrees.
/// </summary>
public sealed class Corrections
{
    private readonly RequestCorrections requests;
    private readonly DecideCorrections decisions;
    private readonly CorrectionQueries queries;

    internal Corrections(RequestCorrections requests, DecideCorrections decisions, CorrectionQueries queries) =>
        (this.requests, this.decisions, this.queries) = (requests, decisions, queries);

    /// <summary>Asks for a correction.</summary>
    /// <param name="org">In whose books.</param>
    /// <param name="asked">What is asked for.</param>
    /// <param name="actor">Who asks: the id of a person or key of the operator.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CorrectionRequestOutcome> Request(
        OrgId org, NewCorrection asked, string actor, CancellationToken cancellationToken) =>
        requests.Run(org, asked, actor, cancellationToken);

    /// <summary>Approves a correction and posts it, in one transaction.</summary>
    /// <param name="org">In whose books.</param>
    /// <param name="correction">Which.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="actor">Who decides; somebody else than who asked.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CorrectionDecisionOutcome> Approve(
        OrgId org, CorrectionId correction, string reason, string actor, CancellationToken cancellationToken) =>
        decisions.Approve(org, correction, reason, actor, cancellationToken);

    /// <summary>Rejects a correction.</summary>
    /// <inheritdoc cref="Approve" />
    public Task<CorrectionDecisionOutcome> Reject(
        OrgId org, CorrectionId correction, string reason, string actor, CancellationToken cancellationToken) =>
        decisions.Close(org, correction, CorrectionState.Rejected, reason, actor, cancellationToken);

    /// <summary>Takes a correction back; for who asked for it.</summary>
    /// <param name="org">In whose books.</param>
    /// <param name="correction">Which.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="actor">Who takes it back.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CorrectionDecisionOutcome> Withdraw(
        OrgId org, CorrectionId correction, string reason, string actor, CancellationToken cancellationToken) =>
        decisions.Close(org, correction, CorrectionState.Withdrawn, reason, actor, cancellationToken);

    /// <summary>Corrections of an organisation, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only corrections before this one; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Correction>> Newest(
        OrgId org, CorrectionFilter filter, CorrectionId? before, int limit, CancellationToken cancellationToken) =>
        queries.Newest(org, filter, before, limit, cancellationToken);

    /// <summary>One correction; null when the organisation has none of this id.</summary>
    public Task<Correction?> Find(OrgId org, CorrectionId correction, CancellationToken cancellationToken) =>
        queries.One(org, correction, cancellationToken);
}
