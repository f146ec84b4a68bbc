using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>What a step of a price's arithmetic does.</summary>
public enum RatingStepKind
{
    /// <summary>Quantity that is included, and costs nothing.</summary>
    Included,

    /// <summary>One price for any usage.</summary>
    Flat,

    /// <summary>Quantity × price ÷ per.</summary>
    PerUnit,

    /// <summary>Whole packages of <c>per</c>, each at the price.</summary>
    Package,

    /// <summary>The quantity in a tier × its price ÷ per.</summary>
    Tier,

    /// <summary>What a tier costs once.</summary>
    TierFlat,

    /// <summary>Quantity × percent ÷ 100.</summary>
    Percentage,

    /// <summary>What the price's factor adds or takes off.</summary>
    Factor,

    /// <summary>What the same quantities before this version would have cost at it: they were charged already.</summary>
    ChargedBefore,

    /// <summary>What a contract takes off.</summary>
    Discount,

    /// <summary>What is beyond the maximum.</summary>
    Maximum,

    /// <summary>What is missing to the minimum of a closed period.</summary>
    Minimum,
}

/// <summary>One step of what a period costs.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Version">The price version that says so.</param>
/// <param name="Cell">The cell's key; null for what holds over all cells.</param>
/// <param name="Tier">Which tier, from zero; null where there are none.</param>
/// <param name="Quantity">How much usage it is about, in the meter's unit; null where it is about money only.</param>
/// <param name="Price">Units of currency, or a percentage; null where there is none.</param>
/// <param name="Per">What the price is for.</param>
/// <param name="Amount">What it adds, in units of currency, exact.</param>
public sealed record RatingStep(
    RatingStepKind Kind,
    PriceVersionId Version,
    string? Cell,
    int? Tier,
    ExactFraction? Quantity,
    decimal? Price,
    decimal? Per,
    ExactFraction Amount);
