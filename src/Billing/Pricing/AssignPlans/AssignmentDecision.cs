using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>What a change of an account writes: ends that move, and an assignment that is new.</summary>
internal sealed record AssignmentWrites(IReadOnlyList<Assignment> Moved, Assignment? Made)
{
    /// <summary>The one a caller is shown.</summary>
    public Assignment Shown => Made ?? Moved[0];
}

/// <summary>Decides what a change of an account writes. Pure: from what it has, what is asked and the time.</summary>
internal static class AssignmentDecision
{
    /// <summary>
    /// The first quarter hour no usage can be rated in yet: usage may be dated a little ahead, and what is rated keeps
    /// its price.
    /// </summary>
    public static DateTimeOffset PricesFrom(DateTimeOffset now)
    {
        var ahead = now + Limits.PublishAhead;
        var start = QuarterHour.Of(ahead);
        return start == ahead ? start : start.AddTicks(QuarterHour.Ticks);
    }

    public static (AssignmentWrites? Writes, AssignOutcome? Ending) Assign(
        IReadOnlyList<Assignment> known,
        NewAssignment request,
        PlanVersion? plan,
        AssignmentId id,
        DateTimeOffset now)
    {
        var begun = QuarterHour.Of(now);
        var from = request.From ?? begun;
        if (from < Earliest(begun, request.MayReachBack) || !QuarterHour.IsStart(from))
        {
            return (null, new AssignOutcome.Refused("It begins at a quarter hour, not before the one that has begun."));
        }

        if (request.To is { } to && (to <= from || !QuarterHour.IsStart(to)))
        {
            return (null, new AssignOutcome.Refused("It ends at a quarter hour after its beginning."));
        }

        if (request.Anchor is { } anchor && ((anchor > from && !request.MayReachBack) || !QuarterHour.IsStart(anchor)))
        {
            return (null, new AssignOutcome.Refused("Its anchor is a quarter hour, not after its beginning."));
        }

        var inForce = new Period(from, request.To ?? DateTimeOffset.MaxValue);
        if (OfKind(known, request.Kind).FirstOrDefault(other => Overlap(other.InForce, inForce)) is { } other)
        {
            return (null, new AssignOutcome.Overlaps(other.Id));
        }

        var made = new Assignment(
            id,
            request.Account,
            request.Kind,
            plan,
            request.Book,
            inForce,
            PricedIn(inForce, now),
            request.Anchor ?? from,
            request.Commitment,
            request.DiscountBps,
            request.Trial is { } trial ? trial.EndsAt : plan is { TrialDays: > 0 } ? from.AddDays(plan.TrialDays) : null,
            request.Note,
            now);
        return (new AssignmentWrites([], made), null);
    }

    public static (AssignmentWrites? Writes, AssignOutcome? Ending) Change(
        IReadOnlyList<Assignment> known,
        Assignment current,
        PlanVersion plan,
        PlanChange request,
        AssignmentId id,
        DateTimeOffset now)
    {
        var usual = plan.Fee > (current.Plan?.Fee ?? Money.Zero(plan.Fee.Currency)) ? ChangeTime.Now : ChangeTime.PeriodEnd;
        var (at, problem) = TimeOf(
            request.When == ChangeTime.Usual ? usual : request.When, request.At, request.MayReachBack, known, now);
        if (problem is not null)
        {
            return (null, problem);
        }

        if (!current.InForce.Contains(at) && current.InForce.End != at)
        {
            return (null, new AssignOutcome.Refused("It is not in force then; change the one that is, or withdraw it."));
        }

        var inForce = new Period(at, DateTimeOffset.MaxValue);
        var made = current with
        {
            Id = id,
            Plan = plan,
            Book = null,
            InForce = inForce,
            PricesInForce = PricedIn(inForce, now),
            TrialEndsAt = null,
            Note = string.Empty,
            CreatedAt = now,
        };
        return (new AssignmentWrites([EndedAt(current, at, now), .. Withdrawn(known, current, at)], made), null);
    }

    public static (AssignmentWrites? Writes, AssignOutcome? Ending) Cancel(
        IReadOnlyList<Assignment> known,
        Assignment current,
        AssignmentEnd request,
        DateTimeOffset now)
    {
        if (current.InForce.Start > now)
        {
            return Withdrawal(known, current, now);
        }

        var when = request.When == ChangeTime.Usual ? ChangeTime.PeriodEnd : request.When;
        var (at, problem) = TimeOf(when, request.At, request.MayReachBack, known, now);
        if (problem is not null)
        {
            return (null, problem);
        }

        return current.InForce.End <= QuarterHour.Of(now)
            ? (null, new AssignOutcome.Refused("It has ended already."))
            : (new AssignmentWrites([EndedAt(current, at, now), .. Withdrawn(known, current, at)], null), null);
    }

    // What was to end where the withdrawn one begins goes on instead.
    private static (AssignmentWrites? Writes, AssignOutcome? Ending) Withdrawal(
        IReadOnlyList<Assignment> known,
        Assignment current,
        DateTimeOffset now)
    {
        if (current.PricesInForce.Start < PricesFrom(now))
        {
            return (null, new AssignOutcome.Refused("It begins within minutes; change it once it has."));
        }

        var before = OfKind(known, current.Kind).FirstOrDefault(other => other.InForce.End == current.InForce.Start);
        return (new AssignmentWrites(before is null ? [Empty(current)] : [Empty(current), GoingOn(before)], null), null);
    }

    public static (AssignmentWrites? Writes, AssignOutcome? Ending) Resume(
        IReadOnlyList<Assignment> known,
        Assignment current,
        DateTimeOffset now)
    {
        if (!current.InForce.Contains(now) || current.PricesInForce.End < PricesFrom(now))
        {
            return (null, new AssignOutcome.Refused("It has ended, or ends within minutes."));
        }

        return (new AssignmentWrites([GoingOn(current), .. Withdrawn(known, current, current.InForce.End)], null), null);
    }

    private static (DateTimeOffset At, AssignOutcome? Problem) TimeOf(
        ChangeTime when,
        DateTimeOffset? at,
        bool mayReachBack,
        IReadOnlyList<Assignment> known,
        DateTimeOffset now) => when switch
        {
            ChangeTime.PeriodEnd => (BillingPeriods.Of(known, now).End, null),
            ChangeTime.At when at is { } instant
                && instant >= Earliest(QuarterHour.Of(now), mayReachBack)
                && QuarterHour.IsStart(instant) => (instant, null),
            ChangeTime.At => (default, new AssignOutcome.Refused("A change takes place at a quarter hour to come.")),
            _ => (QuarterHour.Of(now), null),
        };

    private static DateTimeOffset Earliest(DateTimeOffset begun, bool mayReachBack) =>
        mayReachBack ? begun - Limits.ReachBackMax : begun;

    private static Assignment EndedAt(Assignment current, DateTimeOffset at, DateTimeOffset now)
    {
        var end = at < current.InForce.Start ? current.InForce.Start : at;
        var pricesEnd = Max(Max(end, PricesFrom(now)), current.PricesInForce.Start);
        return current with
        {
            InForce = current.InForce with { End = end },
            PricesInForce = current.PricesInForce with
            {
                End = end == current.InForce.Start ? current.PricesInForce.Start : pricesEnd,
            },
        };
    }

    private static IEnumerable<Assignment> Withdrawn(IReadOnlyList<Assignment> known, Assignment current, DateTimeOffset at) =>
        OfKind(known, current.Kind).Where(other => other.Id != current.Id && other.InForce.Start >= at).Select(Empty);

    private static Assignment Empty(Assignment assignment) => assignment with
    {
        InForce = assignment.InForce with { End = assignment.InForce.Start },
        PricesInForce = assignment.PricesInForce with { End = assignment.PricesInForce.Start },
    };

    private static Period PricedIn(Period inForce, DateTimeOffset now)
    {
        var start = Max(inForce.Start, PricesFrom(now));
        return new Period(start, Max(start, inForce.End));
    }

    private static Assignment GoingOn(Assignment assignment) => assignment with
    {
        InForce = assignment.InForce with { End = DateTimeOffset.MaxValue },
        PricesInForce = assignment.PricesInForce with { End = DateTimeOffset.MaxValue },
    };

    private static IEnumerable<Assignment> OfKind(IReadOnlyList<Assignment> known, AssignmentKind kind) =>
        known.Where(assignment => assignment.Kind == kind && assignment.InForce.Start < assignment.InForce.End);

    private static bool Overlap(Period left, Period right) => left.Start < right.End && right.Start < left.End;

    private static DateTimeOffset Max(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
