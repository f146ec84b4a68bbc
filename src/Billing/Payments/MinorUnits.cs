using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>
/// The one place where money becomes the minor units providers speak, and back: exactly, or not at all. Decimals are those
/// of ISO 4217; a currency that is not listed has two, a stablecoin all six.
/// </summary>
public static class MinorUnits
{
    private static readonly HashSet<string> Whole = new(StringComparer.Ordinal)
    {
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
    };

    private static readonly HashSet<string> Thousandths = new(StringComparer.Ordinal)
    {
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND",
    };

    /// <summary>Decimals of a currency: 2 for USD, 0 for JPY, 3 for KWD.</summary>
    public static int DecimalsOf(Currency currency) => currency.Code switch
    {
        var code when Whole.Contains(code) => 0,
        var code when Thousandths.Contains(code) => 3,
        { Length: > 3 } => 6,
        _ => 2,
    };

    /// <summary>An amount in minor units.</summary>
    /// <exception cref="OverflowException">It is more than money can hold.</exception>
    public static Money ToMoney(long minor, Currency currency) => new(checked(minor * MicrosOf(currency)), currency);

    /// <summary>An amount in minor units.</summary>
    /// <exception cref="InvalidOperationException">It is not a whole number of them.</exception>
    public static long Of(Money money) => TryOf(money, out var minor)
        ? minor
        : throw new InvalidOperationException($"{money} is not a whole number of minor units.");

    /// <summary>An amount in minor units; false when it is not a whole number of them.</summary>
    public static bool TryOf(Money money, out long minor)
    {
        var micros = MicrosOf(money.Currency);
        minor = Math.DivRem(money.Micros, micros, out var rest);
        return rest == 0;
    }

    /// <summary>The whole minor units in an amount that is not negative; what is less than one stays out.</summary>
    public static long WholeOf(Money money) => Math.Max(0, money.Micros) / MicrosOf(money.Currency);

    private static long MicrosOf(Currency currency) => DecimalsOf(currency) switch
    {
        0 => 1_000_000,
        2 => 10_000,
        3 => 1_000,
        _ => 1,
    };
}
