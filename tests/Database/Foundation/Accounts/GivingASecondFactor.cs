using System.Net;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Each test has its own database: whence a visitor comes is counted, and clocks are moved.</summary>
public sealed class GivingASecondFactor : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Is_asked_for_before_there_is_a_session()
    {
        await using var host = await AccountsHost.Start(database);
        var (secret, _) = await SetUp(host);

        var entered = await SignIn(host, "/console/usage");
        var ticket = entered.Cookie("quoin_second_factor");
        entered.Headers.Location!.ToString().ShouldBe("/second-factor?return_to=%2Fconsole%2Fusage");
        entered.Headers.GetValues("Set-Cookie").ShouldAllBe(cookie => !cookie.StartsWith("quoin_session="));
        (await host.GetWith(ticket, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await (await host.GetWith(ticket, "/second-factor")).Page()).ShouldContain("authenticator app");

        host.Clock.Advance(Totp.Step);
        var given = await Give(host, ticket, CodeOf(secret, host), "/console/usage");

        given.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        given.Headers.Location!.ToString().ShouldBe("/console/usage");
        var me = (await (await host.GetWith(given.Cookie(), "/v1/me/sessions")).Json()).GetProperty("data")[0];
        me.GetProperty("second_factor_at").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task Takes_each_code_and_each_ticket_once_even_at_once()
    {
        var clock = new SettableClock();
        await using var host = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);
        var (secret, _) = await SetUp(host);
        clock.Advance(Totp.Step);
        var tickets = new[] { await Ticket(host), await Ticket(there), await Ticket(host), await Ticket(there) };
        var code = CodeOf(secret, host);

        var same = await Task.WhenAll(tickets.Select((ticket, index) => Give(index % 2 == 0 ? host : there, ticket, code)));

        same.Count(answer => answer.StatusCode == HttpStatusCode.SeeOther && HasSession(answer)).ShouldBe(1);
        same.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(3);
        var used = tickets[Array.FindIndex(same, HasSession)];
        clock.Advance(Totp.Step);
        HasSession(await Give(host, used, CodeOf(secret, host))).ShouldBeFalse();
    }

    [Fact]
    public async Task Waits_after_wrong_codes_of_all_replicas_and_tickets_together()
    {
        var clock = new SettableClock();
        await using var host = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);
        var (secret, _) = await SetUp(host);
        var tickets = new[] { await Ticket(host), await Ticket(there) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(index =>
            Give(index % 2 == 0 ? host : there, tickets[index % 2], "000000")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(Limits.FailuresFree);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(16 - Limits.FailuresFree);
        clock.Advance(Totp.Step);
        HasSession(await Give(host, tickets[0], CodeOf(secret, host))).ShouldBeTrue();
    }

    [Fact]
    public async Task Takes_a_recovery_code_once_however_it_is_copied()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, codes) = await SetUp(host);

        var given = await Give(host, await Ticket(host), codes[0].ToLowerInvariant().Replace("-", " "));
        var again = await Give(host, await Ticket(host), codes[0]);
        var other = await Give(host, await Ticket(host), codes[1]);

        codes.Distinct().Count().ShouldBe(Limits.RecoveryCodes);
        HasSession(given).ShouldBeTrue();
        HasSession(again).ShouldBeFalse();
        HasSession(other).ShouldBeTrue();
        await using var kept = database.Owner.CreateCommand(
            "select count(*) from accounts.recovery_codes where encode(code_hash, 'escape') like '%' || $1 || '%'");
        kept.Parameters.AddWithValue(codes[2][..5]);
        (await kept.ExecuteScalarAsync()).ShouldBe(0L);
    }

    [Fact]
    public async Task Is_asked_for_after_a_sign_in_link_and_a_new_password_too()
    {
        await using var host = await AccountsHost.Start(database);
        await SetUp(host);

        await host.Submit("/forgot-password", null, ("email", "ada@example.com"));
        var token = host.Mails.LinkTo("ada@example.com").Split("token=")[1];
        var reset = await host.Submit("/reset-password", null, ("token", token), ("password", "staple of the tall"));

        reset.Headers.Location!.ToString().ShouldStartWith("/second-factor");
        HasSession(reset).ShouldBeFalse();
    }

    [Fact]
    public async Task Must_be_given_within_ten_minutes()
    {
        await using var host = await AccountsHost.Start(database);
        var (secret, _) = await SetUp(host);
        var ticket = await Ticket(host);

        host.Clock.Advance(Limits.SecondFactorTicketLifetime);
        var late = await Give(host, ticket, CodeOf(secret, host));

        late.Headers.Location!.ToString().ShouldBe("/sign-in");
        HasSession(late).ShouldBeFalse();
        (await host.GetWith("quoin_second_factor=forged", "/second-factor")).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Counts_only_once_a_first_code_was_given()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("ada@example.com", Password);
        await Post(host, cookie, "/v1/me/second-factor");

        await (await Post(host, cookie, "/v1/me/second-factor/confirm", new { code = "000000" })).Problem(422, "invalid_member");
        await (await Post(host, cookie, "/v1/me/second-factor/remove", new { code = "000000" })).Problem(409, "second_factor_state");

        HasSession(await SignIn(host)).ShouldBeTrue();
    }

    [Fact]
    public async Task Is_renewed_and_removed_with_a_code()
    {
        await using var host = await AccountsHost.Start(database);
        var (secret, codes) = await SetUp(host);
        var given = await Give(host, await Ticket(host), codes[0]);
        var cookie = given.Cookie();
        await (await Post(host, cookie, "/v1/me/second-factor")).Problem(409, "second_factor_state");

        host.Clock.Advance(Totp.Step);
        var renewed = await (await Post(
            host, cookie, "/v1/me/second-factor/recovery-codes", new { code = CodeOf(secret, host) })).Json();
        HasSession(await Give(host, await Ticket(host), codes[1])).ShouldBeFalse();
        var fresh = renewed.GetProperty("recovery_codes")[0].GetString()!;
        await (await Post(host, cookie, "/v1/me/second-factor/remove", new { code = fresh })).Json();

        HasSession(await SignIn(host)).ShouldBeTrue();
        host.Mails.To("ada@example.com")[^1].Subject.ShouldBe("Your second factor was removed");
    }

    [Fact]
    public async Task Keeps_the_secret_encrypted()
    {
        await using var host = await AccountsHost.Start(database);
        var (secret, _) = await SetUp(host);

        await using var read = database.Owner.CreateCommand(
            "select totp_secret from accounts.users where totp_secret is not null");
        var kept = (byte[])(await read.ExecuteScalarAsync())!;

        kept.AsSpan().IndexOf(secret).ShouldBe(-1);
    }

    private static async Task<(byte[] Secret, string[] Codes)> SetUp(AccountsHost host)
    {
        var cookie = await host.SignUp("ada@example.com", Password);
        var begun = await (await Post(host, cookie, "/v1/me/second-factor")).Json();
        var secret = new AuthenticatorApp(begun.GetProperty("secret").GetString()!).Secret;
        begun.GetProperty("uri").GetString()!.ShouldStartWith("otpauth://totp/Quoin:ada%40example.com?secret=");
        var confirmed = await (await Post(
            host, cookie, "/v1/me/second-factor/confirm", new { code = CodeOf(secret, host) })).Json();
        return (secret, [.. confirmed.GetProperty("recovery_codes").EnumerateArray().Select(code => code.GetString()!)]);
    }

    private static string CodeOf(byte[] secret, AccountsHost host) =>
        Totp.CodeAt(secret, Totp.StepOf(host.Clock.GetUtcNow()));

    private static bool HasSession(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Set-Cookie", out var cookies)
        && cookies.Any(cookie => cookie.StartsWith("quoin_session=", StringComparison.Ordinal));

    private static Task<HttpResponseMessage> SignIn(AccountsHost host, string returnTo = "/") => host.Submit(
        "/sign-in", null, ("email", "ada@example.com"), ("password", Password), ("return_to", returnTo));

    private static async Task<string> Ticket(AccountsHost host) => (await SignIn(host)).Cookie("quoin_second_factor");

    private static Task<HttpResponseMessage> Give(AccountsHost host, string ticket, string code, string returnTo = "/") =>
        host.Submit("/second-factor", ticket, ("code", code), ("return_to", returnTo));

    private static Task<HttpResponseMessage> Post(AccountsHost host, string cookie, string path, object? body = null) =>
        host.SendWith(HttpMethod.Post, cookie, path, body);
}
