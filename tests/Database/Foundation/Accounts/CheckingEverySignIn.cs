using System.Net;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>
/// The checklist of signing in, docs/reference/sign-in-checklist.md, held against each way there is. Each test has its own
/// database: whence a visitor comes is counted.
/// </summary>
public sealed class CheckingEverySignIn : IAsyncLifetime
{
    private const string Password = "correct horse battery";
    private static readonly Uri Site = new("https://quoin.example.com");

    private readonly TestDatabase database = new();
    private readonly FakeGitHub gitHub = new();

    /// <summary>Each way, the method its session shows, and the endpoint that begins the session.</summary>
    public static TheoryData<string, string, string> Ways { get; } = new()
    {
        { "password", "password", "POST /sign-in" },
        { "sign-in link", "link", "POST /sign-in" },
        { "second factor", "password", "POST /second-factor" },
        { "sign-up", "password", "POST /verify-email" },
        { "new password by mail", "link", "POST /reset-password" },
        { "passkey", "passkey", "POST /v1/auth/passkey/verify" },
        { "wallet", "wallet", "POST /v1/auth/wallet/verify" },
        { "another service", "oidc", "GET /sign-in/with/github/callback" },
    };

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        await gitHub.Start();
    }

    public async Task DisposeAsync()
    {
        await gitHub.DisposeAsync();
        await database.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Is_recorded_has_a_safe_cookie_and_replaces_the_session_before(string way, string method, string endpoint)
    {
        await using var host = await Start();
        using var visitor = new Visitor(host, gitHub, database);

        var first = await visitor.SignIn(way, null);
        var second = await visitor.SignIn(way, first.Cookie());
        host.Clock.Advance(Limits.FreshFor);

        endpoint.ShouldNotBeEmpty();
        var cookie = second.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("quoin_session=", StringComparison.Ordinal));
        foreach (var flag in new[] { "; httponly", "; samesite=lax", "; secure", "; path=/" })
        {
            cookie.ShouldContain(flag, Case.Insensitive);
        }

        cookie.ShouldNotContain("domain=", Case.Insensitive);
        second.Cookie().ShouldNotBe(first.Cookie());
        (await host.GetWith(first.Cookie(), "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.GetWith(second.Cookie(), "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await database.Count(
            """
            select count(*)
            from accounts.audit_log
            where action = 'session.started'
                and after_state ->> 'method' = $1
                and after_state ->> 'replaces' is not null
            """,
            method)).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Is_rated_for_each_visitor(string way, string method, string endpoint)
    {
        await using var host = await Start();
        var (verb, path) = (endpoint.Split(' ')[0], endpoint.Split(' ')[1]);

        for (var attempt = 0; attempt < Limits.SignInsPerVisitor.Burst; attempt++)
        {
            (await Try()).StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests, $"{way}, {method}");
        }

        var refused = await Try();
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();

        Task<HttpResponseMessage> Try() => verb == "GET" ? host.Get(path)
            : path.StartsWith("/v1/", StringComparison.Ordinal) ? host.Post(path, EmptyOf(path))
            : host.Submit(path);
    }

    [Fact]
    public void Is_listed_whole()
    {
        var page = File.ReadAllLines(Path.Combine(Snapshot.Repository, "docs/reference/sign-in-checklist.md"));
        var listed = page
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains('`', StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Way: cells[1], Endpoint: cells[2].Trim('`'), Method: cells[3].Trim('`')));

        listed.ShouldBe(Ways.Select(row => (Way: (string)row[0], Endpoint: (string)row[2], Method: (string)row[1])));
    }

    private static object EmptyOf(string path) => path.Contains("wallet", StringComparison.Ordinal)
        ? new { message = "", signature = "" }
        : new { ceremony = "psc_00000000000000000000000000", credential = new { } };

    private Task<AccountsHost> Start() => AccountsHost.Start(
        database,
        options: new AccountsOptions { SignUp = SignUpPolicy.Open, PublicUrl = Site },
        proofs: new ProofOptions
        {
            Providers =
            [
                new("github", "GitHub", ExternalProtocol.GitHub, gitHub.Address, FakeGitHub.ClientId, FakeGitHub.ClientSecret),
            ],
        });

    /// <summary>Somebody who comes in by any way, and again.</summary>
    private sealed class Visitor(AccountsHost host, FakeGitHub gitHub, TestDatabase database) : IDisposable
    {
        private const string Email = "ada@every.example";

        private readonly TestWallet wallet = new(6001);
        private readonly SoftwarePasskey passkey = new(Site);
        private AuthenticatorApp? app;
        private int number;

        public Task<HttpResponseMessage> SignIn(string way, string? cookie) => way switch
        {
            "password" => ByPassword(cookie),
            "sign-in link" => ByLink(cookie),
            "second factor" => WithSecondFactor(cookie),
            "sign-up" => BySigningUp($"{++number}{Email}", cookie),
            "new password by mail" => ByNewPassword(cookie),
            "passkey" => ByPasskey(cookie),
            "wallet" => host.SignInWith(wallet, cookie: cookie),
            _ => ByGitHub(cookie),
        };

        public void Dispose() => passkey.Dispose();

        private async Task<HttpResponseMessage> ByPassword(string? cookie)
        {
            await BeKnown();
            return await host.Submit("/sign-in", cookie, ("email", Email), ("password", Password));
        }

        private async Task<HttpResponseMessage> ByLink(string? cookie)
        {
            var link = await host.Operators.CreateLink(Email);
            return await host.Submit("/sign-in", cookie, ("token", link.Split("token=")[1]));
        }

        private async Task<HttpResponseMessage> WithSecondFactor(string? cookie)
        {
            await BeKnown();
            if (app is null)
            {
                var session = (await ByPassword(null)).Cookie();
                var begun = await (await host.SendWith(HttpMethod.Post, session, "/v1/me/second-factor")).Json();
                app = new AuthenticatorApp(begun.GetProperty("secret").GetString()!);
                await (await host.SendWith(
                    HttpMethod.Post, session, "/v1/me/second-factor/confirm", new { code = Code() })).Json();
                await database.Write("update accounts.sessions set ended_at = started_at where ended_at is null");
            }

            host.Clock.Advance(Totp.Step);
            var ticket = (await ByPassword(cookie)).Cookie("quoin_second_factor");
            return await host.Submit(
                "/second-factor", cookie is null ? ticket : $"{cookie}; {ticket}", ("code", Code()));
        }

        private string Code() => app!.CodeAt(host.Clock.GetUtcNow());

        private async Task<HttpResponseMessage> BySigningUp(string email, string? cookie)
        {
            await host.Submit("/sign-up", null, ("name", "Ada"), ("email", email), ("password", Password));
            var token = host.Mails.LinkTo(email).Split("token=")[1];
            return await host.Submit("/verify-email", cookie, ("token", token), ("password", Password));
        }

        private async Task<HttpResponseMessage> ByNewPassword(string? cookie)
        {
            await BeKnown();
            await host.Submit("/forgot-password", null, ("email", Email));
            var token = host.Mails.LinkTo(Email).Split("token=")[1];
            return await host.Submit("/reset-password", cookie, ("token", token), ("password", $"{Password} {++number}"));
        }

        private async Task<HttpResponseMessage> ByPasskey(string? cookie)
        {
            if (cookie is null)
            {
                var session = (await host.SignInWith(wallet)).Cookie();
                var made = await (await host.SendWith(
                    HttpMethod.Post, session, "/v1/me/passkeys/options", new { })).Json();
                await (await host.SendWith(HttpMethod.Post, session, "/v1/me/passkeys", new
                {
                    ceremony = made.GetProperty("ceremony").GetString(),
                    credential = passkey.Create(made.GetProperty("options")),
                    name = "Software",
                })).Json();
            }

            var asked = await (await host.Post("/v1/auth/passkey/options", new { })).Json();
            var answer = new
            {
                ceremony = asked.GetProperty("ceremony").GetString(),
                credential = passkey.Get(asked.GetProperty("options")),
            };
            return cookie is null
                ? await host.Post("/v1/auth/passkey/verify", answer)
                : await host.SendWith(HttpMethod.Post, cookie, "/v1/auth/passkey/verify", answer);
        }

        private async Task<HttpResponseMessage> ByGitHub(string? cookie)
        {
            gitHub.SetUser(7, "octocat", (Email, true, true));
            var left = await host.Submit("/sign-in/with/github", cookie);
            var browser = left.Headers.GetValues("Set-Cookie").First().Split(';')[0];
            var page = WebUtility.HtmlDecode(await left.Content.ReadAsStringAsync());
            var start = page.IndexOf("url=http", StringComparison.Ordinal) + "url=".Length;
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            var back = (await client.GetAsync(page[start..page.IndexOf('"', start)])).Headers.Location!;
            return await host.GetWith(cookie is null ? browser : $"{cookie}; {browser}", back.PathAndQuery);
        }

        private async Task BeKnown()
        {
            if (await host.Users.FindByEmail(Email, default) is null)
            {
                await BySigningUp(Email, null);
                await database.Write("update accounts.sessions set ended_at = started_at where ended_at is null");
            }
        }
    }
}
