using System.Globalization;

namespace Quoin.Platform;

/// <summary>Decimals as text: every digit kept, or refused.</summary>
public static class ExactNumber
{
    /// <summary>The longest text read: 28 digits, a sign, a point and an exponent, with room to spare.</summary>
    public const int LengthMax = 64;

    // Any 28 digits fit the 96 bits of a decimal.
    private const int DigitsAlwaysExact = 28;

    private const NumberStyles Style =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The decimal without an exponent and without superfluous zeros.</summary>
    public static string Format(decimal number) =>
        number.ToString("0.############################", CultureInfo.InvariantCulture);

    /// <summary>
    /// Reads a JSON number's text (RFC 8259, section 6). False where <see cref="decimal"/> would have to round: it
    /// does so silently past 28 digits, and a quantity that was rounded is a quantity nobody reported.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out decimal number)
    {
        number = 0;
        return text.Length <= LengthMax
            && HasJsonForm(text)
            && decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out number)
            && ((text.Length <= DigitsAlwaysExact && text.IndexOfAny('e', 'E') < 0) || IsSame(text, number));
    }

    // No "+1", no ".5", no "1.", no "007".
    private static bool HasJsonForm(ReadOnlySpan<char> text)
    {
        var digits = text.StartsWith('-') ? text[1..] : text;
        var point = digits.IndexOf('.');
        return digits.Length > 0
            && char.IsAsciiDigit(digits[0])
            && !(digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]))
            && (point < 0 || (point + 1 < digits.Length && char.IsAsciiDigit(digits[point + 1])));
    }

    private static bool IsSame(ReadOnlySpan<char> text, decimal number)
    {
        var asked = Digits(text, out var askedExponent);
        var kept = Digits(Format(number), out var keptExponent);
        return asked == kept && (asked.Length == 0 || askedExponent == keptExponent);
    }

    // The digits without zeros at either end, and the power of ten that the last one counts.
    private static string Digits(ReadOnlySpan<char> text, out long exponent)
    {
        var end = text.IndexOfAny('e', 'E');
        var mantissa = (end < 0 ? text : text[..end]).TrimStart('-');
        exponent = end < 0 ? 0 : (long)double.Parse(text[(end + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.');
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        var shorter = digits.TrimEnd('0');
        exponent += digits.Length - shorter.Length;
        return shorter.TrimStart('0');
    }
}
