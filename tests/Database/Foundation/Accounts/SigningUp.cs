using System.Net;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Each test has its own database: whence a visitor comes is counted, and clocks are moved.</summary>
public sealed class SigningUp : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Takes_the_mailed_link_and_the_password_together()
    {
        await using var host = await AccountsHost.Start(database);

        var begun = await Begin(host, "ada@example.com");
        var link = host.Mails.LinkTo("ada@example.com");
        var opened = await (await host.Get(link)).Page();
        var finished = await Finish(host, link);

        begun.Headers.Location!.ToString().ShouldBe("/sign-up?sent=1");
        opened.ShouldContain("ada@example.com");
        finished.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        finished.Cookie().ShouldStartWith("quoin_session=");
        var user = (await host.Users.FindByEmail("Ada@Example.com", default)).ShouldNotBeNull();
        user.Name.ShouldBe("Ada Lovelace");
        user.ConfirmedEmail.ShouldBe("ada@example.com");
        user.HasPassword.ShouldBeTrue();
    }

    [Fact]
    public async Task Makes_nobody_known_before_that()
    {
        await using var host = await AccountsHost.Start(database);

        await Begin(host, "waiting@example.com");
        var wrong = await Finish(host, host.Mails.LinkTo("waiting@example.com"), "another password");

        (await wrong.Page(422)).ShouldContain("not the password you chose");
        (await host.Users.FindByEmail("waiting@example.com", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Does_not_let_somebody_prepare_an_account_for_anothers_address()
    {
        await using var host = await AccountsHost.Start(database);
        await Begin(host, "victim@example.com", "the password of a thief");
        var prepared = host.Mails.LinkTo("victim@example.com");
        await Begin(host, "victim@example.com");

        var opened = await Finish(host, prepared);
        var own = await Finish(host, host.Mails.LinkTo("victim@example.com"));

        opened.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        own.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await SignIn(host, "victim@example.com", "the password of a thief")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SignIn(host, "victim@example.com", Password)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Answers_the_same_for_an_address_that_has_an_account()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("known@example.com", Password);

        var known = await Begin(host, "KNOWN@example.com", "some other password");
        var fresh = await Begin(host, "fresh@example.com");

        known.StatusCode.ShouldBe(fresh.StatusCode);
        known.Headers.Location.ShouldBe(fresh.Headers.Location);
        host.Mails.To("known@example.com")[^1].Subject.ShouldBe("You already have an account");
        (await SignIn(host, "known@example.com", Password)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Works_once_and_for_a_day()
    {
        await using var host = await AccountsHost.Start(database);
        await Begin(host, "once@example.com");
        var link = host.Mails.LinkTo("once@example.com");
        await Begin(host, "late@example.com");

        var finished = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Finish(host, link)));
        host.Clock.Advance(Limits.SignUpLifetime);
        var late = await Finish(host, host.Mails.LinkTo("late@example.com"));

        finished.Count(answer => answer.StatusCode == HttpStatusCode.SeeOther).ShouldBe(1);
        (await late.Page(410)).ShouldContain("expired");
        (await host.Get("/verify-email?token=qn_signup_cutoff")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("", "ada@example.com", Password, "Name must not be empty.")]
    [InlineData("Ada", "ada", Password, "E-mail must be an address like someone@example.com.")]
    [InlineData("Ada", "ada@example.com", "short", "Password must have at least 8 letters.")]
    [InlineData("Ada", "ada@example.com", "Password123", "Password is one of the most common passwords")]
    [InlineData("Ada", "ada.lovelace@example.com", "ada.lovelace1", "Password is too close to your name or address.")]
    public async Task Says_at_each_field_what_is_wrong(string name, string email, string password, string said)
    {
        await using var host = await AccountsHost.Start(database);

        var answer = await host.Submit(
            "/sign-up", null, ("name", name), ("email", email), ("password", password));

        (await answer.Page(422)).ShouldContain(WebUtility.HtmlEncode(said));
        host.Mails.To(email).ShouldBeEmpty();
    }

    [Fact]
    public async Task Is_by_invitation_where_the_operator_wants_it_so()
    {
        await using var host = await AccountsHost.Start(
            database, options: new AccountsOptions { SignUp = SignUpPolicy.Invited });

        (await (await host.Get("/sign-up")).Page(403)).ShouldContain("by invitation");
        (await Begin(host, "uninvited@example.com")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        host.Mails.To("uninvited@example.com").ShouldBeEmpty();
    }

    [Fact]
    public async Task Is_open_to_who_is_invited_with_the_address_the_invitation_went_to()
    {
        await using var host = await AccountsHost.Start(
            database, options: new AccountsOptions { SignUp = SignUpPolicy.Invited });
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter@example.com");
        await host.AsPerson(
            admin, HttpMethod.Post, "/v1/invitations", new { email = "guest@example.com", role = "developer" });
        var invitation = host.Mails.LinkTo("guest@example.com");

        var shown = await host.Get($"/sign-up?return_to={Uri.EscapeDataString(invitation)}");
        var other = await BeginInvited(host, "other@example.com", invitation);
        var forged = await BeginInvited(host, "guest@example.com", "/invite/anything");
        var begun = await BeginInvited(host, "guest@example.com", invitation);
        var finished = await Finish(host, host.Mails.LinkTo("guest@example.com"));

        (await shown.Page()).ShouldContain("guest@example.com");
        (await other.Page(422)).ShouldContain("the one your invitation went to");
        forged.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        begun.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        finished.Headers.Location!.ToString().ShouldBe(invitation);
    }

    [Fact]
    public async Task Sends_one_address_only_so_many_mails()
    {
        await using var host = await AccountsHost.Start(database);
        for (var count = 0; count < Limits.MailsPerAddress.Burst; count++)
        {
            (await Begin(host, "flooded@example.com")).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        }

        var refused = await Begin(host, "flooded@example.com");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(Limits.MailsPerAddress.Step);
        host.Mails.To("flooded@example.com").Count.ShouldBe(Limits.MailsPerAddress.Burst);
    }

    [Fact]
    public async Task Puts_the_operators_own_address_into_mails_not_one_a_request_makes_up()
    {
        await using var host = await AccountsHost.Start(
            database,
            options: new AccountsOptions { SignUp = SignUpPolicy.Open, PublicUrl = new Uri("https://quoin.example/") });
        await using var unknowing = await AccountsHost.Start(database);

        await Begin(host, "public@example.com");
        var foreign = await BeginAs(unknowing, "evil.example", "phished@example.com");

        host.Mails.To("public@example.com").Single().Text.ShouldContain("https://quoin.example/verify-email?token=qn_signup_");
        foreign.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        unknowing.Mails.To("phished@example.com").ShouldBeEmpty();
    }

    [Fact]
    public async Task Is_refused_when_another_site_sends_the_form()
    {
        await using var host = await AccountsHost.Start(database);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-up");
        request.Headers.Add("Origin", "https://evil.example");

        (await host.Client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static Task<HttpResponseMessage> Begin(AccountsHost host, string email, string password = Password) =>
        host.Submit("/sign-up", null, ("name", "Ada Lovelace"), ("email", email), ("password", password));

    private static Task<HttpResponseMessage> BeginInvited(AccountsHost host, string email, string invitation) =>
        host.Submit(
            "/sign-up",
            null,
            ("name", "Guest"), ("email", email), ("password", Password), ("return_to", invitation));

    private static async Task<HttpResponseMessage> BeginAs(AccountsHost host, string name, string email)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-up")
        {
            Content = new FormUrlEncodedContent(
            [
                KeyValuePair.Create("name", "Ada"),
                KeyValuePair.Create("email", email),
                KeyValuePair.Create("password", Password),
            ]),
        };
        request.Headers.Host = name;
        return await host.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> Finish(AccountsHost host, string link, string password = Password) =>
        host.Submit("/verify-email", null, ("token", link.Split("token=")[1]), ("password", password));

    private static Task<HttpResponseMessage> SignIn(AccountsHost host, string email, string password) =>
        host.Submit("/sign-in", null, ("email", email), ("password", password));
}
