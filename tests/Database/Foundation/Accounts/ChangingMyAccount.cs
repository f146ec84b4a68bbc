using System.Net;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Each test has its own database: whence a visitor comes is counted, and clocks are moved.</summary>
public sealed class ChangingMyAccount : IAsyncLifetime
{
    private const string Old = "correct horse battery";
    private const string New = "staple of the tall";

    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Shows_who_one_is_and_takes_another_name()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("ada@example.com", Old);

        var changed = await (await host.SendWith(HttpMethod.Patch, cookie, "/v1/me", new { name = "Ada L." })).Json();
        var shown = await (await host.GetWith(cookie, "/v1/me")).Json();

        changed.ToString().ShouldBe(shown.ToString());
        shown.GetProperty("name").GetString().ShouldBe("Ada L.");
        shown.GetProperty("email").GetString().ShouldBe("ada@example.com");
        shown.GetProperty("has_password").GetBoolean().ShouldBeTrue();
        shown.GetProperty("has_second_factor").GetBoolean().ShouldBeFalse();
        await (await host.SendWith(HttpMethod.Patch, cookie, "/v1/me", new { name = " " })).Problem(422, "invalid_member");
    }

    [Fact]
    public async Task Is_for_people_not_for_keys()
    {
        await using var host = await AccountsHost.Start(database);
        var key = await host.Keys.CreateOperatorKey();

        await (await host.Get("/v1/me", key.Secret)).Problem(403, "permission_denied");
        await (await host.Get("/v1/me")).Problem(401, "unauthenticated");
    }

    [Fact]
    public async Task Changes_the_password_and_ends_every_session_but_a_new_one()
    {
        await using var host = await AccountsHost.Start(database);
        var other = await host.SignUp("ada@example.com", Old);
        var own = (await SignIn(host, Old)).Cookie();

        var changed = await Change(host, own, Old, New);

        changed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var next = changed.Cookie();
        (await host.GetWith(other, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.GetWith(own, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.GetWith(next, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SignIn(host, Old)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SignIn(host, New)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        host.Mails.To("ada@example.com")[^1].Subject.ShouldBe("Your password was changed");
    }

    [Fact]
    public async Task Asks_for_the_present_password_and_counts_wrong_ones()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("ada@example.com", Old);

        for (var failure = 0; failure < Limits.FailuresFree; failure++)
        {
            await (await Change(host, cookie, "guess", New)).Problem(422, "invalid_member");
        }

        await (await Change(host, cookie, Old, New)).Problem(429, "too_many_attempts");
        await (await Change(host, cookie, Old, "password1")).Problem(422, "invalid_member");
    }

    [Fact]
    public async Task Gives_a_first_password_only_to_a_session_that_began_lately()
    {
        await using var host = await AccountsHost.Start(database);
        var link = await host.Operators.CreateLink("ops@example.com");
        var cookie = (await host.Submit("/sign-in", null, ("token", link.Split("token=")[1]))).Cookie();

        host.Clock.Advance(Limits.ProofIsRecentFor);
        await (await Change(host, cookie, "", New)).Problem(403, "recent_sign_in_required");
        var again = await host.Operators.CreateSignInLink("ops@example.com", "test", default);
        var path = ((CreateSignInLinkOutcome.Created)again).Path;
        var fresh = (await host.Submit("/sign-in", null, ("token", path.Split("token=")[1]))).Cookie();

        (await Change(host, fresh, "", New)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.Submit("/sign-in", null, ("email", "ops@example.com"), ("password", New)))
            .StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Moves_to_another_address_once_its_link_is_opened_by_the_same_person()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("old@example.com", Old);
        var stranger = await host.SignUp("eve@example.com", Old);

        var asked = await host.SendWith(HttpMethod.Post, cookie, "/v1/me/email", new { email = "new@example.com" });
        var link = host.Mails.LinkTo("new@example.com");
        var anonymous = await (await host.Get(link)).Page();
        var foreign = await Confirm(host, stranger, link);
        var own = await Confirm(host, cookie, link);

        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        anonymous.ShouldContain("Sign in first");
        foreign.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        own.Headers.Location!.ToString().ShouldBe("/account?done=email");
        var user = (await host.Users.FindByEmail("new@example.com", default)).ShouldNotBeNull();
        user.ConfirmedEmail.ShouldBe("new@example.com");
        (await host.Users.FindByEmail("old@example.com", default)).ShouldBeNull();
        host.Mails.To("old@example.com")[^1].Subject.ShouldBe("Your address was changed");
    }

    [Fact]
    public async Task Answers_the_same_for_an_address_somebody_else_has()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("ada@example.com", Old);
        await host.SignUp("taken@example.com", Old);
        var before = host.Mails.To("taken@example.com").Count;

        var taken = await host.SendWith(HttpMethod.Post, cookie, "/v1/me/email", new { email = "taken@example.com" });

        taken.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        host.Mails.To("taken@example.com").Count.ShouldBe(before);
    }

    [Fact]
    public async Task Proves_an_operators_address()
    {
        await using var host = await AccountsHost.Start(database);
        var link = await host.Operators.CreateLink("ops@example.com");
        var cookie = (await host.Submit("/sign-in", null, ("token", link.Split("token=")[1]))).Cookie();

        await host.SendWith(HttpMethod.Post, cookie, "/v1/me/email", new { email = "ops@example.com" });
        var mailed = host.Mails.LinkTo("ops@example.com");
        (await (await host.GetWith(cookie, mailed)).Page()).ShouldContain("Confirm your address");
        await Confirm(host, cookie, mailed);

        (await host.Users.FindByEmail("ops@example.com", default))!.ConfirmedEmail.ShouldBe("ops@example.com");
        (await Confirm(host, cookie, mailed)).StatusCode.ShouldBe(HttpStatusCode.Gone);
    }

    private static Task<HttpResponseMessage> Confirm(AccountsHost host, string cookie, string link) =>
        host.Submit("/verify-email", cookie, ("token", link.Split("token=")[1]));

    private static Task<HttpResponseMessage> SignIn(AccountsHost host, string password) =>
        host.Submit("/sign-in", null, ("email", "ada@example.com"), ("password", password));

    private static Task<HttpResponseMessage> Change(AccountsHost host, string cookie, string current, string wanted) =>
        host.SendWith(
            HttpMethod.Post, cookie, "/v1/me/password", new { current_password = current, new_password = wanted });
}
