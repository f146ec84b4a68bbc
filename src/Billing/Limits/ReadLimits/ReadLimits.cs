using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>All limits of an organisation.</summary>
/// <param name="Plan">The plan they come from; null where there is none.</param>
/// <param name="GeneratedAt">When they were read.</param>
/// <param name="Limitations">The limits, by code.</param>
internal sealed record LimitationsAnswer(PlanRow? Plan, DateTimeOffset GeneratedAt, IReadOnlyList<LimitRow> Limitations);

/// <summary>What an organisation is on, where it stands, and how far it has come.</summary>
/// <param name="Plan">The plan; null where there is none.</param>
/// <param name="Status">Where the subscription stands.</param>
/// <param name="StatusSince">Since when.</param>
/// <param name="TrialEndsAt">When the trial ends or ended.</param>
/// <param name="TrialDaysRemaining">Days of the trial that are left, begun ones whole.</param>
/// <param name="CurrentPeriodStart">When the billing period began.</param>
/// <param name="CurrentPeriodEnd">When it ends.</param>
/// <param name="Limits">The limits, by code.</param>
/// <param name="Overrides">What the operator changed.</param>
internal sealed record SummaryAnswer(
    PlanRow? Plan,
    BillingStatus Status,
    DateTimeOffset StatusSince,
    DateTimeOffset TrialEndsAt,
    int TrialDaysRemaining,
    DateTimeOffset CurrentPeriodStart,
    DateTimeOffset CurrentPeriodEnd,
    IReadOnlyList<LimitRow> Limits,
    IReadOnlyList<LimitOverride> Overrides);

/// <summary><c>GET /v1/limitations</c> and <c>GET /v1/billing/summary</c>: as it stands now, from the database.</summary>
internal static class ReadLimits
{
    public static async Task<Results<Ok<LimitationsAnswer>, Problem>> Limitations(
        Quotas quotas, HttpContext context, TimeProvider time, CancellationToken cancellationToken) =>
        await quotas.Summary(context.Caller().RequiredOrg, cancellationToken) is { } summary
            ? TypedResults.Ok(new LimitationsAnswer(
                PlanOf(summary), time.GetUtcNow(), [.. summary.Limits.Select(LimitRow.Of)]))
            : NoOrganisation();

    public static async Task<Results<Ok<SummaryAnswer>, Problem>> Summary(
        Quotas quotas, HttpContext context, CancellationToken cancellationToken) =>
        await quotas.Summary(context.Caller().RequiredOrg, cancellationToken) is { } summary
            ? TypedResults.Ok(Shown(summary))
            : NoOrganisation();

    /// <summary>A summary as the API shows it.</summary>
    public static SummaryAnswer Shown(BillingSummary summary) => new(
        PlanOf(summary),
        summary.State.Status,
        summary.State.StatusSince,
        summary.State.TrialEndsAt,
        summary.TrialDaysLeft,
        summary.Plan.BillingPeriod.Start,
        summary.Plan.BillingPeriod.End,
        [.. summary.Limits.Select(LimitRow.Of)],
        summary.Overrides);

    private static PlanRow? PlanOf(BillingSummary summary) =>
        summary.Plan.Key is { } key ? new PlanRow(key, summary.Plan.Name, summary.Plan.Fee) : null;

    private static Problem NoOrganisation() => new(PlatformProblems.NotFound, "There is no such organisation.");
}
