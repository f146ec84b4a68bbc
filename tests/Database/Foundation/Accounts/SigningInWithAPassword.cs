using System.Net;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Each test has its own database: whence a visitor comes is counted, and clocks are moved.</summary>
public sealed class SigningInWithAPassword : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Gives_a_session_and_leads_back_to_the_page_asked_for()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("ada@example.com", Password);

        var entered = await SignIn(host, "ADA@example.com", Password, "/console/usage");

        entered.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        entered.Headers.Location!.ToString().ShouldBe("/console/usage");
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
    }

    [Fact]
    public async Task Answers_the_same_for_a_wrong_password_and_an_unknown_address()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("grace@example.com", Password);
        await host.Operators.CreateLink("link-only@example.com");

        var wrong = await (await SignIn(host, "grace@example.com", "not that one")).Page(401);
        var unknown = await (await SignIn(host, "nobody@example.com", "not that one")).Page(401);
        var without = await (await SignIn(host, "link-only@example.com", "not that one")).Page(401);

        unknown.Replace("nobody@", "grace@", StringComparison.Ordinal).Without("nonce").ShouldBe(wrong.Without("nonce"));
        without.Replace("link-only@", "grace@", StringComparison.Ordinal).Without("nonce").ShouldBe(wrong.Without("nonce"));
        wrong.ShouldContain("The address or the password is not right.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    public async Task Answers_the_same_for_what_is_no_address(string email)
    {
        await using var host = await AccountsHost.Start(database);

        (await SignIn(host, email, Password)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SignIn(host, email, new string('x', 1_000))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Reads_no_form_with_characters_that_are_none()
    {
        await using var host = await AccountsHost.Start(database);

        (await SignIn(host, "a\0b@example.com", Password)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Waits_longer_and_longer_after_five_failures_whoever_the_address_belongs_to()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("guessed@example.com", Password);

        foreach (var email in new[] { "guessed@example.com", "not-there@example.com" })
        {
            for (var failure = 0; failure < Limits.FailuresFree; failure++)
            {
                (await SignIn(host, email, "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            }

            var first = await SignIn(host, email, Password);
            first.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            first.Headers.RetryAfter!.Delta.ShouldBe(Limits.FailureWaitFirst);
        }

        host.Clock.Advance(Limits.FailureWaitFirst);
        (await SignIn(host, "guessed@example.com", "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var second = await SignIn(host, "guessed@example.com", Password);
        second.Headers.RetryAfter!.Delta.ShouldBe(Limits.FailureWaitFirst * 2);
        host.Clock.Advance(Limits.FailureWaitFirst * 2);
        (await SignIn(host, "guessed@example.com", Password)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Never_waits_longer_than_a_quarter_of_an_hour_and_forgets_in_a_day()
    {
        await using var host = await AccountsHost.Start(database);
        for (var failure = 0; failure < 20; failure++)
        {
            await SignIn(host, "old@example.com", "guess");
            host.Clock.Advance(Limits.FailureWaitLongest);
        }

        (await SignIn(host, "old@example.com", "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SignIn(host, "old@example.com", "guess")).Headers.RetryAfter!.Delta.ShouldBe(Limits.FailureWaitLongest);
        host.Clock.Advance(Limits.FailuresForgottenAfter + TimeSpan.FromSeconds(1));
        (await SignIn(host, "old@example.com", "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SignIn(host, "old@example.com", "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Counts_failures_of_all_replicas_exactly_even_when_they_come_at_once()
    {
        var clock = new SettableClock();
        await using var here = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(index =>
            SignIn(index % 2 == 0 ? here : there, "stormed@example.com", "guess")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(Limits.FailuresFree);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(24 - Limits.FailuresFree);
    }

    [Fact]
    public async Task Forgives_failures_once_the_password_is_right()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("clumsy@example.com", Password);
        for (var round = 0; round < 3; round++)
        {
            for (var failure = 1; failure < Limits.FailuresFree; failure++)
            {
                (await SignIn(host, "clumsy@example.com", "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            }

            (await SignIn(host, "clumsy@example.com", Password)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        }
    }

    [Fact]
    public async Task Shuts_out_who_is_suspended_and_says_so_only_to_who_knows_the_password()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("suspended@example.com", Password);
        await using var suspend = database.Owner.CreateCommand(
            "update accounts.users set state = 'suspended' where email = 'suspended@example.com'");
        await suspend.ExecuteNonQueryAsync();

        (await SignIn(host, "suspended@example.com", "guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var shut = await SignIn(host, "suspended@example.com", Password);

        (await shut.Page(403)).ShouldContain("You cannot sign in");
        shut.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Keeps_no_password_and_no_address_that_failed()
    {
        await using var host = await AccountsHost.Start(database);
        await host.SignUp("kept@example.com", Password);
        await SignIn(host, "failed@example.com", "guess");

        await using var hashes = database.Owner.CreateCommand("""
            select count(*)
            from accounts.users
            where email = 'kept@example.com'
                and password_hash like 'AQAAAA%'
                and length(password_hash) = 84
            """);
        await using var dump = database.Owner.CreateCommand("""
            select string_agg(a::text, ' ')
            from accounts.sign_in_attempts a
            """);

        (await hashes.ExecuteScalarAsync()).ShouldBe(1L);
        ((string)(await dump.ExecuteScalarAsync())!).ShouldNotContain("failed");
    }

    private static Task<HttpResponseMessage> SignIn(
        AccountsHost host, string email, string password, string returnTo = "/") => host.Submit(
        "/sign-in", null, ("email", email), ("password", password), ("return_to", returnTo));
}
