using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>The buttons of the other services; they work without a script.</summary>
internal sealed class ExternalButtons(ExternalProviders providers) : ISignInButton
{
    /// <inheritdoc />
    public string? Html(HttpContext context, string returnTo) => providers.All.Count == 0
        ? null
        : string.Concat(providers.All.Select(provider => $"""
            <form method="post" action="{ElsewhereEndpoints.PathOf(provider.Options.Name)}">
              {PageParts.Hidden(SignedIn.ReturnTo, returnTo)}
              <button class="other">Continue with {SignInPage.Text(provider.Options.Title)}</button>
            </form>
            """));
}
