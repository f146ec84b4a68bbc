using System.Text;

namespace Quoin.Platform;

/// <summary>Checks words from outside before they are kept: names, labels, reasons.</summary>
public static class InputText
{
    /// <summary>What is wrong with a text that must be there; null when nothing is.</summary>
    public static string? Problem(string text, int lettersMax)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "must not be empty";
        }

        if (text.Length > lettersMax)
        {
            return $"must have at most {lettersMax} letters";
        }

        // PostgreSQL's text has no NUL, and half a surrogate pair is not UTF-8.
        return text.EnumerateRunes().Any(rune => Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            ? "must not contain control characters"
            : null;
    }

    /// <summary>What is wrong with a text that may be left out; null when nothing is.</summary>
    public static string? OptionalProblem(string? text, int lettersMax) =>
        text is null ? null : Problem(text, lettersMax);
}
