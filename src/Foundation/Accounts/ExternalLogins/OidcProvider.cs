using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Quoin.Accounts;

/// <summary>
/// An issuer of OpenID Connect: found by discovery, asked with the authorization code flow and PKCE, believed where its
/// signature holds.
/// </summary>
internal sealed class OidcProvider(ExternalProviderOptions options, ExternalHttp http, TimeProvider time)
    : IExternalProvider, IDisposable
{
    private readonly SemaphoreSlim reading = new(1);
    private Metadata? metadata;
    private IReadOnlyList<IssuerKey> keys = [];
    private long keysReadAt;

    /// <inheritdoc />
    public ExternalProviderOptions Options => options;

    /// <inheritdoc />
    public async Task<Uri?> Authorize(ExternalRequest request, CancellationToken cancellationToken)
    {
        if (await Discover(cancellationToken) is not { } found)
        {
            return null;
        }

        var challenge = SHA256.HashData(Encoding.ASCII.GetBytes(request.CodeVerifier));
        return new Uri(QueryHelpers.AddQueryString(found.Authorization.OriginalString, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = options.ClientId,
            ["redirect_uri"] = request.RedirectUri,
            ["scope"] = "openid email profile",
            ["state"] = request.State,
            ["nonce"] = request.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(challenge),
            ["code_challenge_method"] = "S256",
        }));
    }

    /// <inheritdoc />
    public async Task<RedeemOutcome> Redeem(
        ExternalRequest request, string code, string? issuer, CancellationToken cancellationToken)
    {
        if (await Discover(cancellationToken) is not { } found)
        {
            return new RedeemOutcome.Unreachable("the issuer's discovery document cannot be read");
        }

        if (issuer is null ? found.SaysIssuer : issuer != options.Issuer)
        {
            return new RedeemOutcome.Refused("another issuer answered");
        }

        if (await Token(found, request, code, cancellationToken) is not { } answer)
        {
            return new RedeemOutcome.Refused("the issuer does not take the code");
        }

        if (answer.Text("id_token") is not { } token)
        {
            return new RedeemOutcome.Refused("the issuer gave no ID token");
        }

        return await Check(found, token, request.Nonce, cancellationToken) switch
        {
            IdTokenOutcome.Holds(var claims) => new RedeemOutcome.Proved(
                await Identity(found, claims, answer.Text("access_token"), cancellationToken)),
            IdTokenOutcome.Refused(var why) => new RedeemOutcome.Refused($"the ID token does not count: {why}"),
            _ => new RedeemOutcome.Refused("the ID token is signed with a key the issuer does not show"),
        };
    }

    public void Dispose() => reading.Dispose();

    private async Task<JsonElement?> Token(
        Metadata found, ExternalRequest request, string code, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = request.RedirectUri,
            ["code_verifier"] = request.CodeVerifier,
        };
        if (options.ClientSecret is not { } secret || !found.TakesBasic)
        {
            form["client_id"] = options.ClientId;
            if (options.ClientSecret is { } posted)
            {
                form["client_secret"] = posted;
            }

            return await http.Post(found.Token, form, null, cancellationToken);
        }

        // RFC 6749, section 2.3.1: both are form-encoded before they become a user name and a password.
        var credentials = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(secret)}";
        var basic = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return await http.Post(found.Token, form, basic, cancellationToken);
    }

    private async Task<IdTokenOutcome> Check(
        Metadata found, string token, string nonce, CancellationToken cancellationToken)
    {
        var expected = new ExpectedToken(options.Issuer, options.ClientId, nonce);
        var outcome = IdToken.Check(token, keys, expected, time.GetUtcNow());
        if (outcome is not IdTokenOutcome.UnknownKey)
        {
            return outcome;
        }

        await ReadKeys(found, cancellationToken);
        return IdToken.Check(token, keys, expected, time.GetUtcNow());
    }

    // Many issuers say who somebody is only where they are asked, with the access token.
    private async Task<ExternalIdentity> Identity(
        Metadata found, JsonElement claims, string? accessToken, CancellationToken cancellationToken)
    {
        var subject = claims.Text("sub")!;
        var said = claims;
        if (claims.Text("email") is null && found.UserInfo is { } userInfo && accessToken is not null)
        {
            var bearer = new AuthenticationHeaderValue("Bearer", accessToken);
            if (await http.Get(userInfo, bearer, cancellationToken) is { ValueKind: JsonValueKind.Object } info
                && info.Text("sub") == subject)
            {
                said = info;
            }
        }

        var email = said.Text("email") is { } text && EmailAddress.Problem(text) is null ? text : null;
        var name = said.Text("name") ?? claims.Text("name");
        return new ExternalIdentity(
            options.Issuer, subject, name, said.IsTrue("email_verified") ? email : null, email ?? name);
    }

    private async Task<Metadata?> Discover(CancellationToken cancellationToken)
    {
        var known = metadata;
        if (known is not null && time.GetUtcNow() < known.FreshUntil)
        {
            return known;
        }

        await reading.WaitAsync(cancellationToken);
        try
        {
            if (metadata is { } other && other != known)
            {
                return other;
            }

            var address = new Uri(options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration");
            var read = await http.Get(address, null, cancellationToken) is { ValueKind: JsonValueKind.Object } document
                ? Metadata.Read(document, options.Issuer, time.GetUtcNow() + Limits.IssuerMetadataFreshFor)
                : null;

            // An issuer that does not answer right now is still where it was.
            return metadata = read ?? known;
        }
        finally
        {
            reading.Release();
        }
    }

    private async Task ReadKeys(Metadata found, CancellationToken cancellationToken)
    {
        await reading.WaitAsync(cancellationToken);
        try
        {
            // Tokens with made-up key ids must not make us ask again and again.
            if (keysReadAt != 0 && time.GetElapsedTime(keysReadAt) < Limits.IssuerKeysReadEvery)
            {
                return;
            }

            if (await http.Get(found.Keys, null, cancellationToken) is { } set)
            {
                keys = IssuerKey.ReadSet(set);
                keysReadAt = Math.Max(1, time.GetTimestamp());
            }
        }
        finally
        {
            reading.Release();
        }
    }

    private sealed record Metadata(
        Uri Authorization, Uri Token, Uri Keys, Uri? UserInfo, bool TakesBasic, bool SaysIssuer, DateTimeOffset FreshUntil)
    {
        public static Metadata? Read(JsonElement document, string issuer, DateTimeOffset freshUntil)
        {
            // OpenID Connect Discovery 1.0, section 4.3: a document of another issuer is none.
            if (document.Text("issuer") != issuer
                || Address(document, "authorization_endpoint") is not { } authorization
                || Address(document, "token_endpoint") is not { } token
                || Address(document, "jwks_uri") is not { } keys)
            {
                return null;
            }

            var takesBasic = !document.TryGetProperty("token_endpoint_auth_methods_supported", out var methods)
                || methods.ValueKind != JsonValueKind.Array
                || methods.EnumerateArray().Any(method =>
                    method.ValueKind == JsonValueKind.String && method.ValueEquals("client_secret_basic"));
            return new Metadata(
                authorization,
                token,
                keys,
                Address(document, "userinfo_endpoint"),
                takesBasic,
                document.IsTrue("authorization_response_iss_parameter_supported"),
                freshUntil);
        }

        private static Uri? Address(JsonElement document, string name) =>
            Uri.TryCreate(document.Text(name), UriKind.Absolute, out var address) && ExternalHttp.IsAllowed(address)
                ? address
                : null;
    }
}
