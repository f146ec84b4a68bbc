using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>What quantities cost at one version's terms, before its maximum and minimum.</summary>
internal static class TermsRating
{
    public static ExactFraction Amount(PriceSegment segment, CellQuantities quantities, List<RatingStep>? steps)
    {
        var terms = segment.Terms;
        var sum = ExactFraction.Zero;
        ExactFraction included = terms.Included;
        foreach (var cell in terms.Cells)
        {
            var quantity = segment.TakesAll ? quantities.Sum() : quantities.Of(cell.Key);
            if (quantity.IsZero)
            {
                continue;
            }

            var size = quantity.Abs();
            var free = ExactFraction.Min(size, cell.Included + included);
            included -= ExactFraction.Max(free - cell.Included, ExactFraction.Zero);
            if (!free.IsZero)
            {
                var term = new ModelTerm(RatingStepKind.Included, null, free, 0m, 1m, ExactFraction.Zero);
                steps?.Add(Step(segment, cell, term, quantity.Sign));
            }

            sum += OfCell(segment, cell, size - free, quantity.Sign, steps);
        }

        if (terms.Factor is null)
        {
            return sum;
        }

        var product = sum * terms.Factor.Value;
        steps?.Add(segment.Step(RatingStepKind.Factor, product - sum));
        return product;
    }

    // A negative quantity costs the mirror of the positive one.
    private static ExactFraction OfCell(
        PriceSegment segment,
        PriceCell cell,
        ExactFraction size,
        int sign,
        List<RatingStep>? steps)
    {
        if (size.IsZero)
        {
            return ExactFraction.Zero;
        }

        steps?.AddRange(cell.Model.Terms(size).Select(term => Step(segment, cell, term, sign)));
        var amount = cell.Model.Amount(size);
        return sign < 0 ? -amount : amount;
    }

    private static RatingStep Step(PriceSegment segment, PriceCell cell, ModelTerm term, int sign) => new(
        term.Kind,
        segment.Version.Id,
        cell.Key,
        term.Tier,
        sign < 0 ? -term.Quantity : term.Quantity,
        term.Price,
        term.Per,
        sign < 0 ? -term.Amount : term.Amount);
}
