using System.Numerics;

namespace Quoin.Kernel;

/// <summary>The only place where a fraction of money ends. Each name says its mode and its scale.</summary>
public static class Rounding
{
    private const int MicroDigits = 6;

    /// <summary>
    /// An amount in whole units of currency, to micros, half-up: halves go away from zero, so that a refund of a
    /// charge is its exact mirror.
    /// </summary>
    /// <param name="amountUnits">Units of currency (1 is one dollar), exact.</param>
    /// <returns>Micros, or null when they do not fit 64 bits: the caller quarantines, it never wraps.</returns>
    public static long? HalfUpToMicros(ExactDecimal amountUnits)
    {
        var micros = HalfUp(amountUnits.Unscaled * BigInteger.Pow(10, MicroDigits), amountUnits.Scale);
        return micros >= long.MinValue && micros <= long.MaxValue ? (long)micros : null;
    }

    private static BigInteger HalfUp(BigInteger unscaled, int scale)
    {
        var divisor = BigInteger.Pow(10, scale);
        var magnitude = ((BigInteger.Abs(unscaled) * 2) + divisor) / (divisor * 2);
        return unscaled.Sign < 0 ? -magnitude : magnitude;
    }
}
