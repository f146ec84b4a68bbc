using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>GitHub's OAuth, spoken by a small server of ours that checks what GitHub checks.</summary>
public sealed class SigningInWithGitHub(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly FakeGitHub gitHub = new();
    private readonly RecordedMails mails = new();
    private TestHost host = null!;

    public async Task InitializeAsync()
    {
        await gitHub.Start();
        host = await StartHost(SignUpPolicy.Open);
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await gitHub.DisposeAsync();
    }

    [Fact]
    public async Task Makes_a_person_known_with_their_primary_proved_address()
    {
        gitHub.SetUser(7, "octocat", ("old@example.com", false, true), ("octo@example.com", true, true));

        var answer = await SignIn();

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.GetValues("Set-Cookie").ShouldContain(cookie => cookie.StartsWith("quoin_session=", StringComparison.Ordinal));
        var user = await host.Get<Users>().FindByEmail("octo@example.com", default);
        user.ShouldNotBeNull().EmailVerifiedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Knows_a_person_by_their_number_whatever_their_name_and_address_have_become()
    {
        gitHub.SetUser(8, "before", ("before@example.com", true, true));
        await SignIn();
        gitHub.SetUser(8, "after", ("after@example.com", true, true));

        var answer = await SignIn();

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await host.Get<Users>().FindByEmail("after@example.com", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Believes_no_address_that_is_not_proved_there()
    {
        gitHub.SetUser(9, "unproved", ("unproved@example.com", true, false));

        (await SignIn()).StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        (await host.Get<Users>().FindByEmail("unproved@example.com", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Lets_nobody_in_with_a_code_that_is_not_taken()
    {
        gitHub.SetUser(10, "forger", ("forger@example.com", true, true));

        var answer = await SignIn(callback => callback.Replace("code=", "code=x", StringComparison.Ordinal));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    [Fact]
    public async Task Lets_nobody_in_with_another_state()
    {
        gitHub.SetUser(11, "crossed", ("crossed@example.com", true, true));

        var answer = await SignIn(callback => callback[..callback.IndexOf("state=", StringComparison.Ordinal)]
            + "state=" + new string('A', 43));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Says_when_it_was_cancelled()
    {
        gitHub.SetUser(12, "shy", ("shy@example.com", true, true));

        var answer = await SignIn(callback => callback + "&error=access_denied");

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await host.Get<Users>().FindByEmail("shy@example.com", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Sends_nobody_away_for_another_site()
    {
        using var client = host.Client(null);
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        var answer = await client.PostAsync("/sign-in/with/github", new FormUrlEncodedContent([]));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("asked@example.com", HttpStatusCode.SeeOther)]
    [InlineData("another@example.com", HttpStatusCode.Forbidden)]
    public async Task Lets_who_is_invited_in_with_the_address_that_was_invited(string vouchedFor, HttpStatusCode expected)
    {
        await using var invited = await StartHost(SignUpPolicy.Invited);
        var org = await invited.Get<Organisations>().CreateTest();
        var token = await Invite(invited, org.Id, "asked@example.com");
        gitHub.SetUser(vouchedFor.Length, "guest", (vouchedFor, true, true));

        var answer = await SignIn(of: invited, returnTo: $"/invite/{token}");

        answer.StatusCode.ShouldBe(expected);
        (await invited.Get<Users>().FindByEmail("another@example.com", default)).ShouldBeNull();
    }

    private Task<TestHost> StartHost(SignUpPolicy policy) => TestHost.Start(database, "api", configure: services => services
        .AddSingleton(new AccountsOptions { SignUp = policy })
        .AddSingleton<IMails>(mails)
        .AddSingleton(new ProofOptions
        {
            Providers =
            [
                new("github", "GitHub", ExternalProtocol.GitHub, gitHub.Address, FakeGitHub.ClientId, FakeGitHub.ClientSecret),
            ],
        }));

    private async Task<string> Invite(TestHost to, OrgId org, string email)
    {
        var owner = new Caller(Realm.Organisation, "system", org, MemberRole.PermissionsOf(MemberRole.Owner));
        var request = new DefaultHttpContext { Request = { Scheme = "http", Host = new HostString("localhost") } }.Request;
        var outcome = await to.Get<Members>().Invite(owner, new NewInvitation(email, MemberRole.Viewer), request, default);
        outcome.ShouldBeOfType<InviteOutcome.Sent>();
        return mails.LinkTo(email).Split('/')[^1];
    }

    private async Task<HttpResponseMessage> SignIn(
        Func<string, string>? spoil = null, TestHost? of = null, string returnTo = "/")
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = (of ?? host).Address };
        var left = await client.PostAsync(
            "/sign-in/with/github", new FormUrlEncodedContent([KeyValuePair.Create("return_to", returnTo)]));
        var page = WebUtility.HtmlDecode(await left.Content.ReadAsStringAsync());
        var start = page.IndexOf("url=http", StringComparison.Ordinal) + "url=".Length;
        var there = page[start..page.IndexOf('"', start)];
        var back = (await client.GetAsync(there)).Headers.Location!.ToString();
        return await client.GetAsync(spoil?.Invoke(back) ?? back);
    }
}
