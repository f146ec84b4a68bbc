using System.Globalization;
using System.Numerics;

namespace Quoin.Kernel;

/// <summary>
/// A decimal of any length. <see cref="decimal"/> rounds silently past 28 digits, and a price times a quantity can
/// have more: products and sums of those stay exact here until <see cref="Rounding"/> ends them, once.
/// </summary>
public readonly record struct ExactDecimal : IComparable<ExactDecimal>
{
    private readonly BigInteger unscaled;
    private readonly int scale;

    private ExactDecimal(BigInteger unscaled, int scale) => (this.unscaled, this.scale) = (unscaled, scale);

    /// <summary>Zero.</summary>
    public static ExactDecimal Zero => default;

    /// <summary>The digits without the point.</summary>
    internal BigInteger Unscaled => unscaled;

    /// <summary>How many of the digits stand after the point.</summary>
    internal int Scale => scale;

    /// <summary>The same value, with all digits of <paramref name="value"/>.</summary>
    public static ExactDecimal Of(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var magnitude = unchecked(
            (new BigInteger((uint)bits[2]) << 64) | (new BigInteger((uint)bits[1]) << 32) | (uint)bits[0]);
        return Normal(bits[3] < 0 ? -magnitude : magnitude, (bits[3] >> 16) & 0x7F);
    }

    /// <summary>Digits and how many of them stand after the point.</summary>
    internal static ExactDecimal Of(BigInteger unscaled, int scale) => Normal(unscaled, scale);

    public static implicit operator ExactDecimal(decimal value) => Of(value);

    public static ExactDecimal operator +(ExactDecimal left, ExactDecimal right)
    {
        var common = Math.Max(left.scale, right.scale);
        return Normal(left.AtScale(common) + right.AtScale(common), common);
    }

    public static ExactDecimal operator -(ExactDecimal value) => new(-value.unscaled, value.scale);

    public static ExactDecimal operator -(ExactDecimal left, ExactDecimal right) => left + -right;

    public static ExactDecimal operator *(ExactDecimal left, ExactDecimal right) =>
        Normal(left.unscaled * right.unscaled, left.scale + right.scale);

    /// <summary>The value divided by ten to the power <paramref name="digits"/>: exact, unlike division.</summary>
    public ExactDecimal ShiftRight(int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        return Normal(unscaled, scale + digits);
    }

    /// <inheritdoc />
    public int CompareTo(ExactDecimal other)
    {
        var common = Math.Max(scale, other.scale);
        return AtScale(common).CompareTo(other.AtScale(common));
    }

    /// <summary>The same value as a <see cref="decimal"/>; null when it has more digits than one holds exactly.</summary>
    public decimal? ToDecimal()
    {
        const int scaleMax = 28;
        var magnitude = BigInteger.Abs(unscaled);
        if (scale > scaleMax || magnitude.GetBitLength() > 96)
        {
            return null;
        }

        var mask = new BigInteger(uint.MaxValue);
        return new decimal(
            unchecked((int)(uint)(magnitude & mask)),
            unchecked((int)(uint)((magnitude >> 32) & mask)),
            unchecked((int)(uint)(magnitude >> 64)),
            unscaled.Sign < 0,
            (byte)scale);
    }

    /// <summary>All digits, with a point where one is needed.</summary>
    public override string ToString()
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture);
        if (scale > 0)
        {
            digits = digits.PadLeft(scale + 1, '0');
            digits = digits.Insert(digits.Length - scale, ".");
        }

        return unscaled.Sign < 0 ? "-" + digits : digits;
    }

    private BigInteger AtScale(int wanted) => unscaled * BigInteger.Pow(10, wanted - scale);

    // One form per value, so that equality of records is equality of numbers.
    private static ExactDecimal Normal(BigInteger unscaled, int scale)
    {
        if (unscaled.IsZero)
        {
            return default;
        }

        while (scale > 0)
        {
            var shorter = BigInteger.DivRem(unscaled, 10, out var lastDigit);
            if (!lastDigit.IsZero)
            {
                break;
            }

            (unscaled, scale) = (shorter, scale - 1);
        }

        return new ExactDecimal(unscaled, scale);
    }
}
