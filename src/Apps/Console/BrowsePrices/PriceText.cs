using System.Globalization;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowsePrices;

/// <summary>What prices say, in words.</summary>
public static class PriceText
{
    /// <summary>The models, with their names in forms and for people.</summary>
    public static IReadOnlyList<(string Name, string Text)> Models { get; } =
    [
        ("per_unit", "Per unit"),
        ("flat", "Flat: once in a period"),
        ("package", "Per package begun"),
        ("graduated", "Graduated: each tier prices its part"),
        ("volume", "Volume: the tier reached prices all"),
        ("percentage", "Percentage of money"),
    ];

    /// <summary>A model in one line.</summary>
    public static string Of(PriceModel model, Currency currency) => model switch
    {
        PriceModel.Flat flat => $"{Amount(flat.Price, currency)} once in a period",
        PriceModel.PerUnit unit => $"{Amount(unit.Price, currency)}{Per(unit.Per)}",
        PriceModel.Package package => $"{Amount(package.Price, currency)} for each {Number(package.Size)} begun",
        PriceModel.Graduated graduated => $"{Tiers(graduated.Tiers, graduated.Per, currency)}, each for its part",
        PriceModel.Volume volume => $"{Tiers(volume.Tiers, volume.Per, currency)}, for all of it",
        PriceModel.Percentage percentage => $"{Number(percentage.Percent)} %",
        _ => model.Name,
    };

    private const string NoPrice = "no price: usage waits for one";

    /// <summary>A whole price in one line: its first cell, and how many more there are.</summary>
    public static string Short(PriceVersion version)
    {
        if (version.Terms.IsUnpriced)
        {
            return NoPrice;
        }

        var cells = version.Terms.Cells;
        var first = Of(cells[0].Model, version.Currency);
        var factor = version.Terms.Factor is { } by ? $", {Of(by)}" : string.Empty;
        return cells.Count == 1 ? first + factor : $"{first}{factor}, and {Format.Count(cells.Count - 1, "more cell")}";
    }

    /// <summary>All a price says, line by line, for showing and for comparing.</summary>
    public static IReadOnlyList<(string Name, string Text)> Lines(PriceVersion version)
    {
        var terms = version.Terms;
        var currency = version.Currency;
        var lines = new List<(string Name, string Text)>();
        if (terms.IsUnpriced)
        {
            lines.Add(("All usage", NoPrice));
        }

        foreach (var cell in terms.Cells)
        {
            var included = cell.Included > 0 ? $", after {Number(cell.Included)} included" : string.Empty;
            lines.Add((CellName(cell), Of(cell.Model, currency) + included));
        }

        void Add(string name, string? text)
        {
            if (text is not null)
            {
                lines.Add((name, text));
            }
        }

        Add("Customer pays", terms.Factor is { } factor ? Of(factor) : null);
        Add("Included", terms.Included > 0 ? Number(terms.Included) : null);
        Add("Minimum", terms.Minimum is { } minimum ? $"{Amount(minimum, currency)} a closed period" : null);
        Add("Maximum", terms.Maximum is { } maximum ? $"{Amount(maximum, currency)} a period" : null);
        Add("Provider cost", version.Cost is { } cost ? string.Join("; ", cost.Cells.Select(cell => Of(cell.Model, currency))) : null);
        Add("Told apart by", version.GroupBy.Count > 0 ? string.Join(", ", version.GroupBy) : null);
        Add("Rounded to", version.Scale < PriceVersion.ScaleMax ? $"{version.Scale} digits" : null);
        return lines;
    }

    /// <summary>Which usage a cell takes.</summary>
    public static string CellName(PriceCell cell) => cell.IsWhole
        ? "All usage"
        : string.Join(" · ", cell.Match.ToDictionary().Select(pair => $"{pair.Key} = {pair.Value}")
            .Concat(cell.Hours is { } hours ? [hours.ToString()] : []));

    /// <summary>Which usage a price takes.</summary>
    public static string Match(Dimensions match) => match == Dimensions.None
        ? "all usage"
        : string.Join(", ", match.ToDictionary().Select(pair => $"{pair.Key} = {pair.Value}"));

    /// <summary>A factor in words.</summary>
    public static string Of(PriceFactor factor) => factor switch
    {
        PriceFactor.Markup markup => $"cost + {Number(markup.Rate * 100)} %",
        PriceFactor.Margin margin => $"cost such that {Number(margin.Rate * 100)} % of the price is kept",
        PriceFactor.Discount discount => $"{Number(discount.Rate * 100)} % less",
        _ => factor.Value.ToString(),
    };

    /// <summary>One step of the arithmetic: what it does and how.</summary>
    public static (string What, string How) Of(RatingStep step, Currency currency)
    {
        var quantity = step.Quantity is { } amount ? Exact(amount) : string.Empty;
        var price = step.Price is { } each ? Amount(each, currency) : string.Empty;
        var per = step.Per is { } whole and not 1m ? $" / {Number(whole)}" : string.Empty;
        return step.Kind switch
        {
            RatingStepKind.Included => ("Included", $"{quantity} cost nothing"),
            RatingStepKind.Flat => ("Flat", "once in a period"),
            RatingStepKind.PerUnit => ("Per unit", $"{quantity} × {price}{per}"),
            RatingStepKind.Package => ("Packages", $"{quantity} ÷ {Number(step.Per ?? 1)}, rounded up, × {price}"),
            RatingStepKind.Tier => ($"Tier {step.Tier + 1}", $"{quantity} × {price}{per}"),
            RatingStepKind.TierFlat => ($"Tier {step.Tier + 1}, flat", "once it is reached"),
            RatingStepKind.Percentage => ("Percentage", $"{quantity} × {Number(step.Price ?? 0)} %"),
            RatingStepKind.Factor => ("Markup or discount", "on what stands above"),
            RatingStepKind.ChargedBefore => ("Charged before", $"{quantity} at this version"),
            RatingStepKind.Discount => ("Contract's discount", "on what stands above"),
            RatingStepKind.Maximum => ("Above the maximum", "not charged"),
            RatingStepKind.Minimum => ("Up to the minimum", "of a closed period"),
            _ => (step.Kind.ToString(), string.Empty),
        };
    }

    /// <summary>An exact amount as people read it; a fraction that never ends is cut after twelve digits.</summary>
    public static string Exact(ExactFraction amount, Currency currency) =>
        amount.ToExactDecimal() is { } whole ? Format.Exact(whole, currency) : "≈ " + Amount(Cut(amount), currency);

    /// <summary>An exact number.</summary>
    public static string Exact(ExactFraction number) =>
        number.ToExactDecimal()?.ToDecimal() is { } whole ? Number(whole) : "≈ " + Number(Cut(number));

    /// <summary>A number as near as drawings need it.</summary>
    public static double Near(ExactFraction number) => (double)Cut(number);

    /// <summary>Units of a currency, all digits.</summary>
    public static string Amount(decimal units, Currency currency) => Format.Exact(ExactDecimal.Of(units), currency);

    /// <summary>A number, all digits, with separators.</summary>
    public static string Number(decimal number) => number.ToString("#,##0.############", CultureInfo.InvariantCulture);

    private static decimal Cut(ExactFraction number)
    {
        const long Shift = 1_000_000_000_000;
        var shifted = System.Numerics.BigInteger.Divide(number.Numerator * Shift, number.Denominator);
        return System.Numerics.BigInteger.Abs(shifted) > (System.Numerics.BigInteger)decimal.MaxValue
            ? shifted.Sign * decimal.MaxValue
            : (decimal)shifted / Shift;
    }

    private static string Per(decimal per) => per == 1 ? " each" : $" per {Number(per)}";

    private static string Tiers(IReadOnlyList<PriceTier> tiers, decimal per, Currency currency) => string.Join(
        "; ",
        tiers.Select((tier, index) =>
        {
            var flat = tier.FlatPrice == 0 ? string.Empty : $" + {Amount(tier.FlatPrice, currency)}";
            var where = tier.UpTo is { } end ? $"up to {Number(end)}" : index == 0 ? "any" : "beyond";
            return $"{where}: {Amount(tier.UnitPrice, currency)}{flat}";
        })) + (per == 1 ? string.Empty : $", per {Number(per)}");
}
