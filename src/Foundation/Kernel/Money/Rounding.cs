using System.Numerics;

namespace Quoin.Kernel;

/// <summary>The only place where a fraction of money ends. Each name says its mode and its scale.</summary>
public static class Rounding
{
    private const int MicroDigits = 6;

    private static readonly BigInteger[] PowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

    /// <summary>
    /// An amount in whole units of currency, to micros, half-up: halves go away from zero, so that a refund of a
    /// charge is its exact mirror.
    /// </summary>
    /// <param name="amountUnits">Units of currency (1 is one dollar), exact.</param>
    /// <returns>Micros, or null when they do not fit 64 bits: the caller quarantines, it never wraps.</returns>
    public static long? HalfUpToMicros(ExactDecimal amountUnits)
    {
        var micros = HalfUp(amountUnits.Unscaled * PowersOfTen[MicroDigits], BigInteger.Pow(10, amountUnits.Scale));
        return micros >= long.MinValue && micros <= long.MaxValue ? (long)micros : null;
    }

    /// <summary>
    /// An amount in whole units of currency, half-up to <paramref name="digits"/> after the point, in micros: a price
    /// may ask for whole cents (2) or whole units (0).
    /// </summary>
    /// <param name="amountUnits">Units of currency (1 is one dollar), exact.</param>
    /// <param name="digits">0 to 6; 6 is micros.</param>
    /// <returns>Micros, or null when they do not fit 64 bits: the caller quarantines, it never wraps.</returns>
    public static long? HalfUpToMicros(ExactFraction amountUnits, int digits = MicroDigits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, MicroDigits);
        var steps = HalfUp(amountUnits.Numerator * PowersOfTen[digits], amountUnits.Denominator);
        var micros = steps * PowersOfTen[MicroDigits - digits];
        return micros >= long.MinValue && micros <= long.MaxValue ? (long)micros : null;
    }

    private static BigInteger HalfUp(BigInteger numerator, BigInteger denominator)
    {
        var magnitude = ((BigInteger.Abs(numerator) * 2) + denominator) / (denominator * 2);
        return numerator.Sign < 0 ? -magnitude : magnitude;
    }
}
