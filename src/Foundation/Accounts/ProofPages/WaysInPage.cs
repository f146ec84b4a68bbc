using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The page on which a person looks after their passkeys, wallets and connections. Its forms work without a script; only
/// adding a passkey or a wallet needs one.
/// </summary>
internal sealed class WaysInPage(
    ManagePasskeys passkeys,
    UnlinkWallet wallets,
    RemoveExternalLogin logins,
    ExternalProviders providers,
    ProofOptions options)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/account/sign-in";

    private const string LastWayIn = "last_way_in";

    /// <summary><c>GET /account/sign-in</c>.</summary>
    public static async Task<IResult> Show(
        WaysInPage page, HttpContext context, CancellationToken cancellationToken) =>
        await page.Show(context, cancellationToken);

    /// <summary><c>POST /account/passkeys/{id}/remove</c>.</summary>
    public static async Task<IResult> RemovePasskey(
        string id, WaysInPage page, HttpContext context, CancellationToken cancellationToken) =>
        Done(context, Id.TryParse<PasskeyId>(id, out var passkey)
            ? await page.Handlers.Passkeys.Remove(context.Caller().Person(), passkey, cancellationToken)
            : RemoveWayInOutcome.NotTheirs);

    /// <summary><c>POST /account/wallets/{address}/remove</c>.</summary>
    public static async Task<IResult> RemoveWallet(
        string address, WaysInPage page, HttpContext context, CancellationToken cancellationToken) =>
        Done(context, await page.Handlers.Wallets.Handle(context.Caller().Person(), address, cancellationToken));

    /// <summary><c>POST /account/connections/{id}/remove</c>.</summary>
    public static async Task<IResult> RemoveLogin(
        string id, WaysInPage page, HttpContext context, CancellationToken cancellationToken) =>
        Done(context, Id.TryParse<ExternalLoginId>(id, out var login)
            ? await page.Handlers.Logins.Handle(context.Caller().Person(), login, cancellationToken)
            : RemoveWayInOutcome.NotTheirs);

    /// <summary><c>POST /account/passkeys/{id}/name</c>.</summary>
    public static async Task<IResult> RenamePasskey(
        string id, WaysInPage page, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var name = form["name"].ToString().Trim();
        if (Id.TryParse<PasskeyId>(id, out var passkey) && InputText.Problem(name, Limits.NameLettersMax) is null)
        {
            await page.Handlers.Passkeys.Rename(context.Caller().Person(), passkey, name, cancellationToken);
        }

        return SignedIn.SeeOther(context.Response, Path);
    }

    private (ManagePasskeys Passkeys, UnlinkWallet Wallets, RemoveExternalLogin Logins) Handlers =>
        (passkeys, wallets, logins);

    private static IResult Done(HttpContext context, RemoveWayInOutcome outcome) =>
        SignedIn.SeeOther(context.Response, outcome == RemoveWayInOutcome.LastWayIn ? $"{Path}?{LastWayIn}=1" : Path);

    private async Task<SignInPage> Show(HttpContext context, CancellationToken cancellationToken)
    {
        var person = context.Caller().Person();
        var body = new StringBuilder();
        body.Append(PageParts.Complaint(context.Request.Query.ContainsKey(LastWayIn)
            ? "That is the last way to sign in to your account. Add another one first."
            : null));
        Passkeys(body, await passkeys.List(person, cancellationToken));
        if (options.WalletChains.Count > 0)
        {
            Wallets(body, await wallets.List(person, cancellationToken));
        }

        Logins(body, await logins.List(person, cancellationToken));
        body.Append("""<p class="below"><a href="/account">Back to your account</a></p>""").Append(ProofScript.Element);
        return new SignInPage(StatusCodes.Status200OK, "Ways to sign in", body.ToString());
    }

    private static void Passkeys(StringBuilder body, IReadOnlyList<PasskeyProfile> list)
    {
        body.Append("<h2>Passkeys</h2>").Append(list.Count == 0 ? "<p>You have none.</p>" : "");
        foreach (var passkey in list)
        {
            var path = $"/account/passkeys/{passkey.Id}";
            body.Append(Card(passkey.Name, Used(passkey.RegisteredAt, passkey.LastUsedAt), $"{path}/remove"));
            body.Append($"""
                <details><summary>Rename {SignInPage.Text(passkey.Name)}</summary><form method="post" action="{path}/name">
                <label>Name<input name="name" value="{SignInPage.Text(passkey.Name)}" required maxlength="200"></label>
                <button class="other">Rename</button></form></details>
                """);
        }

        body.Append("""
            <label data-beside="passkey-register" hidden>Name of a new passkey<input id="passkey-name" maxlength="200"
              placeholder="This laptop" autocomplete="off"></label>
            """);
        body.Append(ProofButtons.Button("passkey-register", "Add a passkey", Path));
    }

    private static void Wallets(StringBuilder body, IReadOnlyList<WalletProfile> list)
    {
        body.Append("<h2>Wallets</h2>").Append(list.Count == 0 ? "<p>You have none.</p>" : "");
        foreach (var wallet in list)
        {
            body.Append(Card(
                wallet.Address, Used(wallet.LinkedAt, wallet.LastUsedAt), $"/account/wallets/{wallet.Address}/remove"));
        }

        body.Append(ProofButtons.Button("wallet-link", "Add a wallet", Path));
    }

    private void Logins(StringBuilder body, IReadOnlyList<ExternalLoginProfile> list)
    {
        if (providers.All.Count == 0 && list.Count == 0)
        {
            return;
        }

        body.Append("<h2>Connections</h2>");
        foreach (var login in list)
        {
            var provider = providers.All.FirstOrDefault(one => one.Options.Issuer == login.Issuer);
            var title = provider?.Options.Title ?? login.Issuer;
            body.Append(Card(
                login.Label is null ? title : $"{title}: {login.Label}",
                Used(login.LinkedAt, login.LastUsedAt),
                $"/account/connections/{login.Id}/remove"));
        }

        foreach (var provider in providers.All.Where(one => list.All(login => login.Issuer != one.Options.Issuer)))
        {
            body.Append($"""
                <form method="post" action="{ElsewhereEndpoints.ConnectPathOf(provider.Options.Name)}">
                {PageParts.Hidden(SignedIn.ReturnTo, Path)}
                <button class="other">Connect {SignInPage.Text(provider.Options.Title)}</button></form>
                """);
        }
    }

    private static string Card(string title, string note, string removePath) => $"""
        <form method="post" action="{SignInPage.Text(removePath)}"><p><strong>{SignInPage.Text(title)}</strong><br>
        {SignInPage.Text(note)}</p><button class="other" aria-label="Remove {SignInPage.Text(title)}">Remove</button></form>
        """;

    private static string Used(DateTimeOffset since, DateTimeOffset? last) => last is { } used
        ? $"Since {Day(since)}, last used {Day(used)}."
        : $"Since {Day(since)}, not used yet.";

    private static string Day(DateTimeOffset instant) =>
        instant.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
