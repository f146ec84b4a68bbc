using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>
/// How a quantity becomes an amount, in units of currency, exact. Quantities here are not negative: a negative total is
/// rated as the mirror of the positive one, so that taking usage back takes back what it cost.
/// </summary>
public abstract record PriceModel
{
    private PriceModel()
    {
    }

    /// <summary>The model's name in JSON: <c>flat</c>, <c>per_unit</c>, <c>package</c>, and so on.</summary>
    public abstract string Name { get; }

    /// <summary>The terms of the arithmetic, in order; they sum to the amount of <paramref name="quantity"/>.</summary>
    /// <param name="quantity">In the meter's unit, positive.</param>
    internal abstract IEnumerable<ModelTerm> Terms(ExactFraction quantity);

    /// <summary>What a positive quantity costs; the sum of <see cref="Terms"/>.</summary>
    internal virtual ExactFraction Amount(ExactFraction quantity) =>
        Terms(quantity).Aggregate(ExactFraction.Zero, (sum, term) => sum + term.Amount);

    /// <summary>The same amount for any usage: once in a period.</summary>
    /// <param name="Price">Units of currency.</param>
    public sealed record Flat(decimal Price) : PriceModel
    {
        /// <inheritdoc />
        public override string Name => "flat";

        internal override IEnumerable<ModelTerm> Terms(ExactFraction quantity) =>
            [new(RatingStepKind.Flat, null, quantity, Price, 1m, Price)];
    }

    /// <summary>Quantity × price ÷ per.</summary>
    /// <param name="Price">Units of currency for <paramref name="Per"/> of the meter's unit.</param>
    /// <param name="Per">Positive: 1, 1,000,000, or 3,600 for a price per hour of seconds.</param>
    public sealed record PerUnit(decimal Price, decimal Per = 1m) : PriceModel
    {
        private readonly ExactFraction each = ExactFraction.Of(Price) / Per;

        /// <inheritdoc />
        public override string Name => "per_unit";

        internal override ExactFraction Amount(ExactFraction quantity) => quantity * each;

        internal override IEnumerable<ModelTerm> Terms(ExactFraction quantity) =>
            [new(RatingStepKind.PerUnit, null, quantity, Price, Per, Amount(quantity))];
    }

    /// <summary>Whole packages only: the quantity divided by the size, rounded up, × price.</summary>
    /// <param name="Price">Units of currency for one package.</param>
    /// <param name="Size">Positive, in the meter's unit.</param>
    public sealed record Package(decimal Price, decimal Size) : PriceModel
    {
        /// <inheritdoc />
        public override string Name => "package";

        internal override IEnumerable<ModelTerm> Terms(ExactFraction quantity)
        {
            var packages = ExactFraction.Of((quantity / Size).Ceiling(), 1);
            return [new(RatingStepKind.Package, null, quantity, Price, Size, packages * Price)];
        }
    }

    /// <summary>Each tier prices the part of the quantity that lies in it.</summary>
    /// <param name="Tiers">From the first unit up; the last has no end.</param>
    /// <param name="Per">What the tiers' unit prices are for.</param>
    public sealed record Graduated(IReadOnlyList<PriceTier> Tiers, decimal Per = 1m) : PriceModel
    {
        /// <inheritdoc />
        public override string Name => "graduated";

        internal override IEnumerable<ModelTerm> Terms(ExactFraction quantity)
        {
            var below = ExactFraction.Zero;
            foreach (var (index, tier) in Tiers.Index())
            {
                if (quantity <= below)
                {
                    yield break;
                }

                var end = tier.UpTo is { } upTo ? ExactFraction.Min(quantity, upTo) : quantity;
                foreach (var term in tier.Terms(index, end - below, Per))
                {
                    yield return term;
                }

                below = end;
            }
        }
    }

    /// <summary>The tier the whole quantity lies in prices all of it.</summary>
    /// <param name="Tiers">From the first unit up; the last has no end.</param>
    /// <param name="Per">What the tiers' unit prices are for.</param>
    public sealed record Volume(IReadOnlyList<PriceTier> Tiers, decimal Per = 1m) : PriceModel
    {
        /// <inheritdoc />
        public override string Name => "volume";

        internal override IEnumerable<ModelTerm> Terms(ExactFraction quantity)
        {
            var (index, tier) = Tiers.Index().First(tier => tier.Item.UpTo is not { } upTo || quantity <= upTo);
            return tier.Terms(index, quantity, Per);
        }
    }

    /// <summary>A share of a quantity that is money already, in units of the price's currency.</summary>
    /// <param name="Percent">2.5 is two and a half in a hundred.</param>
    public sealed record Percentage(decimal Percent) : PriceModel
    {
        /// <inheritdoc />
        public override string Name => "percentage";

        internal override IEnumerable<ModelTerm> Terms(ExactFraction quantity) =>
            [new(RatingStepKind.Percentage, null, quantity, Percent, 100m, quantity * Percent / 100m)];
    }
}

/// <summary>A step of a tiered price: from where the one before ends, to its own end, which belongs to it.</summary>
/// <param name="UpTo">The last quantity in it; null has no end.</param>
/// <param name="UnitPrice">Units of currency for the model's <c>per</c>.</param>
/// <param name="FlatPrice">Units of currency once, as soon as any quantity lies in the tier.</param>
public sealed record PriceTier(decimal? UpTo, decimal UnitPrice, decimal FlatPrice = 0m)
{
    internal IEnumerable<ModelTerm> Terms(int index, ExactFraction quantity, decimal per)
    {
        if (FlatPrice != 0)
        {
            yield return new ModelTerm(RatingStepKind.TierFlat, index, quantity, FlatPrice, 1m, FlatPrice);
        }

        yield return new ModelTerm(RatingStepKind.Tier, index, quantity, UnitPrice, per, quantity * UnitPrice / per);
    }
}

/// <summary>One term of a model's arithmetic.</summary>
internal readonly record struct ModelTerm(
    RatingStepKind Kind,
    int? Tier,
    ExactFraction Quantity,
    decimal Price,
    decimal Per,
    ExactFraction Amount);
