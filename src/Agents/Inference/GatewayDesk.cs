using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The operator's door to the gateway, for pages: what is left over, and what somebody has to look into.</summary>
public sealed class GatewayDesk
{
    private readonly ReadMargins margins;
    private readonly ReviewCalls reviews;

    internal GatewayDesk(ReadMargins margins, ReviewCalls reviews) => (this.margins, this.reviews) = (margins, reviews);

    /// <summary>What is left of what customers pay, the worst first.</summary>
    /// <param name="org">Only of this customer; null of all.</param>
    /// <param name="range">When the calls were over.</param>
    /// <param name="group">What to tell apart.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<MarginRow>> Margins(
        OrgId? org, Period range, MarginGroup group, CancellationToken cancellationToken) =>
        margins.Read(org, range, group, cancellationToken);

    /// <summary>Calls in review, the oldest first.</summary>
    /// <param name="org">Only of this customer; null of all.</param>
    /// <param name="after">Where to go on; null from the oldest on.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Page<ReviewView>> Reviews(
        OrgId? org, CallId? after, PageLimit limit, CancellationToken cancellationToken) => Page.Of(
        await reviews.List(org, after ?? default, limit.RowsToFetch, cancellationToken),
        limit,
        stored => stored.Row.Call.Id,
        ReviewView.Of);

    /// <summary>Says what a call used; it stays in review.</summary>
    public Task<ReviewOutcome> Attach(
        OrgId org, CallId call, AttachedUsage attached, string actor, CancellationToken cancellationToken) =>
        reviews.Attach(org, call, attached, actor, cancellationToken);

    /// <summary>Charges a call what it is known to have used.</summary>
    public Task<ReviewOutcome> Settle(
        OrgId org, CallId call, ReviewDecision decision, string actor, CancellationToken cancellationToken) =>
        reviews.Settle(org, call, decision, actor, cancellationToken);

    /// <summary>Charges nothing for a call.</summary>
    public Task<ReviewOutcome> Waive(
        OrgId org, CallId call, ReviewDecision decision, string actor, CancellationToken cancellationToken) =>
        reviews.Waive(org, call, decision, actor, cancellationToken);
}
