using System.Numerics;

namespace Quoin.Metering.Internal;

/// <summary>Applies a meter's transforms to one event's quantity. Pure and exact until the one rounding at its end.</summary>
internal static class Transforming
{
    /// <summary>The transformed quantity; null when it is larger than a quantity may be.</summary>
    public static decimal? Apply(MeterTransforms transforms, decimal quantity)
    {
        var (numerator, scale) = Parts(quantity);
        var (factor, factorScale) = Parts(transforms.Multiply ?? 1m);
        var (divisor, divisorScale) = Parts(transforms.Divide ?? 1m);

        // quantity * factor / divisor = above / below, as whole numbers.
        var above = numerator * factor * BigInteger.Pow(10, divisorScale);
        var below = divisor * BigInteger.Pow(10, scale + factorScale);
        var micros = HalfUp(above * BigInteger.Pow(10, Limits.QuantityScaleMax), below);
        if (transforms.Increment is { } increment)
        {
            var step = Micros(increment);
            // Whether a multiple is reached is asked of the exact quotient: rounding first could fall just below it.
            var exactStep = below * step;
            var count = BigInteger.DivRem(above * BigInteger.Pow(10, Limits.QuantityScaleMax), exactStep, out var rest);
            micros = (rest.IsZero ? count : count + 1) * step;
        }

        if (transforms.Minimum is { } minimum)
        {
            micros = BigInteger.Max(micros, Micros(minimum));
        }

        return micros <= Micros(Limits.QuantityMax) ? Decimal(micros) : null;
    }

    private static BigInteger HalfUp(BigInteger above, BigInteger below) => ((2 * above) + below) / (2 * below);

    private static BigInteger Micros(decimal value)
    {
        var (digits, scale) = Parts(value);
        return digits * BigInteger.Pow(10, Limits.QuantityScaleMax - scale);
    }

    private static decimal Decimal(BigInteger micros)
    {
        var whole = (decimal)BigInteger.DivRem(micros, BigInteger.Pow(10, Limits.QuantityScaleMax), out var rest);
        return whole + ((decimal)rest / 1_000_000m);
    }

    private static (BigInteger Digits, int Scale) Parts(decimal value)
    {
        var scale = value.Scale;
        return (new BigInteger(value * Pow10(scale)), scale);
    }

    // Exact: quantities and factors have at most eighteen digits.
    private static decimal Pow10(int digits)
    {
        var power = 1m;
        for (var index = 0; index < digits; index++)
        {
            power *= 10m;
        }

        return power;
    }
}
