using System.Numerics;

namespace Quoin.Kernel;

/// <summary>
/// A quotient of whole numbers, exact. A price per hour times seconds, or a cost over one less a margin, has no finite
/// decimal: it stays a fraction here until <see cref="Rounding"/> ends it, once.
/// </summary>
public readonly struct ExactFraction : IEquatable<ExactFraction>, IComparable<ExactFraction>
{
    // Short of it, common factors cost more to look for than to carry.
    private const long ReduceBeyondBits = 256;

    private readonly BigInteger numerator;
    private readonly BigInteger denominator;

    private ExactFraction(BigInteger numerator, BigInteger denominator) =>
        (this.numerator, this.denominator) = (numerator, denominator);

    /// <summary>Zero.</summary>
    public static ExactFraction Zero => default;

    /// <summary>One.</summary>
    public static ExactFraction One => new(BigInteger.One, BigInteger.One);

    /// <summary>The whole number above; its sign is the fraction's. Not in lowest terms.</summary>
    public BigInteger Numerator => numerator;

    /// <summary>The whole number below, positive. Not in lowest terms.</summary>
    public BigInteger Denominator => denominator.IsZero ? BigInteger.One : denominator;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => numerator.Sign;

    /// <summary>Whether it is exactly zero.</summary>
    public bool IsZero => numerator.IsZero;

    /// <summary>One whole number over another.</summary>
    /// <exception cref="DivideByZeroException">The lower one is zero.</exception>
    public static ExactFraction Of(BigInteger numerator, BigInteger denominator) => denominator.Sign switch
    {
        0 => throw new DivideByZeroException(),
        < 0 => new ExactFraction(-numerator, -denominator),
        _ => new ExactFraction(numerator, denominator),
    };

    /// <summary>The same value.</summary>
    public static ExactFraction Of(ExactDecimal value) =>
        new(value.Unscaled, value.Scale == 0 ? BigInteger.One : BigInteger.Pow(10, value.Scale));

    /// <summary>The same value, with all digits.</summary>
    public static ExactFraction Of(decimal value) => Of(ExactDecimal.Of(value));

    public static implicit operator ExactFraction(decimal value) => Of(value);

    public static implicit operator ExactFraction(ExactDecimal value) => Of(value);

    public static ExactFraction operator +(ExactFraction left, ExactFraction right) =>
        left.IsZero ? right
        : right.IsZero ? left
        : left.Denominator == right.Denominator ? new(left.numerator + right.numerator, left.Denominator)
        : Short((left.numerator * right.Denominator) + (right.numerator * left.Denominator), left.Denominator * right.Denominator);

    public static ExactFraction operator -(ExactFraction value) => new(-value.numerator, value.Denominator);

    public static ExactFraction operator -(ExactFraction left, ExactFraction right) => left + -right;

    public static ExactFraction operator *(ExactFraction left, ExactFraction right) =>
        Short(left.numerator * right.numerator, left.Denominator * right.Denominator);

    /// <exception cref="DivideByZeroException">The right one is zero.</exception>
    public static ExactFraction operator /(ExactFraction left, ExactFraction right) =>
        left * Of(right.Denominator, right.numerator);

    public static bool operator ==(ExactFraction left, ExactFraction right) => left.Equals(right);

    public static bool operator !=(ExactFraction left, ExactFraction right) => !left.Equals(right);

    public static bool operator <(ExactFraction left, ExactFraction right) => left.CompareTo(right) < 0;

    public static bool operator >(ExactFraction left, ExactFraction right) => left.CompareTo(right) > 0;

    public static bool operator <=(ExactFraction left, ExactFraction right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ExactFraction left, ExactFraction right) => left.CompareTo(right) >= 0;

    /// <summary>The smaller of two.</summary>
    public static ExactFraction Min(ExactFraction left, ExactFraction right) => left <= right ? left : right;

    /// <summary>The larger of two.</summary>
    public static ExactFraction Max(ExactFraction left, ExactFraction right) => left >= right ? left : right;

    /// <summary>The value without its sign.</summary>
    public ExactFraction Abs() => numerator.Sign < 0 ? -this : this;

    /// <summary>The smallest whole number that is not less.</summary>
    public BigInteger Ceiling()
    {
        var floor = BigInteger.DivRem(numerator, Denominator, out var rest);
        return rest.Sign > 0 ? floor + 1 : floor;
    }

    /// <summary>The same value as a decimal of any length; null when it has none, such as a third.</summary>
    public ExactDecimal? ToExactDecimal()
    {
        var lowest = Lowest();
        var (rest, digits) = (lowest.Denominator, 0);
        while (!rest.IsOne)
        {
            // Every step takes a two, a five or both away; any other factor never ends.
            var factor = BigInteger.GreatestCommonDivisor(rest, 10);
            if (factor.IsOne)
            {
                return null;
            }

            (rest, digits) = (rest / factor, digits + 1);
        }

        return ExactDecimal.Of(lowest.numerator * BigInteger.Pow(10, digits) / lowest.Denominator, digits);
    }

    /// <inheritdoc />
    public int CompareTo(ExactFraction other) =>
        (numerator * other.Denominator).CompareTo(other.numerator * Denominator);

    /// <inheritdoc />
    public bool Equals(ExactFraction other) => CompareTo(other) == 0;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is ExactFraction other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var lowest = Lowest();
        return HashCode.Combine(lowest.numerator, lowest.Denominator);
    }

    /// <summary>All digits where they end, otherwise the fraction in lowest terms, as in <c>1/3</c>.</summary>
    public override string ToString()
    {
        if (ToExactDecimal() is { } value)
        {
            return value.ToString();
        }

        var lowest = Lowest();
        return $"{lowest.numerator}/{lowest.Denominator}";
    }

    private static ExactFraction Short(BigInteger numerator, BigInteger denominator)
    {
        var made = new ExactFraction(numerator, denominator);
        return denominator.GetBitLength() > ReduceBeyondBits ? made.Lowest() : made;
    }

    private ExactFraction Lowest()
    {
        var common = BigInteger.GreatestCommonDivisor(numerator, Denominator);
        return common.IsOne ? this : new ExactFraction(numerator / common, Denominator / common);
    }
}
