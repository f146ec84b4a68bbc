using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>The buttons of passkeys and wallets; both show only where the browser has what they need.</summary>
internal sealed class ProofButtons(ProofOptions options, PublicLinks links) : ISignInButton
{
    /// <inheritdoc />
    public string? Html(HttpContext context, string returnTo)
    {
        if (links.Origin(context.Request) is null)
        {
            return null;
        }

        var wallet = options.WalletChains.Count == 0
            ? string.Empty
            : Button("wallet-sign-in", "Continue with a wallet", returnTo);
        return Button("passkey-sign-in", "Continue with a passkey", returnTo) + wallet + ProofScript.Element;
    }

    /// <summary>A button of the script.</summary>
    public static string Button(string proof, string text, string returnTo) => $"""
        <div><button type="button" class="other" data-proof="{proof}" data-return-to="{SignInPage.Text(returnTo)}"
          hidden>{SignInPage.Text(text)}</button></div>
        """;
}
