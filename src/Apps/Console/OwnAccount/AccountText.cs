using Quoin.Accounts;

namespace Quoin.ConsolePages.OwnAccount;

/// <summary>Sessions in words.</summary>
public static class AccountText
{
    private static readonly (string Sign, string Name)[] Browsers =
    [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ("quoin/", "Quoin's command line"), ("curl/", "curl"),
    ];

    private static readonly (string Sign, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];

    /// <summary>A browser by what it calls itself: <c>Firefox on Linux</c>.</summary>
    public static string BrowserOf(string? userAgent)
    {
        var browser = First(Browsers, userAgent) ?? "Unknown browser";
        return First(Systems, userAgent) is { } system ? $"{browser} on {system}" : browser;
    }

    /// <summary>How a session began: <c>Password and code</c>.</summary>
    public static string MethodOf(SessionProfile session)
    {
        var method = session.Method switch
        {
            "link" => "Sign-in link",
            "password" => "Password",
            "passkey" => "Passkey",
            "oidc" => "Other service",
            "wallet" => "Wallet",
            "device" => "Device",
            var other => other,
        };
        return session.SecondFactorAt is not null && session.Method is not ("passkey" or "device")
            ? $"{method} and code"
            : method;
    }

    private static string? First((string Sign, string Name)[] words, string? text) => words
        .Where(word => text?.Contains(word.Sign, StringComparison.Ordinal) == true)
        .Select(word => word.Name)
        .FirstOrDefault();
}
