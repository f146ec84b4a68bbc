namespace Quoin.Accounts;

/// <summary>The other services the operator configured, in the order of their buttons.</summary>
internal sealed class ExternalProviders : IDisposable
{
    private readonly List<IExternalProvider> all;

    public ExternalProviders(ProofOptions options, ExternalHttp http, TimeProvider time) =>
        all = [.. options.Providers.Select(one => Of(one, http, time))];

    public IReadOnlyList<IExternalProvider> All => all;

    /// <summary>One by its name; null where there is none.</summary>
    public IExternalProvider? Find(string name) => all.Find(one => one.Options.Name == name);

    public void Dispose()
    {
        foreach (var provider in all.OfType<IDisposable>())
        {
            provider.Dispose();
        }
    }

    private static IExternalProvider Of(ExternalProviderOptions options, ExternalHttp http, TimeProvider time) =>
        options.Protocol switch
        {
            ExternalProtocol.Oidc => new OidcProvider(options, http, time),
            ExternalProtocol.GitHub => new GitHubProvider(options, http),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
