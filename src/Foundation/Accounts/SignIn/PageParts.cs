using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>What the pages of signing in are made of. Everything given is text and is encoded here.</summary>
internal static class PageParts
{
    /// <summary>A line of input with its label, and below it what is wrong with it.</summary>
    public static string Field(
        string label, string name, string type, string autocomplete, string value = "", string? wrong = null,
        string? hint = null, string? beside = null, int lettersMax = Limits.EmailLettersMax, bool isFocused = false)
    {
        var described = wrong is not null ? $" aria-invalid=\"true\" aria-describedby=\"{name}-note\""
            : hint is not null ? $" aria-describedby=\"{name}-note\"" : "";
        var note = wrong is not null
            ? $"""<span class="wrong" id="{name}-note">{SignInPage.Text(Sentence(label, wrong))}</span>"""
            : hint is not null ? $"""<span class="hint" id="{name}-note">{SignInPage.Text(hint)}</span>""" : "";
        var top = beside is null ? SignInPage.Text(label) : $"""<span class="beside">{SignInPage.Text(label)}{beside}</span>""";
        return $"""
            <label>{top}<input name="{name}" type="{type}" autocomplete="{autocomplete}" required
              maxlength="{lettersMax}" value="{SignInPage.Text(value)}"{described}{(isFocused ? " autofocus" : "")}
              {(type == "email" || type == "text" ? "autocapitalize=\"none\" spellcheck=\"false\"" : "")}>{note}</label>
            """;
    }

    /// <summary>A field for a password.</summary>
    public static string Password(
        string label, string name, string autocomplete, string? wrong = null, string? hint = null, string? beside = null,
        bool isFocused = false) => Field(
        label, name, "password", autocomplete, "", wrong, hint, beside, Limits.PasswordLettersMax, isFocused);

    /// <summary>A field for a code of the second factor.</summary>
    public static string Code(string label, string name) => $"""
        <label>{SignInPage.Text(label)}<input class="code" name="{name}" inputmode="numeric" autocomplete="one-time-code"
          required maxlength="{Limits.CodeLettersMax}" autocapitalize="characters" spellcheck="false" autofocus></label>
        """;

    /// <summary>A field nobody sees.</summary>
    public static string Hidden(string name, string value) =>
        $"""<input type="hidden" name="{name}" value="{SignInPage.Text(value)}">""";

    /// <summary>Why a form came to nothing, read aloud at once.</summary>
    public static string Complaint(string? text) =>
        text is null ? "" : $"""<p class="remark bad" role="alert">{SignInPage.Text(text)}</p>""";

    /// <summary>Something that went well.</summary>
    public static string Remark(string? text) =>
        text is null ? "" : $"""<p class="remark" role="status">{SignInPage.Text(text)}</p>""";

    /// <summary>The page of a path with the page somebody wanted at first.</summary>
    public static string With(string path, string returnTo) =>
        returnTo is "" or "/" ? path : $"{path}?{SignedIn.ReturnTo}={Uri.EscapeDataString(returnTo)}";

    /// <summary>How long, as one says it.</summary>
    public static string Of(TimeSpan wait) => wait switch
    {
        { TotalSeconds: <= 90 } => Count(Math.Max(1, Math.Ceiling(wait.TotalSeconds)), "second"),
        { TotalMinutes: <= 90 } => Count(Math.Ceiling(wait.TotalMinutes), "minute"),
        _ => Count(Math.Ceiling(wait.TotalHours), "hour"),
    };

    /// <summary>Says that it is too much, for how long, and what else helps.</summary>
    public static SignInPage TooMany(HttpContext context, TimeSpan wait, string elseHelps)
    {
        context.Response.Headers.RetryAfter =
            Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return new SignInPage(StatusCodes.Status429TooManyRequests, "Too many attempts", $"""
              <p>Wait {Of(wait)}, then go back and try again.</p>
              {elseHelps}
            """);
    }

    /// <summary>Another site sent the form.</summary>
    public static SignInPage FromAnotherSite() =>
        new(StatusCodes.Status403Forbidden, "This came from another site", """
          <p>Another site sent you here with a form. Open the page, or the link you were sent, yourself.</p>
        """);

    /// <summary>This host does not know how it is reached, so it cannot put links into mails.</summary>
    public static SignInPage NoPublicUrl() =>
        new(StatusCodes.Status503ServiceUnavailable, "No mail can be sent", """
          <p>This Quoin does not know the address people reach it by, so it cannot put a link into a mail. Whoever runs it
            starts it with <strong>QUOIN_PUBLIC_URL</strong>.</p>
        """);

    /// <summary>What a form sent; what is no form has no fields.</summary>
    /// <exception cref="BadHttpRequestException">It cannot be read.</exception>
    public static async Task<IFormCollection> ReadForm(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
        {
            return FormCollection.Empty;
        }

        try
        {
            return await request.ReadFormAsync(cancellationToken);
        }
        catch (Exception unreadable) when (unreadable is InvalidOperationException or InvalidDataException)
        {
            // The framework's answer to a NUL in a field, and to more fields than any form has.
            throw new BadHttpRequestException("The form cannot be read.", unreadable);
        }
    }

    private static string Count(double number, string unit) =>
        $"{number.ToString("0", CultureInfo.InvariantCulture)} {unit}{(number == 1 ? "" : "s")}";

    private static string Sentence(string label, string wrong) => $"{label} {wrong}.";
}
