using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The ways to come in without a password: their part of the module's table of contents.</summary>
internal static class ProofsContents
{
    public static void AddProofs(this IServiceCollection services)
    {
        services.TryAddSingleton(new ProofOptions());
        services.AddSingleton<Newcomers>();
        services.AddSingleton<ProofAnswer>();
        services.AddSingleton<SiweNonces>();
        services.AddSingleton<GiveNonce>();
        services.AddSingleton<SignInWithWallet>();
        services.AddSingleton<LinkWallet>();
        services.AddSingleton<UnlinkWallet>();
        services.AddSingleton<ExternalHttp>();
        services.AddSingleton<ExternalProviders>();
        services.AddSingleton<ExternalStates>();
        services.AddSingleton<SignInElsewhere>();
        services.AddSingleton<RemoveExternalLogin>();
        services.AddSingleton<ISignInButton, ExternalButtons>();
        services.AddSingleton<ISignInButton, ProofButtons>();
        services.AddSingleton(provider => new SignInWays(
            provider.GetRequiredService<ManagePasskeys>(),
            provider.GetRequiredService<UnlinkWallet>(),
            provider.GetRequiredService<RemoveExternalLogin>(),
            provider.GetRequiredService<ExternalProviders>(),
            provider.GetRequiredService<ProofOptions>()));
        services.AddSingleton<PasskeyCeremonies>();
        services.AddSingleton<SignInWithPasskey>();
        services.AddSingleton<RegisterPasskey>();
        services.AddSingleton<ManagePasskeys>();
        services.AddSingleton<SweepProofs>();
        services.AddRecurringJob("accounts.sweep_proofs", Limits.ProofsSweptEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<SweepProofs>().Run(cancellationToken));
    }

    public static void MapProofs(this RouteGroupBuilder api)
    {
        MapWallets(api);
        MapExternalLogins(api);
        MapPasskeys(api);
    }

    public static void MapProofPages(this RouteGroupBuilder pages)
    {
        pages.MapPost("/sign-in/with/{name}", ElsewhereEndpoints.Leave)
            .LimitsBody(Limits.SignInFormBytesMax)
            .LimitsSignInsOnPage()
            .AllowsAnyone();
        pages.MapGet("/sign-in/with/{name}/callback", ElsewhereEndpoints.Return).LimitsSignInsOnPage().AllowsAnyone();
        pages.MapPost("/account/connections/{name}", ElsewhereEndpoints.Connect)
            .LimitsBody(Limits.SignInFormBytesMax)
            .NeedsRecentSignIn(WaysInForms.Page)
            .RequiresSignIn(Permission.ProfileManage);
        pages.MapGet(ProofScript.Route, ProofScript.Show).AllowsAnyone();
        pages.MapGet("/account/sign-in", WaysInForms.Moved).RequiresSignIn(Permission.ProfileManage);
        pages.MapPost("/account/passkeys/{id}/name", WaysInForms.RenamePasskey)
            .LimitsBody(Limits.SignInFormBytesMax)
            .RequiresSignIn(Permission.ProfileManage);
        pages.MapPost("/account/passkeys/{id}/remove", WaysInForms.RemovePasskey)
            .LimitsBody(Limits.SignInFormBytesMax)
            .NeedsRecentSignIn(WaysInForms.Page)
            .RequiresSignIn(Permission.ProfileManage);
        pages.MapPost("/account/wallets/{address}/remove", WaysInForms.RemoveWallet)
            .LimitsBody(Limits.SignInFormBytesMax)
            .NeedsRecentSignIn(WaysInForms.Page)
            .RequiresSignIn(Permission.ProfileManage);
        pages.MapPost("/account/connections/{id}/remove", WaysInForms.RemoveLogin)
            .LimitsBody(Limits.SignInFormBytesMax)
            .NeedsRecentSignIn(WaysInForms.Page)
            .RequiresSignIn(Permission.ProfileManage);
    }

    private static void MapExternalLogins(RouteGroupBuilder api)
    {
        api.MapGet("/me/external-logins", RemoveExternalLogin.ListEndpoint)
            .WithName("listExternalLogins")
            .WithSummary("List the other services one signs in with")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapDelete("/me/external-logins/{id}", RemoveExternalLogin.Endpoint)
            .WithName("removeExternalLogin")
            .WithSummary("Let another service sign one in no more")
            .MayAnswer(ProofProblems.LastWayIn)
            .NeedsRecentSignIn()
            .RequiresWithoutOrg(Permission.ProfileManage);
    }

    private static void MapPasskeys(RouteGroupBuilder api)
    {
        api.MapPost("/auth/passkey/options", SignInWithPasskey.OptionsEndpoint)
            .WithName("createPasskeyRequest")
            .WithSummary("Get what a browser asks a passkey for to sign in (WebAuthn)")
            .MayAnswer(AccountsProblems.NoPublicUrl)
            .LimitsSignIns()
            .AllowsAnyone();
        api.MapPost("/auth/passkey/verify", SignInWithPasskey.Endpoint)
            .WithName("signInWithPasskey")
            .WithSummary("Sign in with a passkey's answer; the session comes as a cookie")
            .MayAnswer(ProofProblems.PasskeyRefused, ProofProblems.ShutOut)
            .LimitsSignIns()
            .AllowsAnyone();
        api.MapGet("/me/passkeys", ManagePasskeys.ListEndpoint)
            .WithName("listPasskeys")
            .WithSummary("List the passkeys one signs in with")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/passkeys/options", RegisterPasskey.OptionsEndpoint)
            .WithName("createPasskeyRegistration")
            .WithSummary("Get what a browser asks for to make a new passkey")
            .MayAnswer(AccountsProblems.NoPublicUrl)
            .NeedsRecentSignIn()
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/passkeys", RegisterPasskey.Endpoint)
            .WithName("registerPasskey")
            .WithSummary("Let a new passkey sign one in from now on")
            .MayAnswer(AccountsProblems.InvalidMember, ProofProblems.PasskeyRefused, ProofProblems.TooMany)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPatch("/me/passkeys/{id}", ManagePasskeys.RenameEndpoint)
            .WithName("renamePasskey")
            .WithSummary("Name a passkey anew")
            .MayAnswer(AccountsProblems.InvalidMember)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapDelete("/me/passkeys/{id}", ManagePasskeys.RemoveEndpoint)
            .WithName("removePasskey")
            .WithSummary("Let a passkey sign one in no more")
            .MayAnswer(ProofProblems.LastWayIn)
            .NeedsRecentSignIn()
            .RequiresWithoutOrg(Permission.ProfileManage);
    }

    private static void MapWallets(RouteGroupBuilder api)
    {
        api.MapPost("/auth/wallet/nonce", GiveNonce.Endpoint)
            .WithName("createWalletNonce")
            .WithSummary("Get a nonce, and a message, for a wallet to sign in with (ERC-4361)")
            .MayAnswer(
                AccountsProblems.InvalidMember,
                AccountsProblems.NoPublicUrl, ProofProblems.MethodOff, ProofProblems.SiweOtherChain)
            .LimitsSignIns()
            .AllowsAnyone();
        api.MapPost("/auth/wallet/verify", SignInWithWallet.Endpoint)
            .WithName("signInWithWallet")
            .WithSummary("Sign in with a wallet's signature; the session comes as a cookie")
            .MayAnswer(WalletProof.Problems)
            .MayAnswer(ProofProblems.ShutOut, ProofProblems.SignUpClosed)
            .LimitsSignIns()
            .AllowsAnyone();
        api.MapGet("/me/wallets", UnlinkWallet.ListEndpoint)
            .WithName("listWallets")
            .WithSummary("List the wallets one signs in with")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/wallets/nonce", GiveNonce.LinkEndpoint)
            .WithName("createWalletLinkNonce")
            .WithSummary("Get a nonce, and a message, for a wallet that is to be linked")
            .MayAnswer(
                AccountsProblems.InvalidMember,
                AccountsProblems.NoPublicUrl, ProofProblems.MethodOff, ProofProblems.SiweOtherChain)
            .LimitsSignIns()
            .NeedsRecentSignIn()
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/wallets", LinkWallet.Endpoint)
            .WithName("linkWallet")
            .WithSummary("Let a wallet sign one in from now on")
            .MayAnswer(WalletProof.Problems)
            .MayAnswer(ProofProblems.WalletTaken, ProofProblems.TooMany)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapDelete("/me/wallets/{address}", UnlinkWallet.Endpoint)
            .WithName("unlinkWallet")
            .WithSummary("Let a wallet sign one in no more")
            .MayAnswer(ProofProblems.LastWayIn)
            .NeedsRecentSignIn()
            .RequiresWithoutOrg(Permission.ProfileManage);
    }
}
