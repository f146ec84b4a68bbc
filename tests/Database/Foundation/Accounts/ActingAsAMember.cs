using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ActingAsAMember(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Needs_no_name_of_an_organisation_where_there_is_only_one()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (person, cookie) = await host.SignedIn(database, "only@example.com");
        await database.Join(acme, person, MemberRole.Viewer);

        var answer = await host.AsPerson(cookie, "/v1/whoami");

        (await answer.Content.ReadAsStringAsync()).ShouldBe($"Organisation {person} {acme}");
    }

    [Fact]
    public async Task Says_which_of_several_organisations_is_meant()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var globex = (await host.Organisations.CreateTest("Globex")).Id;
        var (person, cookie) = await host.SignedIn(database, "several@example.com");
        await database.Join(acme, person, MemberRole.Viewer);
        await database.Join(globex, person, MemberRole.Owner);

        var unnamed = await host.AsPerson(cookie, "/v1/whoami");
        var byHeader = await host.AsPerson(cookie, "/v1/whoami", acme);
        var byAddress = await host.AsPerson(cookie, $"/v1/whoami?org={globex}");

        var problem = await unnamed.Problem(409, "organisation_selection_required");
        problem.GetProperty("organisation_ids").EnumerateArray().Select(id => id.GetString())
            .ShouldBe([acme.ToString(), globex.ToString()], ignoreOrder: true);
        (await byHeader.Content.ReadAsStringAsync()).ShouldEndWith(acme.ToString());
        (await byAddress.Content.ReadAsStringAsync()).ShouldEndWith(globex.ToString());
    }

    [Fact]
    public async Task Is_offered_only_organisations_where_it_may_be_done()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var globex = (await host.Organisations.CreateTest("Globex")).Id;
        var (person, cookie) = await host.SignedIn(database, "offered@example.com");
        await database.Join(acme, person, MemberRole.Viewer);
        await database.Join(globex, person, MemberRole.Developer);

        var keys = await host.AsPerson(cookie, "/v1/keys");
        var audit = await host.AsPerson(cookie, "/v1/audit");

        var problem = await keys.Problem(409, "organisation_selection_required");
        problem.GetProperty("organisation_ids").EnumerateArray().Single().GetString().ShouldBe(globex.ToString());
        await audit.Problem(403, "permission_denied");
    }

    [Theory]
    [InlineData("org_00000000000000000000000001")]
    [InlineData("acme")]
    [InlineData("")]
    public async Task Finds_no_organisation_one_does_not_belong_to(string named)
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var other = (await host.Organisations.CreateTest("Globex")).Id;
        var (person, cookie) = await host.SignedIn(database, $"stranger{named.Length}@example.com");
        await database.Join(acme, person, MemberRole.Owner);

        await (await host.AsPerson(cookie, $"/v1/whoami?org={named}")).Problem(404, "organisation_not_found");
        await (await host.AsPerson(cookie, "/v1/whoami", other)).Problem(404, "organisation_not_found");
    }

    [Fact]
    public async Task Allows_what_the_role_allows()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (viewer, looking) = await host.SignedIn(database, "viewer@example.com");
        var (developer, building) = await host.SignedIn(database, "developer@example.com");
        await database.Join(acme, viewer, MemberRole.Viewer);
        await database.Join(acme, developer, MemberRole.Developer);

        (await host.AsPerson(building, "/v1/keys")).IsSuccessStatusCode.ShouldBeTrue();
        (await host.AsPerson(looking, "/v1/members")).IsSuccessStatusCode.ShouldBeTrue();
        var refused = await (await host.AsPerson(looking, "/v1/keys")).Problem(403, "permission_denied");
        refused.GetProperty("permission").GetString().ShouldBe("keys.manage");
    }

    [Fact]
    public async Task Ends_everywhere_within_a_second_of_being_removed()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (person, cookie) = await host.SignedIn(database, "removed@example.com");
        await database.Join(acme, person, MemberRole.Admin);
        (await host.AsPerson(cookie, "/v1/members", acme)).IsSuccessStatusCode.ShouldBeTrue();

        await database.Write("delete from accounts.members where user_id = $1", person.Value);
        host.Clock.Advance(Limits.FreshFor);

        await (await host.AsPerson(cookie, "/v1/members", acme)).Problem(404, "organisation_not_found");
        await (await host.AsPerson(cookie, "/v1/members")).Problem(403, "permission_denied");
    }

    [Fact]
    public async Task Does_not_come_between_an_operator_and_the_organisations()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var other = (await host.Organisations.CreateTest("Globex")).Id;
        var (person, cookie) = await host.SignedIn(database, "both@example.com", isOperator: true);
        await database.Join(acme, person, MemberRole.Viewer);

        var answer = await host.AsPerson(cookie, "/v1/whoami", other);

        (await answer.Content.ReadAsStringAsync()).ShouldBe($"Operator {person} {other}");
    }

    [Fact]
    public async Task Lists_who_belongs_to_the_organisation()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var (owner, cookie) = await host.SignedIn(database, "owner@example.com");
        var (second, _) = await host.SignedIn(database, "second@example.com");
        await database.Join(acme, owner, MemberRole.Owner, joined: "2026-01-01");
        await database.Join(acme, second, MemberRole.Finance, joined: "2026-02-01");

        var first = await (await host.AsPerson(cookie, "/v1/members?limit=1")).Json();
        var cursor = first.GetProperty("next_cursor").GetString();
        var rest = await (await host.AsPerson(cookie, $"/v1/members?limit=1&cursor={cursor}")).Json();

        first.GetProperty("data")[0].GetProperty("email").GetString().ShouldBe("owner@example.com");
        rest.GetProperty("data")[0].GetProperty("role").GetString().ShouldBe("finance");
        rest.GetProperty("next_cursor").GetString().ShouldBeNull();
    }
}
