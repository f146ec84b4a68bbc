using System.Net;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Server;

public sealed class StandingBehindAProxy(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Believes_a_trusted_one_about_who_visits_and_how()
    {
        await using var host = await TestHost.Start(database, trustedProxies: [IPNetwork.Parse("127.0.0.0/8")]);

        var (cookie, ip) = await SignIn(host);

        ip.ShouldBe("203.0.113.9");
        cookie.ShouldContain("secure");
    }

    [Fact]
    public async Task Believes_nobody_else()
    {
        await using var host = await TestHost.Start(database);

        var (cookie, ip) = await SignIn(host);

        ip.ShouldBe("127.0.0.1");
        cookie.ShouldNotContain("secure");
    }

    private static async Task<(string Cookie, string? Ip)> SignIn(TestHost host)
    {
        var operators = host.Get<Operators>();
        await operators.Create("proxied@example.com", [OperatorRole.Admin], "test", default);
        var link = await operators.CreateSignInLink("proxied@example.com", "test", default);
        var token = ((CreateSignInLinkOutcome.Created)link).Path.Split("token=")[1];
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = host.Address,
        };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]);
        var entered = await client.PostAsync("/sign-in", form);
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        client.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        var sessions = JsonElement.Parse(await client.GetStringAsync("/v1/me/sessions"));
        return (cookie, sessions.GetProperty("data")[0].GetProperty("ip").GetString());
    }
}
