using System.Collections;
using System.Globalization;
using Quoin.Accounts;
using Quoin.Server.Commands;

namespace Quoin.Server.Hosting;

/// <summary>Reads from the environment which wallets and other services sign people in.</summary>
internal static class ProofSettings
{
    private const string OidcPrefix = "QUOIN_OIDC_";
    private const string OidcSuffix = "_ISSUER";
    private const string NoChains = "none";

    /// <summary>What the environment says.</summary>
    /// <exception cref="CommandException">A variable says something that cannot be.</exception>
    public static ProofOptions Read()
    {
        var defaults = new ProofOptions();
        var providers = new[] { Google(), GitHub() }.OfType<ExternalProviderOptions>().Concat(Oidc()).ToList();
        foreach (var provider in providers)
        {
            if (provider.Problem() is { } problem)
            {
                throw new CommandException($"Signing in with {provider.Title} is configured wrongly: {problem}.");
            }
        }

        return providers.Select(provider => provider.Name).Distinct(StringComparer.Ordinal).Count() < providers.Count
            ? throw new CommandException("Two services to sign in with have the same name.")
            : defaults with { Providers = providers, WalletChains = Chains() ?? defaults.WalletChains };
    }

    private static List<long>? Chains()
    {
        if (Variable("QUOIN_WALLET_CHAINS") is not { } text)
        {
            return null;
        }

        return text == NoChains
            ? []
            : [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Chain)];
    }

    private static long Chain(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var chain) && chain > 0
            ? chain
            : throw new CommandException($"QUOIN_WALLET_CHAINS names '{text}'; it takes chain ids such as 1,10,8453, or none.");

    private static ExternalProviderOptions? Google() => Variable("QUOIN_GOOGLE_CLIENT_ID") is { } client
        ? new ExternalProviderOptions(
            "google",
            "Google",
            ExternalProtocol.Oidc,
            ExternalProviderOptions.GoogleIssuer,
            client,
            Variable("QUOIN_GOOGLE_CLIENT_SECRET"))
        : null;

    private static ExternalProviderOptions? GitHub() => Variable("QUOIN_GITHUB_CLIENT_ID") is { } client
        ? new ExternalProviderOptions(
            "github",
            "GitHub",
            ExternalProtocol.GitHub,
            Variable("QUOIN_GITHUB_URL") ?? ExternalProviderOptions.GitHubIssuer,
            client,
            Variable("QUOIN_GITHUB_CLIENT_SECRET"))
        : null;

    private static IEnumerable<ExternalProviderOptions> Oidc()
    {
        var names = from variable in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
                    let name = (string)variable.Key
                    where name.StartsWith(OidcPrefix, StringComparison.Ordinal)
                        && name.EndsWith(OidcSuffix, StringComparison.Ordinal)
                        && name.Length > OidcPrefix.Length + OidcSuffix.Length
                    orderby name
                    select name[OidcPrefix.Length..^OidcSuffix.Length];
        foreach (var name in names)
        {
            var small = name.ToLowerInvariant().Replace('_', '-');
            yield return new ExternalProviderOptions(
                small,
                Variable($"{OidcPrefix}{name}_TITLE") ?? string.Concat(name.AsSpan(0, 1), small.AsSpan(1)),
                ExternalProtocol.Oidc,
                Variable($"{OidcPrefix}{name}{OidcSuffix}") ?? string.Empty,
                Variable($"{OidcPrefix}{name}_CLIENT_ID") ?? string.Empty,
                Variable($"{OidcPrefix}{name}_CLIENT_SECRET"));
        }
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
