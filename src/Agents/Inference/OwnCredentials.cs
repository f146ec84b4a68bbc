using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>That an organisation has a key of its own at a provider.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Kind">What kind it is: which form its keys have.</param>
/// <param name="SetAt">Since when this key is used.</param>
public sealed record OwnCredential(string Provider, string Kind, DateTimeOffset SetAt);

/// <summary>A provider that an organisation may bring a key for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What kind it is: which form its keys have.</param>
public sealed record OwnProvider(string Name, string Kind);

/// <summary>The door to keys that organisations bring, for pages.</summary>
public sealed class OwnCredentials
{
    private readonly KeepCredentials keeping;
    private readonly ConfigureProviders providers;

    internal OwnCredentials(KeepCredentials keeping, ConfigureProviders providers) =>
        (this.keeping, this.providers) = (keeping, providers);

    /// <summary>The providers an organisation has keys of its own for, by name; none with its key.</summary>
    public Task<IReadOnlyList<OwnCredential>> List(OrgId org, CancellationToken cancellationToken) =>
        keeping.List(org, cancellationToken);

    /// <summary>The providers that calls go to, by name: a name and a kind is all that customers see of them.</summary>
    public async Task<IReadOnlyList<OwnProvider>> Providers(CancellationToken cancellationToken) =>
        [.. (await providers.List(cancellationToken)).Where(one => one.IsEnabled).Select(one => new OwnProvider(one.Name, one.Kind))];

    /// <summary>Has calls at a provider made with an organisation's own key, on every replica within a second.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="credential">The key; kept encrypted and never shown.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="caller">Who brings it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Why not, in a sentence; null where it is so.</returns>
    public async Task<string?> Set(
        OrgId org, string provider, string credential, string reason, Caller caller, CancellationToken cancellationToken)
    {
        var body = new OwnCredentialBody(credential, reason);
        return KeepCredentials.Check(body).Sentence
            ?? (await keeping.Set(caller with { Org = org }, provider, body, cancellationToken)
                ? null
                : "There is no such provider any more.");
    }

    /// <summary>Has calls at a provider made with the operator's key again; whether there was another.</summary>
    public Task<bool> Remove(OrgId org, string provider, Caller caller, CancellationToken cancellationToken) =>
        keeping.Remove(caller with { Org = org }, provider, cancellationToken);
}
