using System.Globalization;
using System.Text;

namespace Quoin.Inference.Internal;

/// <summary>
/// Names of the documents of one request. Allowed are ASCII letters, digits, single spaces, hyphens, parentheses and square
/// brackets, 200 of them; no two documents may have the same. Source: "Amazon Bedrock API Reference", <c>DocumentBlock</c>.
/// </summary>
internal sealed class ConverseDocumentNames
{
    private const int LettersMax = 200;
    private const string Unnamed = "document";

    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <summary>The next document's name, made from what the client calls it.</summary>
    public string Next(string? name)
    {
        var clean = Clean(name ?? "");
        var free = clean;
        for (var count = 2; !taken.Add(free); count++)
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $" ({count})");
            free = Cut(clean, LettersMax - mark.Length) + mark;
        }

        return free;
    }

    private static string Clean(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '(' or ')' or '[' or ']')
            {
                clean.Append(letter);
            }
            else if (clean.Length > 0 && clean[^1] != ' ')
            {
                clean.Append(' ');
            }
        }

        return Cut(clean.ToString(), LettersMax) is { Length: > 0 } left ? left : Unnamed;
    }

    private static string Cut(string name, int lettersMax) => name[..Math.Min(name.Length, lettersMax)].TrimEnd();
}
