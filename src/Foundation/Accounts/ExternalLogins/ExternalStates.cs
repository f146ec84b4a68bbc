using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A visitor who was sent to another service and is back.</summary>
/// <param name="Request">What was asked there.</param>
/// <param name="User">Whose account will be connected; null for signing in.</param>
/// <param name="ReturnTo">The page to go on at.</param>
internal sealed record ExternalReturn(ExternalRequest Request, UserId? User, string ReturnTo);

/// <summary>
/// Remembers visitors who are at another service: in rows that work once, for minutes, on any replica, and only for the
/// browser that was sent, which holds a cookie of its own.
/// </summary>
internal sealed class ExternalStates(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    private const string CookieName = "quoin_elsewhere";
    private const string CookiePath = "/sign-in/with";
    private const string HashPurpose = "accounts.external_state";
    private const string SealPurpose = "accounts.external_verifier";
    private const int ChanceBytes = 32;
    private const int ChanceLetters = 43;

    private const string InsertSql = """
        insert into accounts.oidc_states (
            state_hash, browser_hash, provider, user_id, nonce, code_verifier, return_to, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    /// <summary>Remembers a visitor, and marks their browser.</summary>
    public async Task<ExternalRequest> Remember(
        HttpContext context,
        string provider,
        string redirectUri,
        UserId? user,
        string returnTo,
        CancellationToken cancellationToken)
    {
        var request = new ExternalRequest(Chance(), Chance(), Chance(), redirectUri);
        var browser = BrowserOf(context.Request) ?? Chance();
        var hash = Hash(request.State);
        var now = Instant.Now(time);
        await using var command = database.Sql(
            InsertSql,
            hash,
            Hash(browser),
            provider,
            user?.Value,
            request.Nonce,
            secrets.Protect(SealPurpose, Encoding.ASCII.GetBytes(request.CodeVerifier), hash),
            returnTo,
            now,
            now + Limits.ExternalRequestLifetime);
        await command.ExecuteNonQueryAsync(cancellationToken);
        context.Response.Cookies.Append(CookieName, browser, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            Path = CookiePath,
            MaxAge = Limits.ExternalRequestLifetime,
            IsEssential = true,
        });
        return request;
    }

    private const string UseSql = """
        update accounts.oidc_states
        set used_at = $4
        where state_hash = $1
            and browser_hash = $2
            and provider = $3
            and used_at is null
            and expires_at > $4
        returning user_id, nonce, code_verifier, return_to
        """;

    /// <summary>Uses a state up.</summary>
    /// <returns>Null where it is not this browser's, has been used, or is too old.</returns>
    public async Task<ExternalReturn?> Use(
        HttpRequest request, string provider, string redirectUri, string state, CancellationToken cancellationToken)
    {
        if (BrowserOf(request) is not { } browser || !IsChance(state))
        {
            return null;
        }

        var hash = Hash(state);
        await using var command = database.Sql(UseSql, hash, Hash(browser), provider, Instant.Now(time));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        var verifier = secrets.Unprotect(SealPurpose, row.GetFieldValue<byte[]>(2), hash);
        return new ExternalReturn(
            new ExternalRequest(state, row.GetString(1), Encoding.ASCII.GetString(verifier), redirectUri),
            row.IsDBNull(0) ? null : new UserId(row.GetGuid(0)),
            row.GetString(3));
    }

    // Two windows of one browser may both be on their way: they share the mark.
    private static string? BrowserOf(HttpRequest request) =>
        request.Cookies[CookieName] is { } value && IsChance(value) ? value : null;

    private static string Chance() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(ChanceBytes));

    private static bool IsChance(string text) => text.Length == ChanceLetters && Base64Url.IsValid(text);

    private byte[] Hash(string text)
    {
        var hash = new byte[SecretHash.Bytes];
        secrets.Hash(HashPurpose, Encoding.ASCII.GetBytes(text), hash);
        return hash;
    }
}
