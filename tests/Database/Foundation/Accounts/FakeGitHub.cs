using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>GitHub's OAuth, spoken by a small server of ours that checks what GitHub checks.</summary>
internal sealed class FakeGitHub : IAsyncDisposable
{
    public const string ClientId = "Iv1.test";
    public const string ClientSecret = "only-for-tests";
    private const string AccessToken = "gho_test";

    private readonly WebApplication app;
    private (string Code, string Challenge, string RedirectUri) given;
    private JsonObject user = [];
    private JsonArray emails = [];

    public FakeGitHub()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        app = builder.Build();
        app.MapGet("/login/oauth/authorize", Authorize);
        app.MapPost("/login/oauth/access_token", Redeem);
        app.MapGet("/api/v3/user", (HttpRequest request) => Show(request, () => user));
        app.MapGet("/api/v3/user/emails", (HttpRequest request) => Show(request, () => emails));
    }

    public string Address => app.Urls.First();

    public Task Start() => app.StartAsync();

    public void SetUser(long id, string login, params (string Email, bool IsPrimary, bool IsVerified)[] addresses)
    {
        user = new JsonObject { ["id"] = id, ["login"] = login, ["name"] = null };
        emails = [.. addresses.Select(one => new JsonObject
        {
            ["email"] = one.Email, ["primary"] = one.IsPrimary, ["verified"] = one.IsVerified,
        })];
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private IResult Authorize(HttpRequest request)
    {
        var query = request.Query;
        if (query["client_id"] != ClientId || query["code_challenge_method"] != "S256")
        {
            return Results.BadRequest();
        }

        var code = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        given = (code, query["code_challenge"].ToString(), query["redirect_uri"].ToString());
        return Results.Redirect(QueryHelpers.AddQueryString(given.RedirectUri, new Dictionary<string, string?>
        {
            ["code"] = given.Code,
            ["state"] = query["state"],
        }));
    }

    private async Task<IResult> Redeem(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        var challenge = Base64Url.EncodeToString(
            SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        var isRight = form["client_id"] == ClientId && form["client_secret"] == ClientSecret
            && form["code"] == given.Code && form["redirect_uri"] == given.RedirectUri && challenge == given.Challenge;

        // GitHub answers 200 with an error, too.
        return isRight
            ? Results.Json(new { access_token = AccessToken, token_type = "bearer" })
            : Results.Json(new { error = "bad_verification_code" });
    }

    private static IResult Show(HttpRequest request, Func<JsonNode> what) =>
        request.Headers.Authorization == $"Bearer {AccessToken}" && request.Headers.UserAgent.Count > 0
            ? Results.Text(what().ToJsonString(), "application/json")
            : Results.Unauthorized();
}
