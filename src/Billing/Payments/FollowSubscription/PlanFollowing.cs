using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Payments.FollowSubscription;

/// <summary>A subscription as plans follow it: its instants are the organisation's, in quarter hours.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Plan">The version it pays.</param>
/// <param name="Period">The period it is in.</param>
/// <param name="TrialEnd">When its trial ends; null is in none.</param>
/// <param name="IsOver">Whether it has ended.</param>
/// <param name="EndsWithPeriod">Whether the plan goes when the period ends.</param>
/// <param name="IsPaid">Whether its period was paid, or was not to be.</param>
/// <param name="ChangesAt">Since when its plan is the new one, where that was said; null is now.</param>
/// <param name="IsResumed">Whether it was followed before, so that what it goes on with is paid or free.</param>
/// <param name="Note">What the assignment says of it, for people.</param>
internal sealed record FollowedSubscription(
    BillingAccountKey Account,
    PlanVersion Plan,
    Period Period,
    DateTimeOffset? TrialEnd,
    bool IsOver,
    bool EndsWithPeriod,
    bool IsPaid,
    DateTimeOffset? ChangesAt,
    bool IsResumed,
    string Note);

/// <summary>What is to be done so that plans say what a subscription does; one step.</summary>
internal abstract record PlanStep
{
    private PlanStep()
    {
    }

    /// <summary>They say the same.</summary>
    public sealed record None : PlanStep;

    /// <summary>The plan is assigned.</summary>
    public sealed record Assign(NewAssignment Request) : PlanStep;

    /// <summary>Another plan takes its place.</summary>
    public sealed record Change(PlanChange Request) : PlanStep;

    /// <summary>It ends.</summary>
    public sealed record End(AssignmentEnd Request) : PlanStep;

    /// <summary>It goes on.</summary>
    public sealed record Resume(AssignmentId Assignment) : PlanStep;
}

/// <summary>
/// Decides how plans follow a subscription. Pure, and from how both stand now, not from what happened: news may come twice,
/// late or the wrong way round, and the end is the same. A dearer plan counts at once, a cheaper one when the period ends.
/// </summary>
internal static class PlanFollowing
{
    /// <summary>The next step.</summary>
    public static PlanStep Next(FollowedSubscription said, AccountPlans plans, DateTimeOffset now)
    {
        if (plans.At(AssignmentKind.Plan, now) is not { } current)
        {
            return said.IsOver || said.EndsWithPeriod ? new PlanStep.None() : Assign(said, plans, now);
        }

        if (said.IsOver)
        {
            return EndOf(said, current, now);
        }

        if (!IsAligned(current, said.Period))
        {
            return new PlanStep.End(new AssignmentEnd(said.Account.Org, current.Id, ChangeTime.Now));
        }

        if (said.EndsWithPeriod)
        {
            if (said.Period.End <= now)
            {
                return EndAt(said, current, said.Period.End, now);
            }

            return current.InForce.End <= said.Period.End
                ? new PlanStep.None()
                : new PlanStep.End(new AssignmentEnd(said.Account.Org, current.Id, ChangeTime.PeriodEnd));
        }

        var next = plans.Assignments.FirstOrDefault(one =>
            one.Kind == AssignmentKind.Plan && one.InForce.Start == current.InForce.End);
        if (current.Plan?.Id == said.Plan.Id)
        {
            return current.InForce.End == DateTimeOffset.MaxValue
                ? new PlanStep.None()
                : new PlanStep.Resume(current.Id);
        }

        return next?.Plan?.Id == said.Plan.Id
            ? new PlanStep.None()
            : new PlanStep.Change(ChangeOf(said, current, now));
    }

    // What is heard too late counts from as near to when it was to count as plans reach back.
    private static PlanChange ChangeOf(FollowedSubscription said, Assignment current, DateTimeOffset now)
    {
        var earliest = QuarterHour.Of(now) - Quoin.Pricing.Limits.ReachBackMax;
        var isDearer = said.Plan.Fee > (current.Plan?.Fee ?? Money.Zero(said.Plan.Fee.Currency));
        var from = said.ChangesAt < earliest ? earliest : said.ChangesAt;
        return isDearer && from is { } at && current.InForce.Contains(at)
            ? new PlanChange(said.Account.Org, current.Id, said.Plan.Id, ChangeTime.At, at) { MayReachBack = true }
            : new PlanChange(said.Account.Org, current.Id, said.Plan.Id);
    }

    // What was paid stays until its period ends; what was not ends at once, and its fee with it.
    private static PlanStep EndOf(FollowedSubscription said, Assignment current, DateTimeOffset now)
    {
        if (!IsAligned(current, said.Period))
        {
            return new PlanStep.None();
        }

        return EndAt(said, current, said.IsPaid ? said.Period.End : QuarterHour.Of(now), now);
    }

    // What is heard late ends where it would have ended on time, or as near to it as plans reach back.
    private static PlanStep EndAt(FollowedSubscription said, Assignment current, DateTimeOffset end, DateTimeOffset now)
    {
        DateTimeOffset[] bounds = [end, current.InForce.Start, QuarterHour.Of(now) - Quoin.Pricing.Limits.ReachBackMax];
        var at = bounds.Max();
        return current.InForce.End <= at
            ? new PlanStep.None()
            : new PlanStep.End(new AssignmentEnd(said.Account.Org, current.Id, ChangeTime.At, at) { MayReachBack = true });
    }

    private static PlanStep.Assign Assign(FollowedSubscription said, AccountPlans plans, DateTimeOffset now)
    {
        var earliest = QuarterHour.Of(now) - Quoin.Pricing.Limits.ReachBackMax;
        var before = plans.Assignments
            .Where(one => one.Kind == AssignmentKind.Plan && one.InForce.End <= now)
            .Select(one => one.InForce.End)
            .Append(earliest)
            .Max();
        var from = said.IsResumed ? QuarterHour.Of(now) : said.Period.Start > before ? said.Period.Start : before;
        var free = said.TrialEnd ?? (said.IsResumed ? said.Period.End : null);
        return new PlanStep.Assign(new NewAssignment(said.Account, AssignmentKind.Plan, said.Plan.Id)
        {
            From = from,
            Anchor = free ?? said.Period.Start,
            Trial = new AssignmentTrial(free),
            MayReachBack = true,
            Note = said.Note,
        });
    }

    // Months from the anchor begin where the subscription's periods do; periods that are no months fit always.
    private static bool IsAligned(Assignment current, Period period) =>
        BillingPeriods.MonthFrom(period.Start, period.End).Start != period.End
        || BillingPeriods.MonthFrom(current.Anchor, period.End).Start == period.End;
}
