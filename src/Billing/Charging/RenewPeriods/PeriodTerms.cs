using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Credit a plan gives for a period.</summary>
/// <param name="Key">Names it for ever: the same is given once.</param>
/// <param name="Grant">What the plan says.</param>
/// <param name="Micros">How much, for the part of the month the plan is there.</param>
/// <param name="From">From when it may be spent.</param>
/// <param name="Until">The end of the period.</param>
internal sealed record DueGrant(string Key, IncludedGrant Grant, long Micros, DateTimeOffset From, DateTimeOffset Until);

/// <summary>
/// What a billing period's plans and contracts ask for, at an instant. Pure. Parts of a month are counted by the second,
/// and a period is rounded once, over all its parts.
/// </summary>
internal sealed class PeriodTerms(AccountPlans plans, Period period)
{
    /// <summary>What the period's plans cost so far, in micros: parts that have begun, once their trial is over.</summary>
    public long FeeMicros(DateTimeOffset instant)
    {
        var sum = Parts()
            .Where(part => part.Assignment.Plan is not null && Charged(part) is var charged
                && charged.Start < charged.End && charged.Start <= instant)
            .Aggregate(ExactFraction.Zero, (total, part) =>
                total + (ExactFraction.Of(part.Assignment.Plan!.Fee.Micros) * ShareOfMonth(part.Assignment, Charged(part))));
        return RoundedMicros(sum);
    }

    /// <summary>The assignment whose fee the period ends with so far; null without a plan.</summary>
    public Assignment? Leading(DateTimeOffset instant) =>
        Parts().LastOrDefault(part => part.Span.Start <= instant)?.Assignment;

    /// <summary>The grants of the parts that have begun.</summary>
    public IEnumerable<DueGrant> Grants(DateTimeOffset instant) =>
        from part in Parts()
        where part.Span.Start <= instant && part.Assignment.Plan is not null
        from grant in part.Assignment.Plan!.Grants
        let micros = RoundedMicros(
            ExactFraction.Of(grant.AmountMicros) * ShareOfMonth(part.Assignment, new Period(part.Span.Start, period.End)))
        where micros > 0
        select new DueGrant(
            $"plan-grant:{part.Assignment.Id}:{part.Span.Start.ToUnixTimeSeconds()}:{grant.Name}",
            grant,
            micros,
            part.Span.Start,
            period.End);

    /// <summary>
    /// What the period's commitments ask for beyond its usage: what is missing to them, or the surcharge on what lies
    /// beyond.
    /// </summary>
    /// <param name="usedMicros">What its usage came to.</param>
    public long CommitMicros(long usedMicros)
    {
        var promised = ExactFraction.Zero;
        var factor = ExactFraction.One;
        foreach (var assignment in plans.Assignments)
        {
            var span = Overlap(assignment.InForce, period);
            if (assignment.Commitment is { } commitment && span.Start < span.End)
            {
                promised += ExactFraction.Of(commitment.AmountMicros) * ShareOfMonth(assignment, span);
                factor = commitment.OverageFactor;
            }
        }

        var used = ExactFraction.Of(usedMicros);
        return promised.IsZero ? 0
            : used < promised ? RoundedMicros(promised - used)
            : RoundedMicros((used - promised) * (factor - ExactFraction.One));
    }

    /// <summary>The contract behind the commitment; null without one.</summary>
    public Assignment? Committed => plans.Assignments.LastOrDefault(assignment =>
        assignment.Commitment is not null && Overlap(assignment.InForce, period) is var span && span.Start < span.End);

    /// <summary>The next instant after one at which fee or grants change within the period; null when none does.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset instant) => Parts()
        .SelectMany(part => new[] { part.Span.Start, Charged(part).Start })
        .Where(at => at > instant && at < period.End)
        .Select(at => (DateTimeOffset?)at)
        .Min();

    // The stretches of the period with one leading assignment each.
    private List<Part> Parts()
    {
        var edges = plans.Assignments
            .SelectMany(assignment => new[] { assignment.InForce.Start, assignment.InForce.End })
            .Append(period.Start)
            .Where(period.Contains)
            .Distinct()
            .Order()
            .ToArray();
        var parts = new List<Part>();
        foreach (var (index, start) in edges.Index())
        {
            var span = new Period(start, index + 1 < edges.Length ? edges[index + 1] : period.End);
            if (plans.LeadingAt(start) is not { } leading)
            {
                continue;
            }

            if (parts.Count > 0 && parts[^1].Assignment.Id == leading.Id)
            {
                parts[^1] = parts[^1] with { Span = new Period(parts[^1].Span.Start, span.End) };
            }
            else
            {
                parts.Add(new Part(leading, span));
            }
        }

        return parts;
    }

    private static Period Charged(Part part) => part.Assignment.TrialEndsAt is { } trialEnd && trialEnd > part.Span.Start
        ? part.Span with { Start = trialEnd < part.Span.End ? trialEnd : part.Span.End }
        : part.Span;

    // Of the whole month from the anchor, even where the period itself is cut short.
    private static ExactFraction ShareOfMonth(Assignment assignment, Period span)
    {
        var month = BillingPeriods.MonthFrom(assignment.Anchor, span.Start);
        return ExactFraction.Of((span.End - span.Start).Ticks, (month.End - month.Start).Ticks);
    }

    private static Period Overlap(Period one, Period other) => new(
        one.Start > other.Start ? one.Start : other.Start, one.End < other.End ? one.End : other.End);

    private static long RoundedMicros(ExactFraction micros) =>
        Rounding.HalfUpToMicros(micros / 1_000_000m)
            ?? throw new InvalidOperationException("A period's fee is more than 64 bits of micros.");

    private sealed record Part(Assignment Assignment, Period Span);
}
