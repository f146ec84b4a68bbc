using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>
/// The console's cookie: a session's id, sealed with the Data Protection ring that all replicas share. What the
/// session allows is read from the database, so ending it ends it everywhere.
/// </summary>
internal sealed class SessionCookie(IDataProtectionProvider protection)
{
    private const string Name = "quoin_session";
    private const int ValueLettersMax = 512;

    private readonly IDataProtector protector = protection.CreateProtector("Quoin.Accounts.Session.1");

    public static bool IsSent(HttpRequest request) => request.Cookies.ContainsKey(Name);

    /// <summary>The session a request names; null when the cookie is absent, forged or its key is lost.</summary>
    public SignInSessionId? Read(HttpRequest request)
    {
        if (request.Cookies[Name] is not { Length: > 0 and <= ValueLettersMax } value || !Base64Url.IsValid(value))
        {
            return null;
        }

        try
        {
            var bytes = protector.Unprotect(Base64Url.DecodeFromChars(value));
            return new SignInSessionId(new Guid(bytes, bigEndian: true));
        }
        catch (CryptographicException)
        {
            // The only way Data Protection has to say "not one of mine".
            return null;
        }
    }

    public void Write(HttpContext context, SignInSessionId session, TimeSpan lifetime)
    {
        var value = protector.Protect(session.Value.ToByteArray(bigEndian: true));
        context.Response.Cookies.Append(Name, Base64Url.EncodeToString(value), Options(context.Request, lifetime));
    }

    public static void Remove(HttpContext context) =>
        context.Response.Cookies.Delete(Name, Options(context.Request, null));

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
