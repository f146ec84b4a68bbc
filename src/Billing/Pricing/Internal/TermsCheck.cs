using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>What terms must be to be published. Pure.</summary>
internal static class TermsCheck
{
    private const int MinutesPerDay = 24 * 60;
    private const int MinutesPerQuarterHour = 15;

    /// <summary>What is wrong with terms, for a person; null when nothing is.</summary>
    public static string? Problem(PriceTerms terms)
    {
        if (terms.IsUnpriced)
        {
            return terms is { Included: 0m, Maximum: null, Minimum: null, Factor: null }
                ? null
                : "terms without cells say that there is no price, and nothing else";
        }

        if (terms.Cells.Count > Limits.CellsMax)
        {
            return $"a price has at most {Limits.CellsMax} cells";
        }

        if (terms.Cells.DistinctBy(cell => cell.Key).Count() != terms.Cells.Count)
        {
            return "two cells have the same key";
        }

        if (terms.Maximum < terms.Minimum)
        {
            return "the maximum is below the minimum";
        }

        return Quantity("included", terms.Included)
            ?? Price("maximum", terms.Maximum)
            ?? Price("minimum", terms.Minimum)
            ?? Factor(terms.Factor)
            ?? terms.Cells.Select(Problem).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>Why a cost cannot be told for what a price charges; null when it can.</summary>
    public static string? CostProblem(PriceTerms price, PriceTerms? cost)
    {
        if (cost is not null && (cost.IsUnpriced || price.IsUnpriced))
        {
            return "a cost has cells, and usage without a price has no cost";
        }

        if (cost is null or { Cells: [{ IsWhole: true }] })
        {
            return null;
        }

        return price.Cells.FirstOrDefault(cell => cost.Cells.All(known => known.Key != cell.Key)) is { } missing
            ? $"the cost has no cell '{missing.Key}', and more than one cell"
            : null;
    }

    private static string? Problem(PriceCell cell) =>
        InputText.Problem(cell.Key, Limits.CellKeyLettersMax) is { } wrong ? $"a cell's key {wrong}"
        : MatchProblem(cell.Match)
            ?? Quantity("included", cell.Included)
            ?? (cell.Hours is null ? null : Problem(cell.Hours))
            ?? Problem(cell.Model);

    /// <summary>What is wrong with the names or values usage must have.</summary>
    public static string? MatchProblem(Dimensions match) => match.ToDictionary()
        .SelectMany(pair => new[] { pair.Key, pair.Value })
        .Select(text => InputText.Problem(text, Limits.DimensionLettersMax))
        .FirstOrDefault(found => found is not null) is { } wrong
            ? $"a name or value of match {wrong}"
            : null;

    private static string? Problem(WeeklyHours hours) =>
        hours.FromMinute % MinutesPerQuarterHour != 0 || hours.UntilMinute % MinutesPerQuarterHour != 0
        || hours.FromMinute >= MinutesPerDay || hours.FromMinute == hours.UntilMinute
        || hours.Days.Distinct().Count() != hours.Days.Count
            ? "hours begin and end at two different quarter hours, and name a day once"
            : null;

    private static string? Problem(PriceModel model) => model switch
    {
        PriceModel.Flat flat => Price("price", flat.Price),
        PriceModel.PerUnit unit => Price("price", unit.Price) ?? Divisor("per", unit.Per),
        PriceModel.Package package => Price("price", package.Price) ?? Divisor("size", package.Size),
        PriceModel.Graduated graduated => Problem(graduated.Tiers) ?? Divisor("per", graduated.Per),
        PriceModel.Volume volume => Problem(volume.Tiers) ?? Divisor("per", volume.Per),
        PriceModel.Percentage share => Price("percent", share.Percent),
        _ => throw new InvalidOperationException($"{model.Name} has no check."),
    };

    private static string? Problem(IReadOnlyList<PriceTier> tiers)
    {
        if (tiers.Count is 0 or > Limits.TiersMax)
        {
            return $"a tiered price has 1 to {Limits.TiersMax} tiers";
        }

        var below = 0m;
        foreach (var (index, tier) in tiers.Index())
        {
            var isLast = index == tiers.Count - 1;
            if (tier.UpTo is null != isLast || tier.UpTo <= below)
            {
                return "tiers rise, and the last one alone has no up_to";
            }

            below = tier.UpTo ?? below;
        }

        return tiers
            .Select(tier => Price("unit_price", tier.UnitPrice) ?? Price("flat_price", tier.FlatPrice) ?? Quantity("up_to", tier.UpTo))
            .FirstOrDefault(problem => problem is not null);
    }

    private static string? Factor(PriceFactor? factor) => factor switch
    {
        PriceFactor.Markup { Rate: < 0 or > Limits.MarkupMax } => $"a markup is 0 to {Limits.MarkupMax}",
        PriceFactor.Margin { Rate: < 0 or > Limits.MarginMax } => $"a margin is 0 to {Limits.MarginMax}",
        PriceFactor.Discount { Rate: < 0 or > 1 } => "a discount is 0 to 1",
        _ => null,
    };

    private static string? Price(string name, decimal? price) =>
        price is < 0 or > Limits.UnitPriceMax || price is { Scale: > Limits.UnitPriceScaleMax }
            ? $"{name} is between 0 and {Limits.UnitPriceMax} with at most {Limits.UnitPriceScaleMax} decimals"
            : null;

    private static string? Quantity(string name, decimal? quantity) =>
        quantity is < 0 or > Limits.QuantityMax ? $"{name} is between 0 and {Limits.QuantityMax}" : null;

    private static string? Divisor(string name, decimal quantity) =>
        quantity is <= 0 or > Limits.QuantityMax ? $"{name} is above 0 and at most {Limits.QuantityMax}" : null;
}
