using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>
/// The formula of a period's amount, once, with or without the record of its steps: what is explained is what is
/// charged.
/// </summary>
internal static class PeriodRating
{
    public static ExactFraction Amount(List<PriceSegment> segments, bool isClosed, List<RatingStep>? steps)
    {
        var total = ExactFraction.Zero;
        var before = new CellQuantities();
        foreach (var segment in segments)
        {
            total += Added(segment, before, total, steps);
            before.Add(segment.Quantities);
        }

        if (isClosed && segments.Count > 0 && segments[^1] is { Terms.Minimum: { } minimum } last && total < minimum)
        {
            steps?.Add(last.Step(RatingStepKind.Minimum, minimum - total, minimum));
            total = minimum;
        }

        return total;
    }

    private static ExactFraction Added(
        PriceSegment segment,
        CellQuantities before,
        ExactFraction total,
        List<RatingStep>? steps)
    {
        var added = TermsRating.Amount(segment, before.With(segment.Quantities), steps);
        if (!before.IsEmpty)
        {
            var charged = TermsRating.Amount(segment, before, null);
            added -= charged;
            steps?.Add(segment.Step(RatingStepKind.ChargedBefore, -charged));
        }

        if (segment.DiscountBps != 0)
        {
            var off = -added * ExactFraction.Of(segment.DiscountBps, PriceSegment.BpsOfAll);
            added += off;
            steps?.Add(segment.Step(RatingStepKind.Discount, off, segment.DiscountBps));
        }

        if (segment.Terms.Maximum is { } maximum)
        {
            // What earlier versions charged stays charged: this version only adds what its maximum leaves room for.
            var room = ExactFraction.Max(maximum - total, ExactFraction.Zero);
            if (added > room)
            {
                steps?.Add(segment.Step(RatingStepKind.Maximum, room - added, maximum));
                added = room;
            }
        }

        return added;
    }
}
