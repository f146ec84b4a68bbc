namespace Quoin.Accounts;

/// <summary>Somebody, as another service knows them.</summary>
/// <param name="Issuer">Which service.</param>
/// <param name="Subject">Who they are there: never given to anybody else, and the only thing they are found by.</param>
/// <param name="Name">What they are called there; null where it does not say.</param>
/// <param name="ConfirmedEmail">Their address, where the service says that it is proved to be theirs; else null.</param>
/// <param name="Label">What to show them as, among the ways they sign in.</param>
internal sealed record ExternalIdentity(
    string Issuer, string Subject, string? Name, string? ConfirmedEmail, string? Label);

/// <summary>What is asked of another service, and remembered until the visitor is back.</summary>
/// <param name="State">Comes back with the visitor.</param>
/// <param name="Nonce">Comes back in what the service signs.</param>
/// <param name="CodeVerifier">Proves that who redeems is who asked (RFC 7636).</param>
/// <param name="RedirectUri">Where the visitor comes back to.</param>
internal sealed record ExternalRequest(string State, string Nonce, string CodeVerifier, string RedirectUri);

/// <summary>Every way trading a code for somebody's identity can end.</summary>
internal abstract record RedeemOutcome
{
    private RedeemOutcome()
    {
    }

    /// <summary>The service does not answer, or nothing that can be read.</summary>
    public sealed record Unreachable(string Why) : RedeemOutcome;

    /// <summary>The service refuses the code, or what it gives does not hold.</summary>
    public sealed record Refused(string Why) : RedeemOutcome;

    /// <summary>The service says who it is.</summary>
    public sealed record Proved(ExternalIdentity Identity) : RedeemOutcome;
}

/// <summary>Another service that may vouch for people.</summary>
internal interface IExternalProvider
{
    /// <summary>How the operator configured it.</summary>
    ExternalProviderOptions Options { get; }

    /// <summary>Where to send the visitor.</summary>
    /// <returns>Null where the service cannot be asked.</returns>
    Task<Uri?> Authorize(ExternalRequest request, CancellationToken cancellationToken);

    /// <summary>Trades the code the visitor came back with.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="code">The code.</param>
    /// <param name="issuer">Who says to have answered (RFC 9207); null where nobody says.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<RedeemOutcome> Redeem(
        ExternalRequest request, string code, string? issuer, CancellationToken cancellationToken);
}
