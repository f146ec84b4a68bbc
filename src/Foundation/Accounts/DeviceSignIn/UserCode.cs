using System.Security.Cryptography;

namespace Quoin.Accounts;

/// <summary>
/// The code a person carries from the program to the browser: eight consonants, shown as <c>WDJB-MJHT</c>. No vowels, so
/// that it spells no word, and none of the letters and digits that look alike (RFC 8628, section 6.1).
/// </summary>
internal static class UserCode
{
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Letters = 8;

    /// <summary>A new one: 34 bits of chance.</summary>
    public static string Create() => RandomNumberGenerator.GetString(Alphabet, Letters);

    /// <summary>As people read it.</summary>
    public static string Shown(string code) => $"{code[..4]}-{code[4..]}";

    /// <summary>What somebody typed, as it is kept; null where it cannot be a code.</summary>
    public static string? Read(string typed)
    {
        var code = string.Concat(typed.ToUpperInvariant().Where(letter => !char.IsWhiteSpace(letter) && letter != '-'));
        return code.Length == Letters && code.All(Alphabet.Contains) ? code : null;
    }
}
