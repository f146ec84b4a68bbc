using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>
/// The console's cookie: a session's id, sealed with the Data Protection ring that all replicas share. What the
/// session allows is read from the database, so ending it ends it everywhere.
/// </summary>
internal sealed class SessionCookie(IDataProtectionProvider protection, AccountsOptions options)
{
    private const string Name = "quoin_session";
    private const string TicketName = "quoin_second_factor";
    private const int ValueLettersMax = 512;

    private readonly IDataProtector protector = protection.CreateProtector("Quoin.Accounts.Session.1");
    private readonly IDataProtector ticketProtector = protection.CreateProtector("Quoin.Accounts.SecondFactorTicket.1");

    public static bool IsSent(HttpRequest request) => request.Cookies.ContainsKey(Name);

    /// <summary>The session a request names; null when the cookie is absent, forged or its key is lost.</summary>
    public SignInSessionId? Read(HttpRequest request) =>
        Unseal(protector, request.Cookies[Name]) is { } id ? new SignInSessionId(id) : null;

    /// <summary>The second factor a request's visitor owes; null when there is none or the cookie is not ours.</summary>
    public SecondFactorTicketId? ReadTicket(HttpRequest request) =>
        Unseal(ticketProtector, request.Cookies[TicketName]) is { } id ? new SecondFactorTicketId(id) : null;

    /// <summary>Gives the visitor a session, for as long as one can last: the database ends it earlier.</summary>
    public void Write(HttpContext context, SignInSessionId session)
    {
        RemoveTicket(context);
        context.Response.Cookies.Append(
            Name, Seal(protector, session.Value), Lasting(context.Request, Limits.SessionLifetimeMax));
    }

    /// <summary>Remembers that the visitor owes a second factor.</summary>
    public void WriteTicket(HttpContext context, SecondFactorTicketId ticket) => context.Response.Cookies.Append(
        TicketName,
        Seal(ticketProtector, ticket.Value),
        Lasting(context.Request, Limits.SecondFactorTicketLifetime));

    public static void RemoveTicket(HttpContext context)
    {
        if (context.Request.Cookies.ContainsKey(TicketName))
        {
            context.Response.Cookies.Delete(TicketName, Options(context.Request, null));
        }
    }

    public static void Remove(HttpContext context) =>
        context.Response.Cookies.Delete(Name, Options(context.Request, null));

    private static string Seal(IDataProtector protector, Guid id) =>
        Base64Url.EncodeToString(protector.Protect(id.ToByteArray(bigEndian: true)));

    private static Guid? Unseal(IDataProtector protector, string? value)
    {
        if (value is not { Length: > 0 and <= ValueLettersMax } || !Base64Url.IsValid(value))
        {
            return null;
        }

        try
        {
            return new Guid(protector.Unprotect(Base64Url.DecodeFromChars(value)), bigEndian: true);
        }
        catch (CryptographicException)
        {
            // The only way Data Protection has to say "not one of mine".
            return null;
        }
    }

    // Behind a proxy that ends TLS only the public address tells that the visitor's connection is secure.
    private CookieOptions Lasting(HttpRequest request, TimeSpan lifetime)
    {
        var cookie = Options(request, lifetime);
        cookie.Secure |= options.PublicUrl?.Scheme == Uri.UriSchemeHttps;
        return cookie;
    }

    // Secure wherever the visitor's connection is: a console on http://localhost must work too.
    private static CookieOptions Options(HttpRequest request, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = request.IsHttps,
        Path = "/",
        MaxAge = lifetime,
        IsEssential = true,
    };
}
