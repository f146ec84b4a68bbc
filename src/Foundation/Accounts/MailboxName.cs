using System.Collections.Frozen;

namespace Quoin.Accounts;

/// <summary>
/// The mailbox behind an address, as far as the big providers say how theirs work: what stands behind a plus is a tag of
/// the reader's own, Gmail passes over dots, and some domains are one. Elsewhere two addresses are two mailboxes.
/// </summary>
public static class MailboxName
{
    private static readonly FrozenDictionary<string, string> Domains = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["gmail.com"] = "gmail.com",
        ["googlemail.com"] = "gmail.com",
        ["outlook.com"] = "outlook.com",
        ["hotmail.com"] = "hotmail.com",
        ["live.com"] = "live.com",
        ["icloud.com"] = "icloud.com",
        ["me.com"] = "icloud.com",
        ["mac.com"] = "icloud.com",
        ["fastmail.com"] = "fastmail.com",
        ["proton.me"] = "proton.me",
        ["protonmail.com"] = "proton.me",
        ["pm.me"] = "proton.me",
        ["yahoo.com"] = "yahoo.com",
        ["zoho.com"] = "zoho.com",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> PassOverDots = new[] { "gmail.com", "proton.me" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The mailbox of an address.</summary>
    public static string Of(string email)
    {
        var folded = email.Trim().ToLowerInvariant();
        var at = folded.LastIndexOf('@');
        if (at <= 0 || !Domains.TryGetValue(folded[(at + 1)..], out var domain))
        {
            return folded;
        }

        // Yahoo's tags stand behind a hyphen.
        var name = folded[..at].Split(domain == "yahoo.com" ? '-' : '+')[0];
        return $"{(PassOverDots.Contains(domain) ? name.Replace(".", string.Empty, StringComparison.Ordinal) : name)}@{domain}";
    }
}
