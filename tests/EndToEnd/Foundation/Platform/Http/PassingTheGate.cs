using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Quoin.Platform;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Http;

public sealed class PassingTheGate : IAsyncLifetime
{
    private SmallHost host = null!;

    public async Task InitializeAsync() => host = await SmallHost.Start(Map);

    public async Task DisposeAsync() => await host.DisposeAsync();

    private static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/open", () => "open").AllowsAnyone();
        app.MapMethods("/v1/usage", ["GET", "POST"], (HttpContext context) => context.Caller().RequiredOrg.ToString())
            .Requires(Permission.UsageRead);
        app.MapPost("/v1/transfers", () => "posted").Requires(Permission.LedgerWrite);
        app.MapGet("/v1/organisations", (HttpContext context) => context.Caller().Actor).RequiresWithoutOrg(Permission.OrganisationsManage);
        app.MapGet("/overview", (HttpContext context) => context.Caller().Actor).RequiresSignIn();
        app.MapGet("/prices", () => "prices").RequiresSignIn(Permission.PricesWrite);
    }

    [Fact]
    public async Task Is_open_where_anyone_may_come()
    {
        (await host.Get("/v1/open", key: "whatever")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Lets_a_caller_with_the_permission_act_in_its_organisation()
    {
        var answer = await host.Get("/v1/usage", SmallHost.CustomerKey);

        (await answer.Content.ReadAsStringAsync()).ShouldStartWith("org_");
    }

    [Fact]
    public async Task Asks_for_credentials_where_there_are_none()
    {
        var response = await host.Get("/v1/usage");

        await response.Problem(401, "unauthenticated");
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"quoin\"");
    }

    [Fact]
    public async Task Says_so_when_credentials_are_refused()
    {
        var response = await host.Get("/v1/usage", key: "stolen");

        (await response.Problem(401, "unauthenticated")).Detail().ShouldBe("The key is not known.");
        response.Headers.WwwAuthenticate.ToString().ShouldContain("invalid_token");
    }

    [Fact]
    public async Task Names_the_permission_that_is_lacking()
    {
        var response = await host.Send(HttpMethod.Post, "/v1/transfers", key: SmallHost.CustomerKey);

        var problem = await response.Problem(403, "permission_denied");

        problem.GetProperty("permission").GetString().ShouldBe("ledger.write");
    }

    [Fact]
    public async Task Asks_an_operator_for_an_organisation_only_where_one_is_needed()
    {
        await (await host.Send(HttpMethod.Post, "/v1/transfers", key: SmallHost.OperatorKey)).Problem(400, "organisation_required");
        (await host.Get("/v1/organisations", SmallHost.OperatorKey)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Sends_people_to_sign_in_and_back()
    {
        var response = await host.Get("/overview?from=2026-11-20&model=a%26b");

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.OriginalString.ShouldBe("/sign-in?return_to=%2Foverview%3Ffrom%3D2026-11-20%26model%3Da%2526b");
        (await host.Get("/overview", SmallHost.CustomerKey)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Does_not_send_people_to_sign_in_who_are_signed_in_but_may_not()
    {
        await (await host.Get("/prices", SmallHost.CustomerKey)).Problem(403, "permission_denied");
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.Unauthorized)]
    public async Task Refuses_writes_that_another_site_made_a_browser_send(string site, HttpStatusCode status)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/usage");
        request.Headers.Add("Sec-Fetch-Site", site);

        (await host.Client.SendAsync(request)).StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task Does_not_hide_that_a_path_or_method_does_not_exist()
    {
        await (await host.Get("/v1/nothing")).Problem(404, "not_found");
        await (await host.Send(HttpMethod.Put, "/v1/usage")).Problem(405, "method_not_allowed");
    }

    [Fact]
    public async Task A_host_with_an_endpoint_that_says_nothing_does_not_start()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => SmallHost.Start(app =>
        {
            app.MapGet("/v1/stated", () => "").AllowsAnyone();
            app.MapGet("/v1/forgotten", () => "");
        }));

        failure.Message.ShouldContain("/v1/forgotten");
        failure.Message.ShouldNotContain("/v1/stated");
    }
}
