using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Another service a person may connect with their account.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Path">Where a form is sent to connect it.</param>
public sealed record ConnectableService(string Title, string Path);

/// <summary>A service a person has connected.</summary>
/// <param name="Title">What it is called; its issuer where the operator does not offer it any more.</param>
/// <param name="Login">Who they are there.</param>
public sealed record ConnectedService(string Title, ExternalLoginProfile Login);

/// <summary>How a person comes in beside the password.</summary>
/// <param name="Passkeys">Their passkeys, oldest first.</param>
/// <param name="OffersWallets">Whether wallets are let in here.</param>
/// <param name="Wallets">Their wallets, oldest first.</param>
/// <param name="Connected">The services they connected, oldest first.</param>
/// <param name="Connectable">The services they have not.</param>
public sealed record WaysToSignIn(
    IReadOnlyList<PasskeyProfile> Passkeys,
    bool OffersWallets,
    IReadOnlyList<WalletProfile> Wallets,
    IReadOnlyList<ConnectedService> Connected,
    IReadOnlyList<ConnectableService> Connectable);

/// <summary>How people come in beside the password, for the page <c>/account</c>; its forms lead to Accounts' own endpoints.</summary>
public sealed class SignInWays
{
    private readonly ManagePasskeys passkeys;
    private readonly UnlinkWallet wallets;
    private readonly RemoveExternalLogin logins;
    private readonly ExternalProviders providers;
    private readonly ProofOptions options;

    internal SignInWays(
        ManagePasskeys passkeys,
        UnlinkWallet wallets,
        RemoveExternalLogin logins,
        ExternalProviders providers,
        ProofOptions options) => (this.passkeys, this.wallets, this.logins, this.providers, this.options) =
        (passkeys, wallets, logins, providers, options);

    /// <summary>A person's; straight from the database.</summary>
    public async Task<WaysToSignIn> Of(UserId user, CancellationToken cancellationToken)
    {
        var connected = await logins.List(user, cancellationToken);
        return new WaysToSignIn(
            await passkeys.List(user, cancellationToken),
            options.WalletChains.Count > 0,
            await wallets.List(user, cancellationToken),
            [.. connected.Select(login => new ConnectedService(TitleOf(login.Issuer), login))],
            [
                .. providers.All
                    .Where(provider => connected.All(login => login.Issuer != provider.Options.Issuer))
                    .Select(provider => new ConnectableService(
                        provider.Options.Title, ElsewhereEndpoints.ConnectPathOf(provider.Options.Name))),
            ]);
    }

    private string TitleOf(string issuer) =>
        providers.All.FirstOrDefault(provider => provider.Options.Issuer == issuer)?.Options.Title ?? issuer;
}
