using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The pages at <c>/sign-up</c>.</summary>
internal static class SignUpEndpoints
{
    /// <summary>Where one signs up.</summary>
    public const string Path = "/sign-up";

    private const string Sent = "sent";

    /// <summary><c>GET /sign-up</c>.</summary>
    public static async Task<IResult> Show(
        HttpContext context,
        AdmitSignUp admitting,
        IEnumerable<ISignInButton> others,
        CancellationToken cancellationToken)
    {
        if (context.Request.Query.ContainsKey(Sent))
        {
            return MailSent();
        }

        var returnTo = SignedIn.LocalPath(context.Request.Query[SignedIn.ReturnTo].ToString());
        return await admitting.Handle(returnTo, cancellationToken) switch
        {
            SignUpAdmission.Open => Form(context, others, new NewSignUp("", "", "", returnTo), null),
            SignUpAdmission.Invited(var email, _) => Form(context, others, new NewSignUp("", email, "", returnTo), null),
            _ => NotOpen(),
        };
    }

    /// <summary><c>POST /sign-up</c>.</summary>
    public static async Task<IResult> Begin(
        HttpContext context,
        SignUp handler,
        AdmitSignUp admitting,
        IEnumerable<ISignInButton> others,
        CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var wanted = new NewSignUp(
            form["name"].ToString().Trim(),
            form["email"].ToString().Trim(),
            form["password"].ToString(),
            SignedIn.LocalPath(form[SignedIn.ReturnTo].ToString()));
        var admission = await admitting.Handle(wanted.ReturnTo, cancellationToken);
        if (admission is SignUpAdmission.Refused)
        {
            return NotOpen();
        }

        if (!admission.Admits(wanted.Email))
        {
            return Form(
                context, others, wanted, InvalidInput.Of(("email", "must be the one your invitation went to")));
        }

        return await handler.Handle(context.Request, wanted, cancellationToken) switch
        {
            SignUpOutcome.Invalid(var input) => Form(context, others, wanted, input),
            SignUpOutcome.NoPublicUrl => PageParts.NoPublicUrl(),
            SignUpOutcome.TooMany(var wait) => PageParts.TooMany(
                context, wait, "<p>Look into your mail first, the folder for spam included.</p>"),
            SignUpOutcome.MailSent => SignedIn.SeeOther(context.Response, $"{Path}?{Sent}=1"),
            _ => throw new UnreachableException(),
        };
    }

    private static SignInPage Form(
        HttpContext context, IEnumerable<ISignInButton> others, NewSignUp wanted, InvalidInput? invalid)
    {
        var errors = invalid?.Errors;
        var buttons = string.Concat(others.Select(other => other.Html(context, wanted.ReturnTo)));
        var signIn = SignInPage.Text(PageParts.With(RedirectsToSignIn.Path, wanted.ReturnTo));
        return new SignInPage(
            invalid is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
            "Sign up to Quoin",
            $"""
              <form method="post" action="{Path}">
                {PageParts.Field(
                    "Name", "name", "text", "name", wanted.Name, errors?.GetValueOrDefault("name"),
                    lettersMax: Limits.NameLettersMax, isFocused: IsFirst("name"))}
                {PageParts.Field(
                    "E-mail", "email", "email", "username", wanted.Email, errors?.GetValueOrDefault("email"),
                    isFocused: IsFirst("email"))}
                {PageParts.Password(
                    "Password", "password", "new-password", errors?.GetValueOrDefault("password"),
                    $"At least {Limits.PasswordLettersMin} letters, and none of the common ones.",
                    isFocused: IsFirst("password"))}
                {PageParts.Hidden(SignedIn.ReturnTo, wanted.ReturnTo)}
                <button>Sign up</button>
              </form>
              {(buttons.Length == 0 ? "" : $"""<p class="or">or</p><div class="others">{buttons}</div>""")}
              <p class="below">Signed up before? <a href="{signIn}">Sign in</a></p>
            """);

        // Whoever writes goes on where the first thing is wrong.
        bool IsFirst(string field) => field == (errors?.Keys.First() ?? "name");
    }

    private static SignInPage MailSent() => new(StatusCodes.Status200OK, "Look into your mail", """
          <p>A link is on its way to the address you gave. Open it and enter your password, and you are in.</p>
          <p>Nothing there after some minutes? Look into the folder for spam, check the address, and
            <a href="/sign-up">sign up again</a>.</p>
        """);

    private static SignInPage NotOpen() => new(StatusCodes.Status403Forbidden, "Signing up is by invitation", """
          <p>Ask somebody who uses this Quoin to invite you, and open the link in the mail you get.</p>
          <p class="below">Signed up before? <a href="/sign-in">Sign in</a></p>
        """);
}
