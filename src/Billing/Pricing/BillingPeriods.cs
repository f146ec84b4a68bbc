using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>
/// An account's billing periods: every instant lies in exactly one. Without a plan, calendar months, UTC; with one,
/// months from its anchor (of the 31st, the last day of shorter ones). A change of plan that keeps the anchor keeps the
/// period; a first plan ends the calendar month's period where it begins, and its end begins another.
/// </summary>
public static class BillingPeriods
{
    /// <summary>The period that holds an instant.</summary>
    /// <param name="assignments">All an account has and had.</param>
    /// <param name="at">The instant.</param>
    public static Period Of(IReadOnlyList<Assignment> assignments, DateTimeOffset at)
    {
        var anchor = AnchorAt(assignments, at);
        var nominal = anchor is { } start ? MonthFrom(start, at) : Period.MonthOf(at);

        // Between two neighbouring starts and ends nothing changes; the period goes on over those that change nothing.
        var edges = assignments
            .SelectMany(assignment => new[] { assignment.InForce.Start, assignment.InForce.End })
            .Where(edge => edge > nominal.Start && edge < nominal.End)
            .Distinct()
            .Order()
            .ToArray();
        var first = edges.Where(edge => edge <= at)
            .LastOrDefault(edge => AnchorAt(assignments, edge.AddTicks(-1)) != anchor, nominal.Start);
        var end = edges.Where(edge => edge > at)
            .FirstOrDefault(edge => AnchorAt(assignments, edge) != anchor, nominal.End);
        return new Period(first, end);
    }

    /// <summary>The whole month from an anchor that holds an instant, whatever else happens within it.</summary>
    public static Period MonthFrom(DateTimeOffset anchor, DateTimeOffset at)
    {
        var start = anchor.UtcDateTime;
        var now = at.UtcDateTime;
        var months = ((now.Year - start.Year) * 12) + now.Month - start.Month;

        // Each month is counted from the anchor itself: from a clamped 28th the next one would be a 28th too.
        if (start.AddMonths(months) > now)
        {
            months--;
        }

        return new Period(At(start, months), At(start, months + 1));
    }

    private static DateTimeOffset At(DateTime anchor, int months) => new(anchor.AddMonths(months), TimeSpan.Zero);

    private static DateTimeOffset? AnchorAt(IReadOnlyList<Assignment> assignments, DateTimeOffset at) =>
        AnchorOf(assignments, AssignmentKind.Plan, at)
        ?? AnchorOf(assignments, AssignmentKind.Reseller, at)
        ?? AnchorOf(assignments, AssignmentKind.Contract, at);

    private static DateTimeOffset? AnchorOf(IReadOnlyList<Assignment> assignments, AssignmentKind kind, DateTimeOffset at)
    {
        foreach (var assignment in assignments)
        {
            if (assignment.Kind == kind && assignment.InForce.Contains(at))
            {
                return assignment.Anchor;
            }
        }

        return null;
    }
}
