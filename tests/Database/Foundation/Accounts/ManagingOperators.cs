using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ManagingOperators(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Adds_changes_and_removes_somebody_and_says_so_in_the_audit_log()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, admin) = await host.SignedIn(database, "admin-a@example.com", isOperator: true);

        var made = await host.AsPerson(
            admin, HttpMethod.Post, "/v1/operators", new NewOperator("grace@example.com", ["support"], "joins the desk"));
        var grace = (await made.Json(201)).GetProperty("id").GetString();
        var changed = await host.AsPerson(
            admin, HttpMethod.Patch, $"/v1/operators/{grace}", new OperatorChange(["finance", "pricing"]));
        (await changed.Json()).GetProperty("roles").EnumerateArray().Select(role => role.GetString())
            .ShouldBe(["finance", "pricing"]);
        await (await host.AsPerson(admin, HttpMethod.Delete, $"/v1/operators/{grace}?reason=left")).Json();

        (await Emails(host, admin)).ShouldNotContain("grace@example.com");
        await using var audit = database.Owner.Sql(
            """
            select string_agg(action || coalesce(' ' || reason, ''), ', ' order by sequence)
            from accounts.audit_log
            where org_id = $1
                and subject = $2
                and action like 'operator.%'
            """,
            Guid.Empty,
            grace!);
        (await audit.ExecuteScalarAsync()).ShouldBe(
            "operator.created joins the desk, operator.roles_changed, operator.removed left");
    }

    [Fact]
    public async Task Takes_effect_on_every_replica_within_a_second()
    {
        var clock = new SettableClock();
        await using var here = await AccountsHost.Start(database, clock);
        await using var there = await AccountsHost.Start(database, clock);
        var (_, admin) = await here.SignedIn(database, "admin-b@example.com", isOperator: true);
        var (other, theirs) = await here.SignedIn(database, "other-b@example.com", isOperator: true);
        await (await there.AsPerson(theirs, HttpMethod.Get, "/v1/operators")).Json();

        await (await here.AsPerson(
            admin, HttpMethod.Patch, $"/v1/operators/{other}", new OperatorChange(["support"]))).Json();
        clock.Advance(Limits.FreshFor);

        await (await there.AsPerson(theirs, HttpMethod.Get, "/v1/operators")).Problem(403, "permission_denied");
    }

    [Fact]
    public async Task Lets_nobody_change_their_own_roles_by_session_or_by_a_key_they_made()
    {
        await using var host = await AccountsHost.Start(database);
        var (self, admin) = await host.SignedIn(database, "self@example.com", isOperator: true);
        var key = (await (await host.AsPerson(
            admin, HttpMethod.Post, "/v1/operator-keys", new NewOperatorKey("mine", ["admin"]))).Json(201))
            .GetProperty("secret").GetString()!;

        await (await host.AsPerson(admin, HttpMethod.Patch, $"/v1/operators/{self}", new OperatorChange(["support"])))
            .Problem(409, "own_roles");
        await (await host.AsPerson(admin, HttpMethod.Delete, $"/v1/operators/{self}")).Problem(409, "own_roles");
        await (await host.Delete($"/v1/operators/{self}", key)).Problem(409, "own_roles");
    }

    [Fact]
    public async Task Lets_nobody_who_was_removed_come_back_by_a_key_they_made()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, admin) = await host.SignedIn(database, "admin-c@example.com", isOperator: true);
        var (gone, theirs) = await host.SignedIn(database, "gone@example.com", isOperator: true);
        var key = (await (await host.AsPerson(
            theirs, HttpMethod.Post, "/v1/operator-keys", new NewOperatorKey("back door", ["admin"]))).Json(201))
            .GetProperty("secret").GetString()!;
        await (await host.AsPerson(admin, HttpMethod.Delete, $"/v1/operators/{gone}")).Json();

        await (await host.Post("/v1/operators", new NewOperator("gone@example.com", ["admin"]), key))
            .Problem(409, "own_roles");
    }

    [Fact]
    public async Task Gives_and_takes_only_what_the_giver_may_do()
    {
        await using var host = await AccountsHost.Start(database);
        await using var replica = new AccountsReplica(database);
        var (other, _) = await host.SignedIn(database, "other-d@example.com", isOperator: true);
        var held = OperatorRole.PermissionsOf(["support"]).Append(Permission.OperatorsManage).ToHashSet();
        var deputy = new Caller(Realm.Operator, "usr_deputy", null, held);

        (await replica.Operators.Add(deputy, new NewOperator("x@example.com", ["finance"]), default))
            .ShouldBeOfType<CreateOperatorOutcome.Invalid>().Input.Errors.Keys.ShouldBe(["roles"]);
        (await replica.Operators.Change(deputy, other, new OperatorChange(["support"]), default))
            .ShouldBeOfType<ChangeOperatorOutcome.RolesOutOfReach>();
        (await replica.Operators.Remove(deputy, other, null, default))
            .ShouldBeOfType<ChangeOperatorOutcome.RolesOutOfReach>();
    }

    [Fact]
    public async Task Gives_nothing_to_somebody_who_only_claims_the_address()
    {
        await using var host = await AccountsHost.Start(database);
        var (claimant, _) = await host.SignedIn(database, "claimed@example.com");
        await database.Write(
            """
            update accounts.users
            set email_verified_at = null, password_hash = 'x', password_changed_at = created_at
            where user_id = $1
            """,
            claimant.Value);

        var outcome = await host.Operators.Create("claimed@example.com", [OperatorRole.Admin], "system", default);

        outcome.ShouldBeOfType<CreateOperatorOutcome.AddressNotProved>();
    }

    private static async Task<IReadOnlyList<string?>> Emails(AccountsHost host, string cookie) =>
        [.. (await (await host.AsPerson(cookie, HttpMethod.Get, "/v1/operators")).Json())
            .GetProperty("data").EnumerateArray().Select(one => one.GetProperty("email").GetString())];
}

public sealed class KeepingTheLastAdmin(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Refuses_to_take_the_role_of_the_only_admin_who_is_not_shut_out()
    {
        await using var host = await AccountsHost.Start(database);
        await database.Write("delete from accounts.operators");
        var (admin, _) = await host.SignedIn(database, "only@example.com", isOperator: true);
        var (asleep, _) = await host.SignedIn(database, "asleep@example.com", isOperator: true);
        await database.Write("update accounts.users set state = 'suspended' where user_id = $1", asleep.Value);
        var root = await host.Keys.CreateOperatorKey();

        await (await host.Delete($"/v1/operators/{admin}", root.Secret)).Problem(409, "last_admin");
        await (await Patch(host, root.Secret, admin, ["support"])).Problem(409, "last_admin");
        await (await Patch(host, root.Secret, admin, ["admin", "support"])).Json();
        await (await host.Delete($"/v1/operators/{asleep}", root.Secret)).Json();
    }

    [Fact]
    public async Task Keeps_one_of_two_who_remove_each_other_at_once_on_two_replicas()
    {
        await using var here = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database, here.Clock);
        await database.Write("delete from accounts.operators");
        var (one, first) = await here.SignedIn(database, "one@example.com", isOperator: true);
        var (two, second) = await here.SignedIn(database, "two@example.com", isOperator: true);
        await (await there.AsPerson(second, HttpMethod.Get, "/v1/operators")).Json();

        var answers = await Task.WhenAll(
            here.AsPerson(first, HttpMethod.Delete, $"/v1/operators/{two}"),
            there.AsPerson(second, HttpMethod.Delete, $"/v1/operators/{one}"));

        answers.Count(answer => answer.IsSuccessStatusCode).ShouldBe(1);
        await using var left = database.Owner.Sql("select count(*) from accounts.operators");
        (await left.ExecuteScalarAsync()).ShouldBe(1L);
    }

    private static Task<HttpResponseMessage> Patch(AccountsHost host, string key, UserId person, string[] roles) =>
        host.Send(
            HttpMethod.Patch,
            $"/v1/operators/{person}",
            key,
            body: System.Net.Http.Json.JsonContent.Create(new OperatorChange(roles), options: JsonConventions.Options));
}
