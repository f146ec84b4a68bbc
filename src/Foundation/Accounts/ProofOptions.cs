namespace Quoin.Accounts;

/// <summary>What the operator says about coming in by wallet, passkey or another service.</summary>
public sealed record ProofOptions
{
    /// <summary>The chains whose wallets are let in (<c>QUOIN_WALLET_CHAINS</c>); none turns wallets off.</summary>
    public IReadOnlyList<long> WalletChains { get; init; } = [1];

    /// <summary>The other services that may vouch for people, in the order of their buttons.</summary>
    public IReadOnlyList<ExternalProviderOptions> Providers { get; init; } = [];
}

/// <summary>How another service speaks.</summary>
public enum ExternalProtocol
{
    /// <summary>OpenID Connect 1.0, found by discovery.</summary>
    Oidc,

    /// <summary>GitHub's OAuth, and who somebody is from its API.</summary>
    GitHub,
}

/// <summary>Another service that may vouch for people.</summary>
/// <param name="Name">Its name in addresses: small letters, digits and hyphens.</param>
/// <param name="Title">Its name on buttons.</param>
/// <param name="Protocol">How it speaks.</param>
/// <param name="Issuer">
/// Its issuer, exactly as it writes it itself; <c>https</c>, and <c>http</c> only on this machine. For GitHub where its
/// pages are.
/// </param>
/// <param name="ClientId">What this Quoin is called there.</param>
/// <param name="ClientSecret">What it proves that with; null for a public client.</param>
public sealed record ExternalProviderOptions(
    string Name, string Title, ExternalProtocol Protocol, string Issuer, string ClientId, string? ClientSecret)
{
    /// <summary>Google's issuer.</summary>
    public const string GoogleIssuer = "https://accounts.google.com";

    /// <summary>Where GitHub's pages are.</summary>
    public const string GitHubIssuer = "https://github.com";

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem()
    {
        var isNamed = Name is { Length: > 0 and <= 40 }
            && Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
        if (!isNamed)
        {
            return "a name has small letters, digits and hyphens only";
        }

        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var issuer) || issuer is not { Query: "", Fragment: "", UserInfo: "" })
        {
            return "the issuer must be a whole address, without a query";
        }

        if (ClientId.Length == 0)
        {
            return "the client id is missing";
        }

        return issuer.Scheme == Uri.UriSchemeHttps || (issuer.Scheme == Uri.UriSchemeHttp && issuer.IsLoopback)
            ? null
            : "the issuer must begin with https://";
    }
}
