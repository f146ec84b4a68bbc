using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Quoin.Inference;

/// <summary>What is known by its form: found by a pattern in linear time, and by its check digits where it has any.</summary>
/// <param name="name">The name policies know it by.</param>
/// <param name="pattern">What may be one; without backreferences or looking around.</param>
/// <param name="isOne">Whether it really is one; null where its form says enough.</param>
public sealed class PatternRedactor(string name, string pattern, Func<string, bool>? isOne = null) : IContentRedactor
{
    private readonly Regex regex = Patterns.Of(pattern);

    /// <summary>The built-in ones.</summary>
    public static IReadOnlyList<IContentRedactor> BuiltIn { get; } =
    [
        new PatternRedactor("email", @"[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(\.[a-z0-9\-]{1,63}){1,5}"),
        new PatternRedactor("card", @"\b[0-9]([ \-]?[0-9]){12,18}\b", IsCard),
        new PatternRedactor("iban", @"\b[a-z]{2}[0-9]{2}( ?[a-z0-9]){11,30}\b", IsIban),
        new PatternRedactor("phone", @"\+[0-9][ \-()./0-9]{6,20}[0-9]"),
        new PatternRedactor(
            "secret",
            @"\b(sk|pk|rk|qk|ghp|gho|ghs|glpat|xox[abp])[_\-][a-z0-9_\-]{16,}|\bAKIA[0-9A-Z]{16}\b"
            + "|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
    ];

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string Redact(string text) => !regex.IsMatch(text) ? text
        : isOne is null ? regex.Replace(text, _ => Placeholder)
        : WithoutThose(text, isOne);

    private string Placeholder => $"[{name}]";

    // What stands beside it may look as if it belonged to it. So every group may be the first one, and every later one the
    // last; where several would do, all that any of them covers goes.
    private string WithoutThose(string text, Func<string, bool> isThat)
    {
        var left = new StringBuilder();
        var (from, start, end) = (0, 0, 0);
        var began = Stopwatch.GetTimestamp();
        for (var match = regex.Match(text); match.Success; match = regex.Match(text, GroupEnd(text, match.Index)))
        {
            var found = match.Index + Longest(match.Value, isThat);
            if (found > match.Index && match.Index >= end)
            {
                left.Append(text, from, start - from).Append(end > start ? Placeholder : "");
                (from, start) = (end, match.Index);
            }

            end = found > match.Index ? Math.Max(end, found) : end;
            if (Stopwatch.GetElapsedTime(began) > Limits.PatternLongest)
            {
                throw new RegexMatchTimeoutException("", regex.ToString(), Limits.PatternLongest);
            }
        }

        return end == 0
            ? text
            : left.Append(text, from, start - from).Append(Placeholder).Append(text, end, text.Length - end).ToString();
    }

    private static int GroupEnd(string text, int index)
    {
        do
        {
            index++;
        }
        while (index < text.Length && char.IsAsciiLetterOrDigit(text[index]));

        return Math.Min(index, text.Length);
    }

    // Zero where no part of it from its beginning is one.
    private static int Longest(string text, Func<string, bool> isThat)
    {
        for (var length = text.Length; length > 0; length--)
        {
            var isWhole = length == text.Length || !char.IsAsciiLetterOrDigit(text[length]);
            if (isWhole && isThat(text[..length]))
            {
                return length;
            }
        }

        return 0;
    }

    // Luhn's check digit, ISO/IEC 7812-1.
    private static bool IsCard(string text)
    {
        var (sum, digits) = (0, 0);
        for (var place = text.Length - 1; place >= 0; place--)
        {
            if (!char.IsAsciiDigit(text[place]))
            {
                continue;
            }

            var digit = (text[place] - '0') * (digits % 2 == 0 ? 1 : 2);
            sum += digit > 9 ? digit - 9 : digit;
            digits++;
        }

        return digits >= 13 && sum % 10 == 0;
    }

    // ISO 13616: the first four go to the end, letters count from ten, and the whole leaves one when divided by 97.
    private static bool IsIban(string text)
    {
        var compact = text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (compact.Length is < 15 or > 34)
        {
            return false;
        }

        var rest = 0;
        foreach (var letter in compact[4..] + compact[..4])
        {
            rest = char.IsAsciiDigit(letter)
                ? ((rest * 10) + (letter - '0')) % 97
                : ((rest * 100) + (letter - 'A' + 10)) % 97;
        }

        return rest == 1;
    }
}
