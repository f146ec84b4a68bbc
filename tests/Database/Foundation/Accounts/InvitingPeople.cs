using System.Net;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class InvitingPeople(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Makes_the_person_it_was_mailed_to_a_member()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest("Acme Rockets")).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter@example.com");
        var (person, cookie) = await host.SignedIn(database, "invited@example.com");

        await (await Invite(host, admin, "Invited@Example.com", "developer")).Json();
        var link = host.Mails.LinkTo("Invited@Example.com");
        var shown = await host.AsPerson(cookie, link);
        var accepted = await host.AsPerson(cookie, link, method: HttpMethod.Post);

        (await shown.Content.ReadAsStringAsync()).ShouldContain("You are invited to Acme Rockets");
        accepted.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        accepted.Headers.Location!.ToString().ShouldBe($"/console?org={acme}");
        var answer = await host.AsPerson(cookie, "/v1/whoami");
        (await answer.Content.ReadAsStringAsync()).ShouldBe($"Organisation {person} {acme}");
        (await host.AsPerson(cookie, link, method: HttpMethod.Post)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Works_for_nobody_else()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-2@example.com");
        var (_, other) = await host.SignedIn(database, "somebody-else@example.com");

        await Invite(host, admin, "meant@example.com", "viewer");
        var link = host.Mails.LinkTo("meant@example.com");
        var taken = await host.AsPerson(other, link, method: HttpMethod.Post);
        var overHttp = await host.AsPerson(
            other, HttpMethod.Post, "/v1/invitations/accept", new { token = link[(link.LastIndexOf('/') + 1)..] });

        taken.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await taken.Content.ReadAsStringAsync()).ShouldContain("for another address");
        await overHttp.Problem(403, "invitation_for_another");
    }

    [Fact]
    public async Task Needs_an_address_that_is_proved()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-3@example.com");
        var (person, cookie) = await host.SignedIn(database, "unproved@example.com");
        await database.Write("update accounts.users set email_verified_at = null where user_id = $1", person.Value);

        await Invite(host, admin, "unproved@example.com", "viewer");
        var accepted = await host.AsPerson(
            cookie, HttpMethod.Post, "/v1/invitations/accept", new { token = Token(host, "unproved@example.com") });

        await accepted.Problem(403, "address_not_proved");
    }

    [Fact]
    public async Task Shows_a_stranger_with_the_link_what_it_is_for_and_the_ways_in()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest("Initech")).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-4@example.com");

        await Invite(host, admin, "stranger@example.com", "finance");
        var link = host.Mails.LinkTo("stranger@example.com");
        var page = await (await host.Get(link)).Content.ReadAsStringAsync();
        var preview = await (await host.Post(
            "/v1/invitations/look-up", new { token = Token(host, "stranger@example.com") })).Json();

        page.ShouldContain("Initech");
        page.ShouldContain($"/sign-in?return_to={Uri.EscapeDataString(link)}");
        page.ShouldContain($"/sign-up?return_to={Uri.EscapeDataString(link)}");
        preview.GetProperty("organisation_name").GetString().ShouldBe("Initech");
        preview.GetProperty("role").GetString().ShouldBe("finance");
        preview.TryGetProperty("organisation_id", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Renews_the_one_that_waits_for_an_address()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-5@example.com");

        await Invite(host, admin, "twice@example.com", "viewer");
        var first = Token(host, "twice@example.com");
        await Invite(host, admin, "TWICE@example.com", "developer");
        var waiting = (await (await host.AsPerson(admin, "/v1/invitations")).Json()).GetProperty("data");

        waiting.GetArrayLength().ShouldBe(1);
        waiting[0].GetProperty("role").GetString().ShouldBe("developer");
        await (await host.Post("/v1/invitations/look-up", new { token = first })).Problem(404, "invitation_not_found");
    }

    [Fact]
    public async Task Lasts_a_week_and_can_be_sent_again()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-6@example.com");
        var id = (await (await Invite(host, admin, "slow@example.com", "viewer")).Json()).GetProperty("id").GetString();

        host.Clock.Advance(Limits.InvitationLifetime - TimeSpan.FromHours(1));
        (await LookUp(host, "slow@example.com")).StatusCode.ShouldBe(HttpStatusCode.OK);
        host.Clock.Advance(TimeSpan.FromHours(1));
        await (await LookUp(host, "slow@example.com")).Problem(404, "invitation_not_found");

        var (_, again) = await host.Member(database, acme, MemberRole.Admin, "inviter-6b@example.com");
        (await host.AsPerson(again, HttpMethod.Post, $"/v1/invitations/{id}/resend")).IsSuccessStatusCode.ShouldBeTrue();
        (await LookUp(host, "slow@example.com")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Is_not_sent_again_and_again()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-7@example.com");
        var id = (await (await Invite(host, admin, "flooded@example.com", "viewer")).Json()).GetProperty("id").GetString();

        await host.AsPerson(admin, HttpMethod.Post, $"/v1/invitations/{id}/resend");
        await host.AsPerson(admin, HttpMethod.Post, $"/v1/invitations/{id}/resend");
        var refused = await host.AsPerson(admin, HttpMethod.Post, $"/v1/invitations/{id}/resend");

        await refused.Problem(429, "too_many_mails");
        refused.Headers.RetryAfter.ShouldNotBeNull();
        host.Mails.To("flooded@example.com").Count.ShouldBe(3);
    }

    [Fact]
    public async Task Is_revoked()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-8@example.com");
        var id = (await (await Invite(host, admin, "unwanted@example.com", "viewer")).Json()).GetProperty("id").GetString();

        (await host.AsPerson(admin, HttpMethod.Delete, $"/v1/invitations/{id}")).IsSuccessStatusCode.ShouldBeTrue();

        await (await LookUp(host, "unwanted@example.com")).Problem(404, "invitation_not_found");
        await (await host.AsPerson(admin, HttpMethod.Delete, $"/v1/invitations/{id}")).Problem(404, "not_found");
    }

    [Fact]
    public async Task Gives_no_role_out_of_reach_and_invites_no_member()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "inviter-9@example.com");
        var (_, developer) = await host.Member(database, acme, MemberRole.Developer, "developer-9@example.com");

        await (await Invite(host, admin, "boss@example.com", "owner")).Problem(403, "role_out_of_reach");
        await (await Invite(host, admin, "developer-9@example.com", "viewer")).Problem(409, "already_member");
        await (await Invite(host, developer, "friend@example.com", "viewer")).Problem(403, "permission_denied");
        await (await Invite(host, admin, "no address", "viewer")).Problem(422, "invalid_member");
    }

    [Fact]
    public async Task Lets_one_of_many_clicks_join()
    {
        var clock = new SettableClock();
        await using var here = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);
        var acme = (await here.Organisations.CreateTest()).Id;
        var (_, admin) = await here.Member(database, acme, MemberRole.Admin, "inviter-10@example.com");
        var (_, cookie) = await here.SignedIn(database, "clicker@example.com");
        await Invite(here, admin, "clicker@example.com", "viewer");
        var link = here.Mails.LinkTo("clicker@example.com");

        var clicks = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(click => (click % 2 == 0 ? here : there).AsPerson(cookie, link, method: HttpMethod.Post)));

        clicks.Count(click => click.StatusCode == HttpStatusCode.SeeOther).ShouldBe(1);
        clicks.Count(click => click.StatusCode == HttpStatusCode.NotFound).ShouldBe(7);
    }

    private static Task<HttpResponseMessage> Invite(AccountsHost host, string cookie, string email, string role) =>
        host.AsPerson(cookie, HttpMethod.Post, "/v1/invitations", new { email, role });

    private static Task<HttpResponseMessage> LookUp(AccountsHost host, string email) =>
        host.Post("/v1/invitations/look-up", new { token = Token(host, email) });

    private static string Token(AccountsHost host, string email)
    {
        var link = host.Mails.LinkTo(email);
        return link[(link.LastIndexOf('/') + 1)..];
    }
}
