using System.Globalization;

namespace Quoin.Kernel;

/// <summary>A whole number of millionths of a currency (micros); never a fraction, never mixed.</summary>
/// <param name="Micros">Millionths: 1 USD is 1,000,000.</param>
/// <param name="Currency">The currency; two different ones never meet in one operation.</param>
public readonly record struct Money(long Micros, Currency Currency) : IComparable<Money>
{
    /// <summary>Micros in one unit of any currency.</summary>
    public const long MicrosPerUnit = 1_000_000;

    /// <summary>Nothing, in <paramref name="currency"/>.</summary>
    public static Money Zero(Currency currency) => new(0, currency);

    /// <summary>Whether the amount is exactly zero.</summary>
    public bool IsZero => Micros == 0;

    public static Money operator +(Money left, Money right) =>
        left with { Micros = checked(left.Micros + left.Same(right)) };

    public static Money operator -(Money left, Money right) =>
        left with { Micros = checked(left.Micros - left.Same(right)) };

    public static Money operator -(Money value) => value with { Micros = checked(-value.Micros) };

    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;

    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;

    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public int CompareTo(Money other) => Micros.CompareTo(Same(other));

    /// <summary>The amount in whole units with six decimals, for people and logs: <c>12.500000 USD</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(decimal)Micros / MicrosPerUnit:0.000000} {Currency}");

    private long Same(Money other) => other.Currency == Currency
        ? other.Micros
        : throw new InvalidOperationException($"{Currency} and {other.Currency} cannot be mixed.");
}
