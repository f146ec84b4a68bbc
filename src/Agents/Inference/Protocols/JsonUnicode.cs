using System.Globalization;
using System.Text.Unicode;

namespace Quoin.Inference.Internal;

/// <summary>
/// Whether JSON's text can be read at all. Clients cut text in the middle of an emoji and send half of it, which JSON allows
/// and Unicode does not: whoever reads such text finds out only there.
/// </summary>
internal static class JsonUnicode
{
    private const int EscapeBytes = 6;

    /// <summary>Whether all of it is Unicode; it need not be JSON.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        while (json.IndexOf((byte)'\\') is >= 0 and var at)
        {
            json = json[at..];
            if (UnitOf(json) is not { } unit)
            {
                // What is escaped may be a backslash itself, which begins nothing.
                json = json[Math.Min(2, json.Length)..];
                continue;
            }

            json = json[EscapeBytes..];
            if (!char.IsSurrogate(unit))
            {
                continue;
            }

            if (!char.IsHighSurrogate(unit) || UnitOf(json) is not { } other || !char.IsLowSurrogate(other))
            {
                return false;
            }

            json = json[EscapeBytes..];
        }

        return true;
    }

    private static char? UnitOf(ReadOnlySpan<byte> text) =>
        text.Length >= EscapeBytes
        && text.StartsWith("\\u"u8)
        && ushort.TryParse(text[2..EscapeBytes], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
