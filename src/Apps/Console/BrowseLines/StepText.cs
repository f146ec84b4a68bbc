using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowseLines;

/// <summary>Steps of a price's arithmetic, in words.</summary>
public static class StepText
{
    /// <summary>What a step does.</summary>
    public static string Name(RatingStep step) => step.Kind switch
    {
        RatingStepKind.Included => "Included",
        RatingStepKind.Flat => "Once, for any usage",
        RatingStepKind.PerUnit => "Price",
        RatingStepKind.Package => "Packages",
        RatingStepKind.Tier => $"Tier {step.Tier + 1}",
        RatingStepKind.TierFlat => $"Tier {step.Tier + 1}, once",
        RatingStepKind.Percentage => "Percentage",
        RatingStepKind.Factor => "Factor",
        RatingStepKind.ChargedBefore => "Charged at the price before",
        RatingStepKind.Discount => "Contract's discount",
        RatingStepKind.Maximum => "Beyond the maximum",
        RatingStepKind.Minimum => "Up to the minimum",
        _ => step.Kind.ToString(),
    };

    /// <summary>How it is worked out: <c>1,200 × $0.005</c>; empty where there is nothing to multiply.</summary>
    public static string How(RatingStep step, Currency currency)
    {
        if (step.Price is not { } price || step.Quantity is not { } quantity)
        {
            return step.Quantity is { } alone ? Number(alone) : string.Empty;
        }

        var unit = step.Kind == RatingStepKind.Percentage
            ? $"{Format.Quantity(price)} %"
            : Format.Exact(ExactDecimal.Of(price), currency);
        return step.Per is { } per && per != 1 ? $"{Number(quantity)} × {unit} / {Format.Quantity(per)}" : $"{Number(quantity)} × {unit}";
    }

    /// <summary>An exact amount; a fraction where no decimal says it.</summary>
    public static string Amount(ExactFraction amount, Currency currency) =>
        amount.ToExactDecimal() is { } exact ? Format.Exact(exact, currency) : $"{amount} {currency}";

    private static string Number(ExactFraction quantity) =>
        quantity.ToExactDecimal()?.ToDecimal() is { } whole ? Format.Quantity(whole) : quantity.ToString();
}
