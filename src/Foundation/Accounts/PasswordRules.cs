using System.Text;

namespace Quoin.Accounts;

/// <summary>
/// Which passwords may be chosen: long enough, not among the most common, not one's own address or name. No rule asks for
/// capitals or signs, which make passwords worse (NIST SP 800-63B, section 3.1.1.2).
/// </summary>
public static class PasswordRules
{
    /// <summary>What is wrong with a password; null when nothing is.</summary>
    /// <param name="password">The password.</param>
    /// <param name="known">What anybody knows of its owner: address, name.</param>
    public static string? Problem(string password, params ReadOnlySpan<string?> known)
    {
        if (password.Length < Limits.PasswordLettersMin)
        {
            return $"must have at least {Limits.PasswordLettersMin} letters";
        }

        if (password.Length > Limits.PasswordLettersMax)
        {
            return $"must have at most {Limits.PasswordLettersMax} letters";
        }

        if (password.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || rune.Value == 0))
        {
            return "must not contain characters that are none";
        }

        if (LeakedPasswords.Contains(password))
        {
            return "is one of the most common passwords; whoever guesses tries it first";
        }

        foreach (var word in known)
        {
            if (word is not null && IsAbout(password, word))
            {
                return "is too close to your name or address";
            }
        }

        return password.Distinct().Count() < Limits.PasswordDistinctLettersMin
            ? "repeats the same few letters"
            : null;
    }

    private static bool IsAbout(string password, string word)
    {
        var name = word.Split('@')[0];
        return password.Equals(word, StringComparison.OrdinalIgnoreCase)
            || (name.Length >= Limits.PasswordLettersMin / 2
                && password.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && password.Length - name.Length < Limits.PasswordLettersMin / 2);
    }
}
