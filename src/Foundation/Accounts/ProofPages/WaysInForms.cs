using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// What the forms on <c>/account</c> do with passkeys, wallets and connections. They work without a script; only adding a
/// passkey or a wallet needs one. Each leads back to the page, which says what came of it.
/// </summary>
internal static class WaysInForms
{
    /// <summary>The page they stand on.</summary>
    public const string Page = "/account";

    /// <summary><c>GET /account/sign-in</c>: where these once stood.</summary>
    public static IResult Moved(HttpContext context) => SignedIn.SeeOther(context.Response, Page);

    /// <summary><c>POST /account/passkeys/{id}/remove</c>.</summary>
    public static async Task<IResult> RemovePasskey(
        string id, ManagePasskeys passkeys, HttpContext context, CancellationToken cancellationToken) =>
        Done(context, Id.TryParse<PasskeyId>(id, out var passkey)
            ? await passkeys.Remove(context.Caller().Person(), passkey, cancellationToken)
            : RemoveWayInOutcome.NotTheirs);

    /// <summary><c>POST /account/wallets/{address}/remove</c>.</summary>
    public static async Task<IResult> RemoveWallet(
        string address, UnlinkWallet wallets, HttpContext context, CancellationToken cancellationToken) =>
        Done(context, await wallets.Handle(context.Caller().Person(), address, cancellationToken));

    /// <summary><c>POST /account/connections/{id}/remove</c>.</summary>
    public static async Task<IResult> RemoveLogin(
        string id, RemoveExternalLogin logins, HttpContext context, CancellationToken cancellationToken) =>
        Done(context, Id.TryParse<ExternalLoginId>(id, out var login)
            ? await logins.Handle(context.Caller().Person(), login, cancellationToken)
            : RemoveWayInOutcome.NotTheirs);

    /// <summary><c>POST /account/passkeys/{id}/name</c>.</summary>
    public static async Task<IResult> RenamePasskey(
        string id, ManagePasskeys passkeys, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var name = form["name"].ToString().Trim();
        if (InputText.Problem(name, Limits.NameLettersMax) is not null)
        {
            return SeeOther(context, "wrong=passkey-name");
        }

        var isDone = Id.TryParse<PasskeyId>(id, out var passkey)
            && await passkeys.Rename(context.Caller().Person(), passkey, name, cancellationToken);
        return SeeOther(context, isDone ? "done=passkey-name" : "wrong=way-gone");
    }

    private static IResult Done(HttpContext context, RemoveWayInOutcome outcome) => SeeOther(context, outcome switch
    {
        RemoveWayInOutcome.Removed => "done=way-removed",
        RemoveWayInOutcome.LastWayIn => "wrong=last-way-in",
        _ => "wrong=way-gone",
    });

    private static StatusCodeHttpResult SeeOther(HttpContext context, string answer) =>
        SignedIn.SeeOther(context.Response, $"{Page}?{answer}");
}
