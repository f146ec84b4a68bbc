using System.Collections.Frozen;

namespace Quoin.Accounts;

/// <summary>Mail services anybody may have an address of: nobody's domain, whatever their DNS says.</summary>
internal static class PublicMailDomains
{
    private static readonly FrozenSet<string> All = new[]
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com",
        "rocketmail.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me",
        "tutanota.com", "tuta.com", "fastmail.com", "hey.com", "zoho.com", "zohomail.com", "mail.com", "gmx.com",
        "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org",
        "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it",
        "qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "naver.com", "daum.net", "hanmail.net",
        "yandex.ru", "yandex.com", "mail.ru", "bk.ru", "list.ru", "inbox.ru", "rambler.ru", "ukr.net",
        "rediffmail.com", "uol.com.br", "bol.com.br", "terra.com.br", "comcast.net", "verizon.net", "att.net",
        "cox.net", "sbcglobal.net", "btinternet.com", "sky.com", "mailinator.com", "guerrillamail.com",
        "10minutemail.com", "yopmail.com", "duck.com", "simplelogin.com", "mozmail.com",
    }.ToFrozenSet(StringComparer.Ordinal);

    // Yahoo, Hotmail, Outlook and Live exist under one ending per country.
    private static readonly string[] WithCountries = ["yahoo.", "hotmail.", "outlook.", "live."];

    public static bool Contains(string domain) =>
        All.Contains(domain) || WithCountries.Any(start => domain.StartsWith(start, StringComparison.Ordinal));
}
