using System.Net;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ManagingMembers(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Gives_another_role_and_says_so_in_the_audit_log()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "admin-1@example.com");
        var (viewer, _) = await host.Member(database, acme, MemberRole.Viewer, "viewer-1@example.com");

        var changed = await host.AsPerson(
            admin, HttpMethod.Patch, $"/v1/members/{viewer}", new { role = "developer", reason = "joins the team" });

        (await changed.Json()).GetProperty("role").GetString().ShouldBe("developer");
        await using var audit = database.Owner.Sql(
            "select action || ' ' || reason from accounts.audit_log where org_id = $1 order by sequence desc limit 1",
            acme.Value);
        (await audit.ExecuteScalarAsync()).ShouldBe("member.role_changed joins the team");
    }

    [Theory]
    [InlineData(MemberRole.Admin, MemberRole.Viewer, MemberRole.Owner)]
    [InlineData(MemberRole.Admin, MemberRole.Owner, MemberRole.Viewer)]
    public async Task Gives_and_takes_no_role_that_allows_more_than_the_giver_may(string giver, string from, string to)
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, cookie) = await host.Member(database, acme, giver, $"giver-{from}@example.com");
        var (other, _) = await host.Member(database, acme, from, $"other-{from}@example.com");

        var changed = await host.AsPerson(cookie, HttpMethod.Patch, $"/v1/members/{other}", new { role = to });

        await changed.Problem(403, "role_out_of_reach");
    }

    [Theory]
    [InlineData("boss", 422)]
    [InlineData("", 422)]
    public async Task Knows_its_roles(string role, int status)
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (owner, cookie) = await host.Member(database, acme, MemberRole.Owner, $"roles{role}@example.com");

        (await host.AsPerson(cookie, HttpMethod.Patch, $"/v1/members/{owner}", new { role }))
            .StatusCode.ShouldBe((HttpStatusCode)status);
    }

    [Fact]
    public async Task Keeps_the_last_owner()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (owner, cookie) = await host.Member(database, acme, MemberRole.Owner, "last@example.com");

        await (await host.AsPerson(cookie, HttpMethod.Post, "/v1/organisation/leave")).Problem(409, "last_owner");
        await (await host.AsPerson(cookie, HttpMethod.Patch, $"/v1/members/{owner}", new { role = "admin" }))
            .Problem(409, "last_owner");
        await (await host.AsPerson(cookie, HttpMethod.Delete, $"/v1/members/{owner}")).Problem(409, "last_owner");
    }

    [Fact]
    public async Task Keeps_one_of_two_owners_who_leave_at_once_on_two_replicas()
    {
        var clock = new SettableClock();
        await using var here = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);
        var (_, first) = await here.SignedIn(database, "leaver-1@example.com");
        var (_, second) = await here.SignedIn(database, "leaver-2@example.com");
        for (var round = 0; round < 8; round++)
        {
            var org = (await here.Organisations.CreateTest()).Id;
            await Join(org, "leaver-1@example.com");
            await Join(org, "leaver-2@example.com");
            clock.Advance(Limits.FreshFor);

            var answers = await Task.WhenAll(
                here.AsPerson(first, HttpMethod.Post, "/v1/organisation/leave", org: org),
                there.AsPerson(second, HttpMethod.Post, "/v1/organisation/leave", org: org));

            answers.Select(answer => (int)answer.StatusCode).Order().ShouldBe([200, 409]);
            await using var owners = database.Owner.Sql(
                "select count(*) from accounts.members where org_id = $1 and role = 'owner'", org.Value);
            (await owners.ExecuteScalarAsync()).ShouldBe(1L);
        }

        Task Join(OrgId org, string email) => database.Write(
            """
            insert into accounts.members (org_id, user_id, role, added_by, joined_at)
            select $1, user_id, 'owner', 'system', created_at
            from accounts.users
            where email_folded = $2
            """,
            org.Value,
            email);
    }

    [Fact]
    public async Task Removes_somebody_and_refuses_them_everywhere_within_a_second()
    {
        var clock = new SettableClock();
        await using var here = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);
        var acme = (await here.Organisations.CreateTest()).Id;
        var (_, owner) = await here.Member(database, acme, MemberRole.Owner, "remover@example.com");
        var (gone, cookie) = await here.Member(database, acme, MemberRole.Admin, "gone@example.com");
        (await there.AsPerson(cookie, "/v1/members")).IsSuccessStatusCode.ShouldBeTrue();

        (await here.AsPerson(owner, HttpMethod.Delete, $"/v1/members/{gone}")).IsSuccessStatusCode.ShouldBeTrue();

        clock.Advance(Limits.FreshFor);
        await (await there.AsPerson(cookie, "/v1/members", acme)).Problem(404, "organisation_not_found");
        await (await here.AsPerson(owner, HttpMethod.Delete, $"/v1/members/{gone}")).Problem(404, "not_found");
    }

    [Fact]
    public async Task Hands_the_organisation_over_once_the_new_owner_takes_it()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (owner, giving) = await host.Member(database, acme, MemberRole.Owner, "giving@example.com");
        var (heir, taking) = await host.Member(database, acme, MemberRole.Developer, "taking@example.com");

        await (await host.AsPerson(taking, HttpMethod.Post, "/v1/organisation/ownership-offer/accept"))
            .Problem(404, "not_found");
        (await host.AsPerson(giving, HttpMethod.Post, "/v1/organisation/ownership-offer", new { user_id = heir }))
            .IsSuccessStatusCode.ShouldBeTrue();
        await (await host.AsPerson(giving, HttpMethod.Post, "/v1/organisation/ownership-offer/accept"))
            .Problem(404, "not_found");
        (await host.AsPerson(taking, HttpMethod.Post, "/v1/organisation/ownership-offer/accept"))
            .IsSuccessStatusCode.ShouldBeTrue();

        var members = (await (await host.AsPerson(taking, "/v1/members")).Json()).GetProperty("data").EnumerateArray()
            .ToDictionary(row => row.GetProperty("id").GetString()!, row => row.GetProperty("role").GetString());
        members[owner.ToString()].ShouldBe("admin");
        members[heir.ToString()].ShouldBe("owner");
    }
}
