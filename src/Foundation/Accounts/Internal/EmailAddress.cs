using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// E-mail addresses as names of people. Their form is checked loosely: only a mail that arrives proves one.
/// </summary>
internal static class EmailAddress
{
    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static string? Problem(string email)
    {
        var at = email.LastIndexOf('@');
        return InputText.Problem(email, Limits.EmailLettersMax)
            ?? (at > 0 && at < email.Length - 1 && !email.Any(char.IsWhiteSpace)
                ? null
                : "must be an address like someone@example.com");
    }

    /// <summary>The form in which two spellings of one address are equal.</summary>
    public static string Folded(string email) => email.ToLowerInvariant();
}
