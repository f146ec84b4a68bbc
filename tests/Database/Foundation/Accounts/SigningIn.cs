using System.Net;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class SigningIn(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Takes_a_press_of_the_button_not_just_a_look_at_the_link()
    {
        await using var host = await AccountsHost.Start(database);
        var link = await host.Operators.CreateLink("ada@example.com");

        var previewed = await host.Get(link);
        var opened = await host.Get(link);
        var entered = await Enter(host, link);

        previewed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await opened.Content.ReadAsStringAsync()).ShouldContain("ada@example.com");
        opened.Headers.CacheControl!.NoStore.ShouldBeTrue();
        entered.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        entered.Headers.Location!.ToString().ShouldBe("/");
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
    }

    [Fact]
    public async Task Gives_a_session_that_any_replica_knows()
    {
        var clock = new SettableClock();
        await using var here = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);
        var cookie = await SignIn(here, "grace@example.com");

        var answer = await WhoAmI(there, cookie);

        (await answer.Content.ReadAsStringAsync()).ShouldStartWith("Operator usr_");
    }

    [Fact]
    public async Task Works_once()
    {
        await using var host = await AccountsHost.Start(database);
        var link = await host.Operators.CreateLink("once@example.com");

        var entered = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Enter(host, link)));

        entered.Count(answer => answer.StatusCode == HttpStatusCode.SeeOther).ShouldBe(1);
        entered.Count(answer => answer.StatusCode == HttpStatusCode.Gone).ShouldBe(7);
        var again = await host.Get(link);
        again.StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await again.Content.ReadAsStringAsync()).ShouldContain("already used");
    }

    [Fact]
    public async Task Works_for_fifteen_minutes()
    {
        await using var host = await AccountsHost.Start(database);
        var link = await host.Operators.CreateLink("late@example.com");

        host.Clock.Advance(Limits.SignInLinkLifetime);

        (await Enter(host, link)).StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await (await host.Get(link)).Content.ReadAsStringAsync()).ShouldContain("expired");
    }

    [Theory]
    [InlineData("/sign-in?token=qn_signin_cutoff")]
    [InlineData("/sign-in?token=%00")]
    [InlineData("/sign-in?token=a&token=b")]
    public async Task Explains_a_link_that_is_not_whole(string link)
    {
        await using var host = await AccountsHost.Start(database);

        var shown = await host.Get(link);
        var entered = await Enter(host, link);

        shown.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await shown.Content.ReadAsStringAsync()).ShouldContain("quoin admin sign-in-link");
        entered.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        entered.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Tells_without_a_link_how_to_get_one()
    {
        await using var host = await AccountsHost.Start(database);

        var page = await (await host.Get("/sign-in")).Content.ReadAsStringAsync();

        page.ShouldContain("quoin admin sign-in-link");
    }

    [Theory]
    [InlineData("/usage?from=2026-01-01", "/usage?from=2026-01-01")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/a\r\nSet-Cookie: x=1", "/")]
    public async Task Returns_to_the_page_asked_for_on_this_host_only(string asked, string location)
    {
        await using var host = await AccountsHost.Start(database);
        var link = await host.Operators.CreateLink("back@example.com");

        var entered = await Enter(host, link, asked);

        entered.Headers.Location!.ToString().ShouldBe(location);
    }

    [Fact]
    public async Task Is_refused_when_another_site_sends_the_form()
    {
        await using var host = await AccountsHost.Start(database);
        var link = await host.Operators.CreateLink("login-csrf@example.com");

        (await Enter(host, link, origin: "https://evil.example")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await Enter(host, link, origin: "null")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var own = await Enter(host, link, origin: host.Client.BaseAddress!.ToString());
        own.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Lets_a_session_act_only_from_our_own_pages()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await SignIn(host, "csrf@example.com");

        var foreign = await WhoAmI(host, cookie, HttpMethod.Post, origin: "https://evil.example");
        var own = await WhoAmI(host, cookie, HttpMethod.Post, origin: host.Client.BaseAddress!.ToString());

        await foreign.Problem(403, "cross_site_request");
        own.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Ends_on_every_replica_within_a_second_of_signing_out()
    {
        await using var host = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database);
        var cookie = await SignIn(host, "out@example.com");
        (await WhoAmI(host, cookie)).IsSuccessStatusCode.ShouldBeTrue();
        (await WhoAmI(there, cookie)).IsSuccessStatusCode.ShouldBeTrue();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-out");
        request.Headers.Add("Cookie", cookie);
        var left = await host.Client.SendAsync(request);

        left.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        left.Headers.GetValues("Set-Cookie").Single().ShouldContain("quoin_session=;");
        await (await WhoAmI(host, cookie)).Problem(401, "session_ended");
        there.Clock.Advance(Limits.FreshFor);
        await (await WhoAmI(there, cookie)).Problem(401, "session_ended");
    }

    [Fact]
    public async Task Ends_after_a_week_without_use()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await SignIn(host, "week@example.com");

        host.Clock.Advance(Limits.SessionLifetime);

        await (await WhoAmI(host, cookie)).Problem(401, "session_ended");
    }

    [Theory]
    [InlineData("quoin_session=forged")]
    [InlineData("quoin_session=AAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Does_not_believe_a_forged_cookie(string cookie)
    {
        await using var host = await AccountsHost.Start(database);

        await (await WhoAmI(host, cookie)).Problem(401, "session_ended");
    }

    [Fact]
    public async Task Leaves_its_trace_in_the_platforms_audit_log()
    {
        await using var host = await AccountsHost.Start(database);
        await SignIn(host, "trace@example.com");
        var root = await host.Keys.CreateOperatorKey();

        var page = await (await host.Get("/v1/audit?limit=4", root.Secret)).Json();

        page.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("action").GetString())
            .ShouldBe(["key.created", "session.started", "sign_in_link.created", "operator.created"]);
        (await host.Audit.Verify(null, default)).ShouldBeOfType<AuditVerdict.Intact>();
    }

    private static async Task<string> SignIn(AccountsHost host, string email)
    {
        var entered = await Enter(host, await host.Operators.CreateLink(email));
        return entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static async Task<HttpResponseMessage> Enter(
        AccountsHost host, string link, string? returnTo = null, string? origin = null)
    {
        var token = link.Split("token=")[1];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent(
            [
                KeyValuePair.Create("token", token), KeyValuePair.Create("return_to", returnTo ?? ""),
            ]),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin.TrimEnd('/'));
        }

        return await host.Client.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> WhoAmI(
        AccountsHost host, string cookie, HttpMethod? method = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, "/v1/whoami");
        request.Headers.Add("Cookie", cookie);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin.TrimEnd('/'));
        }

        return await host.Client.SendAsync(request);
    }
}
