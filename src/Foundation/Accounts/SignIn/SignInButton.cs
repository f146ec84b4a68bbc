using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>
/// Another way to sign in, beside the password: what the sign-in page shows of it. Register one and it is there, in the
/// order of registration.
/// </summary>
internal interface ISignInButton
{
    /// <summary>
    /// The HTML of a button or a form, already encoded; null where this way is not to be had. A link or button with the
    /// class <c>other</c> looks like its neighbours; scripts carry the request's nonce.
    /// </summary>
    /// <param name="context">The request for the page.</param>
    /// <param name="returnTo">The path to lead to once somebody is in; a path of this host.</param>
    string? Html(HttpContext context, string returnTo);
}
