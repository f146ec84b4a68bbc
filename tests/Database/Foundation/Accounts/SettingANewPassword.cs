using System.Net;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Each test has its own database: whence a visitor comes is counted, and clocks are moved.</summary>
public sealed class SettingANewPassword : IAsyncLifetime
{
    private const string Old = "correct horse battery";
    private const string New = "staple of the tall";

    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Works_with_the_mailed_link_and_signs_in()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("ada@example.com", Old);

        await Ask(host, "ada@example.com");
        var link = host.Mails.LinkTo("ada@example.com");
        var opened = await (await host.Get(link)).Page();
        var done = await Reset(host, link, New);

        opened.ShouldContain("ada@example.com");
        done.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        done.Cookie().ShouldStartWith("quoin_session=");
        (await SignIn(host, "ada@example.com", Old)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SignIn(host, "ada@example.com", New)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        host.Mails.To("ada@example.com")[^1].Subject.ShouldBe("Your password was changed");
    }

    [Fact]
    public async Task Ends_every_session_on_every_replica()
    {
        await using var host = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database);
        await host.Operators.CreateLink("ops@example.com");
        await Ask(host, "ops@example.com");
        var first = (await Reset(host, host.Mails.LinkTo("ops@example.com"), Old)).Cookie();
        (await there.GetWith(first, "/v1/whoami")).IsSuccessStatusCode.ShouldBeTrue();
        (await host.GetWith(first, "/v1/whoami")).IsSuccessStatusCode.ShouldBeTrue();

        await Ask(host, "ops@example.com");
        var second = (await Reset(host, host.Mails.LinkTo("ops@example.com"), New)).Cookie();

        (await host.GetWith(first, "/v1/whoami")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        there.Clock.Advance(Limits.FreshFor);
        (await there.GetWith(first, "/v1/whoami")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await there.GetWith(second, "/v1/whoami")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Answers_the_same_for_an_address_nobody_has()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("known@example.com", Old);

        var known = await Ask(host, "known@example.com");
        var unknown = await Ask(host, "unknown@example.com");

        unknown.StatusCode.ShouldBe(known.StatusCode);
        unknown.Headers.Location.ShouldBe(known.Headers.Location);
        host.Mails.To("unknown@example.com").Single().Subject.ShouldBe("There is no account with this address");
    }

    [Fact]
    public async Task Works_while_signing_in_must_wait()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("attacked@example.com", Old);
        for (var failure = 0; failure <= Limits.FailuresFree; failure++)
        {
            await SignIn(host, "attacked@example.com", "guess");
        }

        (await SignIn(host, "attacked@example.com", Old)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await Ask(host, "attacked@example.com");
        var done = await Reset(host, host.Mails.LinkTo("attacked@example.com"), New);

        done.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await SignIn(host, "attacked@example.com", New)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Works_once_for_half_an_hour_and_with_the_newest_link_only()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("links@example.com", Old);
        await Ask(host, "links@example.com");
        var first = host.Mails.LinkTo("links@example.com");
        await Ask(host, "links@example.com");
        var second = host.Mails.LinkTo("links@example.com");

        (await Reset(host, first, New)).StatusCode.ShouldBe(HttpStatusCode.Gone);
        var used = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Reset(host, second, New)));
        used.Count(answer => answer.StatusCode == HttpStatusCode.SeeOther).ShouldBe(1);
        used.Count(answer => answer.StatusCode == HttpStatusCode.Gone).ShouldBe(3);
        await Ask(host, "links@example.com");
        host.Clock.Advance(Limits.ResetLifetime);
        (await (await Reset(host, host.Mails.LinkTo("links@example.com"), Old)).Page(410)).ShouldContain("expired");
        (await host.Get("/reset-password?token=qn_mail_cutoff")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Refuses_a_common_password_and_keeps_the_link()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("weak@example.com", Old);
        await Ask(host, "weak@example.com");
        var link = host.Mails.LinkTo("weak@example.com");

        (await (await Reset(host, link, "password1")).Page(422)).ShouldContain("most common passwords");
        (await Reset(host, link, New)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Proves_the_address_and_leaves_its_trace()
    {
        await using var host = await AccountsHost.Start(database);
        await host.Operators.CreateLink("unproved@example.com");
        (await host.Users.FindByEmail("unproved@example.com", default))!.ConfirmedEmail.ShouldBeNull();

        await Ask(host, "unproved@example.com");
        await Reset(host, host.Mails.LinkTo("unproved@example.com"), New);

        var user = (await host.Users.FindByEmail("unproved@example.com", default))!;
        user.ConfirmedEmail.ShouldBe("unproved@example.com");
        await using var trace = database.Owner.CreateCommand(
            "select count(*) from accounts.audit_log where action = 'password.reset' and subject = $1");
        trace.Parameters.AddWithValue(user.Id.ToString());
        (await trace.ExecuteScalarAsync()).ShouldBe(1L);
        (await host.Audit.Verify(null, default)).ShouldBeOfType<AuditVerdict.Intact>();
    }

    private static Task<HttpResponseMessage> Ask(AccountsHost host, string email) =>
        host.Submit("/forgot-password", null, ("email", email));

    private static Task<HttpResponseMessage> Reset(AccountsHost host, string link, string password) =>
        host.Submit("/reset-password", null, ("token", link.Split("token=")[1]), ("password", password));

    private static Task<HttpResponseMessage> SignIn(AccountsHost host, string email, string password) =>
        host.Submit("/sign-in", null, ("email", email), ("password", password));
}
