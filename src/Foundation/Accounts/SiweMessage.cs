using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The text a wallet signs to sign in, read strictly as the grammar of ERC-4361 says: what a person saw in their wallet
/// is exactly what is checked here.
/// </summary>
/// <param name="Domain">Who asks: host and, where it is not the usual one, port.</param>
/// <param name="Address">Whose wallet signs.</param>
/// <param name="Uri">What is signed in to.</param>
/// <param name="ChainId">The chain the wallet is on (EIP-155).</param>
/// <param name="Nonce">The nonce that was given out for this signature alone.</param>
/// <param name="IssuedAt">When the text was made.</param>
public sealed partial record SiweMessage(
    string Domain, EthereumAddress Address, Uri Uri, long ChainId, string Nonce, DateTimeOffset IssuedAt)
{
    /// <summary>The scheme before the domain; null where there is none.</summary>
    public string? Scheme { get; init; }

    /// <summary>What the person agrees to, in one line; null where there is none.</summary>
    public string? Statement { get; init; }

    /// <summary>From when on the text counts for nothing; null for never.</summary>
    public DateTimeOffset? ExpirationTime { get; init; }

    /// <summary>Before when it counts for nothing; null for always.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Reads a text; false where it departs from the grammar by a letter.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SiweMessage? message)
    {
        message = null;
        if (text.Length > Limits.SiweMessageLettersMax || Grammar().Match(text) is not { Success: true } match)
        {
            return false;
        }

        string? Part(string name) => match.Groups[name] is { Success: true } group ? group.Value : null;
        if (!EthereumAddress.TryParse(Part("address")!, out var address)
            || AbsoluteUri(Part("uri")!) is not { } uri
            || !long.TryParse(Part("chain"), NumberStyles.None, CultureInfo.InvariantCulture, out var chain)
            || !Rfc3339.TryParse(Part("issued"), out var issuedAt)
            || !TryInstant(Part("expires"), out var expiresAt)
            || !TryInstant(Part("from"), out var notBefore)
            || match.Groups["resource"].Captures.Any(resource => AbsoluteUri(resource.Value) is null))
        {
            return false;
        }

        message = new SiweMessage(Part("domain")!, address, uri, chain, Part("nonce")!, issuedAt)
        {
            Scheme = Part("scheme"),
            Statement = Part("statement"),
            ExpirationTime = expiresAt,
            NotBefore = notBefore,
        };
        return true;
    }

    /// <summary>The text of a message without resources, as a wallet is asked to sign it.</summary>
    public override string ToString()
    {
        var lines = new List<string>
        {
            $"{(Scheme is null ? "" : Scheme + "://")}{Domain} wants you to sign in with your Ethereum account:",
            Address.ToString(),
            "",
        };
        if (Statement is not null)
        {
            lines.Add(Statement);
        }

        lines.Add("");
        lines.Add($"URI: {Uri.OriginalString}");
        lines.Add("Version: 1");
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"Chain ID: {ChainId}"));
        lines.Add($"Nonce: {Nonce}");
        lines.Add($"Issued At: {Rfc3339.Format(IssuedAt)}");
        if (ExpirationTime is { } expires)
        {
            lines.Add($"Expiration Time: {Rfc3339.Format(expires)}");
        }

        if (NotBefore is { } from)
        {
            lines.Add($"Not Before: {Rfc3339.Format(from)}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>Whether what it says holds here and now; the nonce and the signature are for the caller to check.</summary>
    /// <param name="origin">The one origin people reach this host by.</param>
    /// <param name="chains">The chains whose wallets are let in.</param>
    /// <param name="now">The system clock.</param>
    public SiweVerdict Judge(Uri origin, IReadOnlyCollection<long> chains, DateTimeOffset now)
    {
        if (!string.Equals(Domain, origin.Authority, StringComparison.OrdinalIgnoreCase)
            || (Scheme is not null && !string.Equals(Scheme, origin.Scheme, StringComparison.OrdinalIgnoreCase)))
        {
            return SiweVerdict.WrongDomain;
        }

        if (Uri.Compare(Uri, origin, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0)
        {
            return SiweVerdict.WrongUri;
        }

        if (!chains.Contains(ChainId))
        {
            return SiweVerdict.OtherChain;
        }

        if (NotBefore > now || IssuedAt > now + Limits.SiweClockSkew)
        {
            return SiweVerdict.NotYetValid;
        }

        var isStale = IssuedAt < now - Limits.SiweNonceLifetime - Limits.SiweClockSkew;
        return isStale || ExpirationTime <= now ? SiweVerdict.Expired : SiweVerdict.Good;
    }

    private static bool TryInstant(string? text, out DateTimeOffset? instant)
    {
        var isRead = Rfc3339.TryParse(text, out var read);
        instant = isRead ? read : null;
        return isRead || text is null;
    }

    private static Uri? AbsoluteUri(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && text.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)
            ? uri
            : null;

    // Letters of a URI are RFC 3986's reserved, unreserved and percent-encoded; of a statement reserved, unreserved and
    // the space; request-id is *pchar. \z and not $, which would let a last line break pass.
    [GeneratedRegex(
        """
        \A((?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?
        (?<domain>[A-Za-z0-9\-._~!$&'()*+,;=:@%\[\]]+)[ ]wants[ ]you[ ]to[ ]sign[ ]in[ ]with[ ]your[ ]Ethereum[ ]account:\n
        (?<address>0x[0-9a-fA-F]{40})\n
        \n
        ((?<statement>[A-Za-z0-9\-._~:/?\#\[\]@!$&'()*+,;=\x20]+)\n)?
        \n
        URI:[ ](?<uri>[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?\#\[\]@!$&'()*+,;=%]+)\n
        Version:[ ]1\n
        Chain[ ]ID:[ ](?<chain>[0-9]{1,18})\n
        Nonce:[ ](?<nonce>[A-Za-z0-9]{8,})\n
        Issued[ ]At:[ ](?<issued>[0-9TtZz:.+-]+)
        (\nExpiration[ ]Time:[ ](?<expires>[0-9TtZz:.+-]+))?
        (\nNot[ ]Before:[ ](?<from>[0-9TtZz:.+-]+))?
        (\nRequest[ ]ID:[ ](?<request>([A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*))?
        (\nResources:(\n-[ ](?<resource>[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?\#\[\]@!$&'()*+,;=%]+))*)?\z
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grammar();
}

/// <summary>Whether what a message says holds here and now, in the order it is checked.</summary>
public enum SiweVerdict
{
    /// <summary>It was made for another site: whoever signed it may have been tricked.</summary>
    WrongDomain,

    /// <summary>It names something else to sign in to.</summary>
    WrongUri,

    /// <summary>The wallet is on a chain that is not let in.</summary>
    OtherChain,

    /// <summary>It counts only later, or was made in the future.</summary>
    NotYetValid,

    /// <summary>It no longer counts.</summary>
    Expired,

    /// <summary>It holds.</summary>
    Good,
}
