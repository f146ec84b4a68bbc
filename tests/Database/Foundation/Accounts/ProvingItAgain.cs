using System.Net;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>What matters most asks who is signed in to prove once more that it is them.</summary>
public sealed class ProvingItAgain(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Password = "correct horse battery";
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBlqeETMIxJBgYPG3b6Kg4NieggjCz8mDsoM/2vueG+m ada@laptop";

    [Theory]
    [InlineData("POST", "/v1/me/second-factor", "{}")]
    [InlineData("POST", "/v1/me/passkeys/options", "{}")]
    [InlineData("DELETE", "/v1/me/passkeys/psk_00000000000000000000000000", null)]
    [InlineData("POST", "/v1/me/wallets/nonce", "{}")]
    [InlineData("DELETE", "/v1/me/wallets/0x0", null)]
    [InlineData("DELETE", "/v1/me/external-logins/xl_00000000000000000000000000", null)]
    [InlineData("POST", "/v1/me/email", """{"email":"new@proof.example"}""")]
    [InlineData("POST", "/v1/me/ssh-keys", $$"""{"public_key":"{{Key}}"}""")]
    public async Task Is_asked_of_whoever_proved_it_too_long_ago(string method, string path, string? body)
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp($"{new IdSource(TimeProvider.System).Next():N}@proof.example", Password);
        host.Clock.Advance(Limits.ProofIsRecentFor);

        await (await Send(host, cookie, method, path, body)).Problem(403, "recent_sign_in_required");
        ((int)(await host.SendWith(HttpMethod.Post, cookie, "/v1/me/confirm", new { password = Password })).StatusCode)
            .ShouldBe(204);

        ((int)(await Send(host, cookie, method, path, body)).StatusCode).ShouldNotBe(403);
    }

    [Fact]
    public async Task Leads_a_page_to_the_one_that_asks_and_back()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("page@proof.example", Password);
        host.Clock.Advance(Limits.ProofIsRecentFor);

        var removed = await host.Submit("/account/wallets/0x0/remove", cookie);
        var asks = removed.Headers.Location!.ToString();
        var page = await (await host.GetWith(cookie, asks)).Page();
        var wrong = await host.Submit("/confirm", cookie, ("password", "guess"), ("return_to", "/account"));
        var right = await host.Submit("/confirm", cookie, ("password", Password), ("return_to", "/account"));
        var elsewhere = await host.Submit("/confirm", cookie, ("password", Password), ("return_to", "//evil.example"));

        asks.ShouldStartWith("/confirm?return_to=%2Faccount");
        page.ShouldContain("name=\"password\"");
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        right.Headers.Location!.ToString().ShouldBe("/account");
        elsewhere.Headers.Location!.ToString().ShouldBe("/");
        (await host.Submit("/account/wallets/0x0/remove", cookie)).Headers.Location!.ToString().ShouldNotContain("/confirm");
    }

    [Fact]
    public async Task Takes_a_code_where_there_is_a_second_factor_and_then_no_password_alone()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("code@proof.example", Password);
        var begun = await (await host.SendWith(HttpMethod.Post, cookie, "/v1/me/second-factor", new { })).Json();
        var app = new AuthenticatorApp(begun.GetProperty("secret").GetString()!);
        await (await host.SendWith(
            HttpMethod.Post, cookie, "/v1/me/second-factor/confirm", new { code = app.CodeAt(host.Clock.GetUtcNow()) })).Json();
        host.Clock.Advance(Limits.ProofIsRecentFor);

        var byPassword = await host.SendWith(HttpMethod.Post, cookie, "/v1/me/confirm", new { password = Password });
        var byCode = await host.SendWith(
            HttpMethod.Post, cookie, "/v1/me/confirm", new { password = "", code = app.CodeAt(host.Clock.GetUtcNow()) });

        await byPassword.Problem(422, "invalid_member");
        ((int)byCode.StatusCode).ShouldBe(204);
        (await host.SendWith(HttpMethod.Post, cookie, "/v1/me/passkeys/options", new { })).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Counts_wrong_ones_as_signing_in_does_and_records_right_ones()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("count@proof.example", Password);
        ((int)(await host.SendWith(HttpMethod.Post, cookie, "/v1/me/confirm", new { password = Password })).StatusCode)
            .ShouldBe(204);

        for (var failure = 0; failure < Limits.FailuresFree; failure++)
        {
            await (await host.SendWith(HttpMethod.Post, cookie, "/v1/me/confirm", new { password = "guess" }))
                .Problem(422, "invalid_member");
        }

        await (await host.SendWith(HttpMethod.Post, cookie, "/v1/me/confirm", new { password = Password }))
            .Problem(429, "too_many_attempts");
        var person = (await host.Users.FindByEmail("count@proof.example", default))!.Id;
        (await database.Count(
            "select count(*) from accounts.audit_log where actor = $1 and action = 'session.confirmed'", person.ToString()))
            .ShouldBe(1);
    }

    [Fact]
    public async Task Has_whoever_has_neither_sign_in_again_which_replaces_the_session()
    {
        await using var host = await AccountsHost.Start(database);
        var wallet = new TestWallet(3001);
        var first = (await host.SignInWith(wallet)).Cookie();
        host.Clock.Advance(Limits.ProofIsRecentFor);

        (await (await host.GetWith(first, "/confirm")).Page()).ShouldContain("Sign in again");
        await (await host.SendWith(HttpMethod.Post, first, "/v1/me/confirm", new { password = "x" }))
            .Problem(403, "recent_sign_in_required");
        var second = (await host.SignInWith(wallet, cookie: first)).Cookie();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        (await host.SendWith(HttpMethod.Post, second, "/v1/me/passkeys/options", new { })).IsSuccessStatusCode.ShouldBeTrue();
        (await host.GetWith(first, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static Task<HttpResponseMessage> Send(AccountsHost host, string cookie, string method, string path, string? body) =>
        host.SendWith(
            new HttpMethod(method), cookie, path, body is null ? null : System.Text.Json.JsonElement.Parse(body));
}
