using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>An invitation's link.</summary>
/// <param name="Token">The secret in it.</param>
internal sealed record InvitePageRequest(string Token);

/// <summary>
/// The pages at <c>/invite/{token}</c>. Looking changes nothing; the button accepts, for the person the mail went to.
/// </summary>
internal static class InvitationPages
{
    /// <summary>Where invitations are opened, without the secret.</summary>
    public const string Path = "/invite";

    /// <summary><c>GET /invite/{token}</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<InvitePageRequest> parameters,
        AcceptInvitation handler,
        ICallerSource callers,
        Users users,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var token = parameters.Value.Token;
        if (await handler.Look(token, cancellationToken) is not { } invitation)
        {
            return DoesNotWork();
        }

        return await callers.Identify(context, cancellationToken) is CallerOutcome.Known(var caller)
            && Id.TryParse<UserId>(caller.Actor, out var id)
            && await users.Find(id, cancellationToken) is { } person
                ? ToPerson(person, invitation, token)
                : ToStranger(invitation, token);
    }

    /// <summary><c>POST /invite/{token}</c>.</summary>
    public static async Task<IResult> Accept(
        Parameters<InvitePageRequest> parameters,
        AcceptInvitation handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        var outcome = Id.TryParse<UserId>(context.Caller().Actor, out var person)
            ? await handler.Handle(person, parameters.Value.Token, cancellationToken)
            : new AcceptInvitationOutcome.DoesNotWork();
        return outcome switch
        {
            AcceptInvitationOutcome.Accepted(var org, _) =>
                SignedIn.SeeOther(context.Response, $"/console?org={org}"),
            AcceptInvitationOutcome.OtherAddress(var email) => ForAnother(email),
            AcceptInvitationOutcome.AddressNotProved(var email) => NotProved(email),
            _ => DoesNotWork(),
        };
    }

    private static SignInPage ToPerson(UserProfile person, InvitationPreview invitation, string token)
    {
        if (person.Email is not null && EmailAddress.Folded(person.Email) != EmailAddress.Folded(invitation.Email))
        {
            return ForAnother(invitation.Email);
        }

        return person.ConfirmedEmail is null
            ? NotProved(invitation.Email)
            : new SignInPage(StatusCodes.Status200OK, Title(invitation), $"""
                  <p>You would be <strong>{SignInPage.Text(invitation.Role)}</strong>. You are signed in as
                    <strong>{SignInPage.Text(invitation.Email)}</strong>.</p>
                  <form method="post" action="{Path}/{SignInPage.Text(token)}"><button>Accept</button></form>
                """);
    }

    private static SignInPage ToStranger(InvitationPreview invitation, string token)
    {
        var here = $"{Path}/{token}";
        return new SignInPage(StatusCodes.Status200OK, Title(invitation), $"""
              <p>You would be <strong>{SignInPage.Text(invitation.Role)}</strong>. Sign in as
                <strong>{SignInPage.Text(invitation.Email)}</strong>, or sign up with this address, and come back here.</p>
              <p><a href="{SignInPage.Text(PageParts.With(RedirectsToSignIn.Path, here))}">Sign in</a></p>
              <p><a href="{SignInPage.Text(PageParts.With(SignUpEndpoints.Path, here))}">Sign up</a></p>
            """);
    }

    private static string Title(InvitationPreview invitation) => $"You are invited to {invitation.OrganisationName}";

    private static SignInPage ForAnother(string email) =>
        new(StatusCodes.Status403Forbidden, "This invitation is for another address", $"""
          <p>It was mailed to <strong>{SignInPage.Text(email)}</strong>. Sign out and come back with that address, or ask
            to be invited with yours.</p>
          <form method="get" action="/sign-out"><button>Sign out</button></form>
        """);

    private static SignInPage NotProved(string email) =>
        new(StatusCodes.Status403Forbidden, "Confirm your address first", $"""
          <p>Nothing has proved so far that <strong>{SignInPage.Text(email)}</strong> is yours. Confirm it on
            <a href="/account">your account's page</a>, then open the invitation again.</p>
        """);

    private static SignInPage DoesNotWork() =>
        new(StatusCodes.Status404NotFound, "This invitation does not work", """
          <p>It was used or revoked, a later mail replaced it, or its days are over. Ask whoever invited you to send it
            again.</p>
        """);
}
