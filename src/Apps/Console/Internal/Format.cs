using System.Globalization;
using Quoin.Kernel;

namespace Quoin.ConsolePages;

/// <summary>An amount as it is written, in its parts.</summary>
/// <param name="Sign">A minus, or nothing.</param>
/// <param name="Symbol">The currency's sign, or nothing where it has none.</param>
/// <param name="Units">Whole units, with thousands separators.</param>
/// <param name="Cents">The first two digits after the point.</param>
/// <param name="Micros">The other four.</param>
/// <param name="Code">The currency's code where no sign says it.</param>
public readonly record struct AmountText(
    string Sign, string Symbol, string Units, string Cents, string Micros, string Code);

/// <summary>How numbers are written for people. Nothing is rounded away: what matters less is written smaller.</summary>
public static class Format
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>An amount in a sentence: two decimals, and more only where it has more.</summary>
    public static string Brief(Money amount)
    {
        var parts = Parts(amount);
        var code = parts.Code.Length == 0 ? string.Empty : " " + parts.Code;
        return $"{parts.Sign}{parts.Symbol}{parts.Units}.{parts.Cents}{parts.Micros.TrimEnd('0')}{code}";
    }

    /// <summary>An amount as a field for it wants it: units without a sign, such as <c>25.5</c>.</summary>
    public static string Plain(Money amount) =>
        ((decimal)amount.Micros / Money.MicrosPerUnit).ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>An amount in its parts.</summary>
    public static AmountText Parts(Money amount)
    {
        // long.MinValue has no positive counterpart.
        var magnitude = Int128.Abs(amount.Micros);
        var (units, micros) = Int128.DivRem(magnitude, Money.MicrosPerUnit);
        var digits = micros.ToString("000000", Culture);
        var symbol = Symbol(amount.Currency);
        return new AmountText(
            amount.Micros < 0 ? "−" : string.Empty,
            symbol ?? string.Empty,
            units.ToString("#,##0", Culture),
            digits[..2],
            digits[2..],
            symbol is null ? amount.Currency.Code : string.Empty);
    }

    /// <summary>An amount to the micro, in one piece: <c>$47.608895</c>.</summary>
    public static string Exact(Money amount)
    {
        var parts = Parts(amount);
        var code = parts.Code.Length == 0 ? string.Empty : " " + parts.Code;
        return $"{parts.Sign}{parts.Symbol}{parts.Units}.{parts.Cents}{parts.Micros}{code}";
    }

    /// <summary>An exact number of units of a currency, with all its digits and at least two after the point.</summary>
    public static string Exact(ExactDecimal units, Currency currency)
    {
        var text = units.ToString();
        var isNegative = text.StartsWith('-');
        var (whole, fraction) = Split(isNegative ? text[1..] : text);
        var symbol = Symbol(currency);
        var code = symbol is null ? " " + currency.Code : string.Empty;
        return $"{(isNegative ? "−" : string.Empty)}{symbol}{Grouped(whole)}.{fraction.PadRight(2, '0')}{code}";
    }

    /// <summary>An exact number of micros of a currency, as units with all their digits: <c>$0.000024</c>.</summary>
    public static string Exact(decimal micros, Currency currency) =>
        Exact(ExactDecimal.Of(micros / Money.MicrosPerUnit), currency);

    /// <summary>A quantity with thousands separators and all its digits.</summary>
    public static string Quantity(decimal quantity) => quantity.ToString("#,##0.############", Culture);

    /// <summary>A count with thousands separators.</summary>
    public static string Count(long count) => count.ToString("#,##0", Culture);

    /// <summary>A count and its noun: <c>1 event</c>, <c>2,000 events</c>.</summary>
    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? string.Empty : "s")}";

    /// <summary>A number for an axis, where the place is short: <c>950</c>, <c>1.2k</c>, <c>34M</c>.</summary>
    public static string Compact(double value)
    {
        var magnitude = Math.Abs(value);
        var (divisor, suffix) = magnitude switch
        {
            >= 1e15 => (1e15, "Q"),
            >= 1e12 => (1e12, "T"),
            >= 1e9 => (1e9, "B"),
            >= 1e6 => (1e6, "M"),
            >= 1e4 => (1e3, "k"),
            _ => (1d, string.Empty),
        };
        return (value / divisor).ToString("#,##0.####", Culture) + suffix;
    }

    /// <summary>An amount for an axis.</summary>
    public static string Compact(double units, Currency currency) =>
        Math.Abs(units) is > 0 and < 10
            ? Symbol(currency) + units.ToString(Math.Abs(units) < 0.01 ? "0.######" : "0.00", Culture)
            : Symbol(currency) + Compact(units);

    /// <summary>A share of a whole, for a bar: between 0 and 100, in percent.</summary>
    public static string Percent(decimal part, decimal whole) =>
        whole <= 0 || part <= 0 ? "0" : (part / whole * 100).ToString("0.##", Culture);

    /// <summary>An instant in UTC, to the second, as it stands before the reader's browser writes it in its own zone.</summary>
    public static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("d MMM HH:mm:ss", Culture);

    /// <summary>An instant in UTC to the microsecond, which is what is stored.</summary>
    public static string ExactInstant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", Culture) + " UTC";

    /// <summary>How long until an instant, or since: <c>in 12 days</c>, <c>3 hours ago</c>. Short of the truth, never beyond.</summary>
    public static string FromNow(DateTimeOffset instant, DateTimeOffset now) =>
        instant > now ? $"in {Length(instant - now)}" : $"{Length(now - instant)} ago";

    private static string Length(TimeSpan length) => length switch
    {
        { TotalDays: >= 730 } => Count((long)(length.TotalDays / 365.25), "year"),
        { TotalDays: >= 60 } => Count((long)(length.TotalDays / 30.44), "month"),
        { TotalDays: >= 2 } => Count((long)length.TotalDays, "day"),
        { TotalHours: >= 2 } => Count((long)length.TotalHours, "hour"),
        { TotalMinutes: >= 2 } => Count((long)length.TotalMinutes, "minute"),
        _ => Count((long)length.TotalSeconds, "second"),
    };

    private static string? Symbol(Currency currency) => currency.Code switch
    {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        _ => null,
    };

    private static (string Whole, string Fraction) Split(string digits)
    {
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? (digits, string.Empty) : (digits[..point], digits[(point + 1)..]);
    }

    private static string Grouped(string whole)
    {
        for (var place = whole.Length - 3; place > 0; place -= 3)
        {
            whole = whole.Insert(place, ",");
        }

        return whole;
    }
}
