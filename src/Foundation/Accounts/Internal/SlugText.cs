using System.Text;
using System.Text.RegularExpressions;

namespace Quoin.Accounts;

/// <summary>Slugs: names of organisations and projects in addresses.</summary>
internal static partial class SlugText
{
    /// <summary>Letters of chance, with a hyphen before them, that still fit behind a slug made of a name.</summary>
    public const int SuffixLength = 6;

    private const int LettersMax = 63;
    private const int MadeLettersMax = LettersMax - SuffixLength - 1;

    /// <summary>What is wrong with a slug; null when nothing is, or there is none.</summary>
    public static string? Problem(string? slug) => slug is null || Pattern().IsMatch(slug)
        ? null
        : "must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end";

    /// <summary>A slug made of a name: its Latin letters and digits, hyphens between; null where none are left.</summary>
    public static string? Of(string name)
    {
        var slug = new StringBuilder(MadeLettersMax);
        foreach (var letter in name.ToLowerInvariant())
        {
            if (slug.Length == MadeLettersMax)
            {
                break;
            }

            if (char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter))
            {
                slug.Append(letter);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var trimmed = slug.ToString().Trim('-');
        return trimmed.Length == 0 ? null : trimmed;
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();
}
