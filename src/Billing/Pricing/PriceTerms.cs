using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>
/// What a price version says: cells that take usage by its dimensions and its time, and what holds over all of them.
/// The amount of a period's quantities is a function of this and of nothing else.
/// </summary>
/// <param name="Cells">In order: the first one that takes a piece of usage prices it. None is no price.</param>
/// <param name="Included">Quantity of each period that costs nothing; it is used up by the cells in their order.</param>
/// <param name="Maximum">Units of currency a period never goes beyond.</param>
/// <param name="Minimum">Units of currency a period comes to when it is closed.</param>
/// <param name="Factor">What the cells' sum is multiplied by; null is one.</param>
public sealed record PriceTerms(
    IReadOnlyList<PriceCell> Cells,
    decimal Included = 0m,
    decimal? Maximum = null,
    decimal? Minimum = null,
    PriceFactor? Factor = null)
{
    /// <summary>
    /// No price: usage waits until a later version says one, and no wider component of the book or other book prices it.
    /// </summary>
    public static readonly PriceTerms Unpriced = new([]);

    /// <summary>Whether they say that there is no price.</summary>
    public bool IsUnpriced => Cells.Count == 0;

    /// <summary>The commonest terms: a unit price for all usage.</summary>
    /// <param name="price">Units of currency for <paramref name="per"/>.</param>
    /// <param name="per">Of the meter's unit.</param>
    public static PriceTerms PerUnit(decimal price, decimal per = 1m) => Of(new PriceModel.PerUnit(price, per));

    /// <summary>One model for all usage.</summary>
    public static PriceTerms Of(PriceModel model) => new([new PriceCell(PriceCell.Whole, Dimensions.None, model)]);

    /// <summary>The unit price, where one price for all usage is all there is to say; otherwise null.</summary>
    public PriceModel.PerUnit? Simple => this is
    {
        Cells: [{ Key: PriceCell.Whole, IsWhole: true, Included: 0m, Model: PriceModel.PerUnit simple }],
        Included: 0m,
        Maximum: null,
        Minimum: null,
        Factor: null,
    }
        ? simple
        : null;
}

/// <summary>A part of a price: which usage it takes, and what that costs.</summary>
/// <param name="Key">
/// Its name among the cells, which stays over versions: quantities before and after a change of price are told apart
/// and joined by it.
/// </param>
/// <param name="Match">The dimensions usage must have, beyond the component's own.</param>
/// <param name="Model">How its quantity becomes an amount.</param>
/// <param name="Hours">When usage must have happened; null is always.</param>
/// <param name="Included">Quantity of each period that costs nothing here.</param>
public sealed record PriceCell(
    string Key,
    Dimensions Match,
    PriceModel Model,
    WeeklyHours? Hours = null,
    decimal Included = 0m)
{
    /// <summary>The key of the one cell that takes all usage, where nothing else is said.</summary>
    public const string Whole = "all";

    /// <summary>Whether it takes all usage, at any time.</summary>
    public bool IsWhole => Hours is null && Match == Dimensions.None;

    /// <summary>The key a cell has when none is given: what it takes, as text.</summary>
    public static string KeyOf(Dimensions match, WeeklyHours? hours)
    {
        var pairs = string.Join(',', match.ToDictionary()
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}={pair.Value}"));
        var kind = pairs.Length == 0 ? Whole : pairs;
        return hours is null ? kind : $"{kind}@{hours}";
    }
}

/// <summary>What the sum of a price's cells is multiplied by.</summary>
public abstract record PriceFactor
{
    private PriceFactor()
    {
    }

    /// <summary>The number itself.</summary>
    public abstract ExactFraction Value { get; }

    /// <summary>Cost and a share of the cost: 1 + rate.</summary>
    /// <param name="Rate">0.2 adds a fifth.</param>
    public sealed record Markup(decimal Rate) : PriceFactor
    {
        /// <inheritdoc />
        public override ExactFraction Value => ExactFraction.One + Rate;
    }

    /// <summary>Cost such that a share of the price is kept: 1 ÷ (1 − rate).</summary>
    /// <param name="Rate">0.2 keeps a fifth of the price; below 1.</param>
    public sealed record Margin(decimal Rate) : PriceFactor
    {
        /// <inheritdoc />
        public override ExactFraction Value => ExactFraction.One / (ExactFraction.One - Rate);
    }

    /// <summary>Less a share: 1 − rate.</summary>
    /// <param name="Rate">0.2 takes a fifth off.</param>
    public sealed record Discount(decimal Rate) : PriceFactor
    {
        /// <inheritdoc />
        public override ExactFraction Value => ExactFraction.One - Rate;
    }
}
