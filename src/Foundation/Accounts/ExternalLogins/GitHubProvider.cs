using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Quoin.Accounts;

/// <summary>
/// GitHub, and GitHub Enterprise Server: OAuth's authorization code with PKCE, then its API says who it is. A person is
/// known by their number there; names and addresses change.
/// </summary>
internal sealed class GitHubProvider(ExternalProviderOptions options, ExternalHttp http) : IExternalProvider
{
    private readonly string pages = options.Issuer.TrimEnd('/');

    // The API of github.com has a host of its own; a server of one's own has it below its pages.
    private readonly string api = options.Issuer.TrimEnd('/') == ExternalProviderOptions.GitHubIssuer
        ? "https://api.github.com"
        : $"{options.Issuer.TrimEnd('/')}/api/v3";

    /// <inheritdoc />
    public ExternalProviderOptions Options => options;

    /// <inheritdoc />
    public Task<Uri?> Authorize(ExternalRequest request, CancellationToken cancellationToken)
    {
        var challenge = SHA256.HashData(Encoding.ASCII.GetBytes(request.CodeVerifier));
        var address = QueryHelpers.AddQueryString($"{pages}/login/oauth/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = options.ClientId,
            ["redirect_uri"] = request.RedirectUri,
            ["scope"] = "read:user user:email",
            ["state"] = request.State,
            ["code_challenge"] = Base64Url.EncodeToString(challenge),
            ["code_challenge_method"] = "S256",
        });
        return Task.FromResult<Uri?>(new Uri(address));
    }

    /// <inheritdoc />
    public async Task<RedeemOutcome> Redeem(
        ExternalRequest request, string code, string? issuer, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client_id"] = options.ClientId,
            ["client_secret"] = options.ClientSecret ?? string.Empty,
            ["code"] = code,
            ["redirect_uri"] = request.RedirectUri,
            ["code_verifier"] = request.CodeVerifier,
        };
        var answer = await http.Post(new Uri($"{pages}/login/oauth/access_token"), form, null, cancellationToken);
        if (answer is not { ValueKind: JsonValueKind.Object } token || token.Text("access_token") is not { } accessToken)
        {
            return new RedeemOutcome.Refused("GitHub does not take the code");
        }

        var bearer = new AuthenticationHeaderValue("Bearer", accessToken);
        if (await http.Get(new Uri($"{api}/user"), bearer, cancellationToken) is not { ValueKind: JsonValueKind.Object } user
            || user.Number("id") is not { } id)
        {
            return new RedeemOutcome.Unreachable("GitHub does not say who it is");
        }

        var login = user.Text("login");
        return new RedeemOutcome.Proved(new ExternalIdentity(
            options.Issuer,
            id.ToString(CultureInfo.InvariantCulture),
            user.Text("name") ?? login,
            await PrimaryEmail(bearer, cancellationToken),
            login));
    }

    private async Task<string?> PrimaryEmail(AuthenticationHeaderValue bearer, CancellationToken cancellationToken)
    {
        var emails = await http.Get(new Uri($"{api}/user/emails"), bearer, cancellationToken);
        return emails is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray()
                .Where(email => email.ValueKind == JsonValueKind.Object && email.IsTrue("primary") && email.IsTrue("verified"))
                .Select(email => email.Text("email"))
                .FirstOrDefault(email => email is not null && EmailAddress.Problem(email) is null)
            : null;
    }
}
