using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A deletion that has begun.</summary>
/// <param name="DeletesAt">When it is final; signing in before takes it back.</param>
internal sealed record PersonDeletion(DateTimeOffset DeletesAt);

/// <summary>The API and the page on which people delete their account.</summary>
internal static class DeletePersonEndpoints
{
    /// <summary>Where the form on <c>/account</c> leads.</summary>
    public const string Path = "/account/delete";

    /// <summary><c>POST /v1/me/deletion</c>.</summary>
    public static async Task<Results<Ok<PersonDeletion>, Problem>> Endpoint(
        DeletePerson handler, HttpContext context, CancellationToken cancellationToken)
    {
        switch (await handler.Handle(context.Caller().Person(), cancellationToken))
        {
            case DeletePersonOutcome.Begun(var deletesAt):
                SessionCookie.Remove(context);
                return TypedResults.Ok(new PersonDeletion(deletesAt));
            case DeletePersonOutcome.SoleOwner(var organisations):
                return new Problem(
                    AccountsProblems.SoleOwner,
                    $"Nobody else owns {string.Join(", ", organisations.Select(one => one.Name))}.",
                    members: new Dictionary<string, object?>(StringComparer.Ordinal)
                    {
                        ["organisation_ids"] = organisations.Select(one => one.Id.ToString()).ToArray(),
                    });
            case DeletePersonOutcome.IsOperator:
                return new Problem(AccountsProblems.OperatorStays, "You are one of the operator's people.");
            default:
                throw new UnreachableException();
        }
    }

    /// <summary><c>POST /account/delete</c>.</summary>
    public static async Task<IResult> Page(
        DeletePerson handler, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        if (form["sure"] != "yes")
        {
            return SignedIn.SeeOther(context.Response, "/account");
        }

        switch (await handler.Handle(context.Caller().Person(), cancellationToken))
        {
            case DeletePersonOutcome.Begun(var deletesAt):
                SessionCookie.Remove(context);
                return Begun(deletesAt);
            case DeletePersonOutcome.SoleOwner(var organisations):
                return SoleOwner(organisations);
            case DeletePersonOutcome.IsOperator:
                return new SignInPage(StatusCodes.Status409Conflict, "Operators are not deleted here", """
                      <p>You are one of the people who run this Quoin. Another operator takes you from that work first.</p>
                      <p class="below"><a href="/account">Back to your account</a></p>
                    """);
            default:
                throw new UnreachableException();
        }
    }

    private static SignInPage Begun(DateTimeOffset deletesAt) =>
        new(StatusCodes.Status200OK, "Your account is being deleted", $"""
              <p>You are signed out everywhere. On <strong>{Day(deletesAt)}</strong> what is known of you is removed for
                good.</p>
              <p>Changed your mind? <a href="/sign-in">Sign in</a> before that day, and everything stays.</p>
            """);

    private static SignInPage SoleOwner(IReadOnlyList<OwnedAlone> organisations) =>
        new(StatusCodes.Status409Conflict, "Organisations need another owner first", $"""
              <p>Nobody else owns these. Hand them over, or delete them:</p>
              <ul>{string.Concat(organisations.Select(one => $"""
                <li><a href="/console/settings?org={one.Id}">{SignInPage.Text(one.Name)}</a></li>
                """))}</ul>
              <p class="below"><a href="/account">Back to your account</a></p>
            """);

    private static string Day(DateTimeOffset instant) =>
        instant.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
