using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ScopingKeys(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Lets_a_key_do_what_its_scopes_say_and_no_more()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();

        var ingest = await Create(host, root.Secret, org, new { label = "Gateway", preset = "ingest" });
        var reader = await Create(host, root.Secret, org, new { label = "Report", scopes = new[] { "usage.read" } });

        await (await host.Get("/v1/whoami", ingest.Secret)).Problem(403, "permission_denied");
        (await host.Get("/v1/whoami", reader.Secret)).IsSuccessStatusCode.ShouldBeTrue();
        await (await host.Get("/v1/organisation", reader.Secret)).Problem(403, "permission_denied");
    }

    [Fact]
    public async Task Has_no_scope_that_manages_keys_people_or_money()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();

        var list = await (await host.Get("/v1/key-scopes", root.Secret)).Json();

        var scopes = list.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!).ToList();
        scopes.ShouldNotContain(Permission.KeysManage.Name);
        scopes.Where(scope => !scope.EndsWith(".read", StringComparison.Ordinal))
            .ShouldBe(
                ["events.write", "inference.call", "test_clock.advance", "webhooks.manage", "virtual_keys.manage"],
                ignoreOrder: true);
        list.GetProperty("presets").EnumerateArray()
            .SelectMany(preset => preset.GetProperty("scopes").EnumerateArray())
            .ShouldAllBe(scope => scopes.Contains(scope.GetString()!) && scope.GetString() != "virtual_keys.manage");
    }

    [Theory]
    [InlineData("POST", "/v1/keys")]
    [InlineData("GET", "/v1/keys")]
    [InlineData("DELETE", "/v1/keys/{key}")]
    [InlineData("POST", "/v1/keys/{key}/rotate")]
    [InlineData("GET", "/v1/key-scopes")]
    [InlineData("POST", "/v1/service-accounts")]
    [InlineData("GET", "/v1/service-accounts")]
    [InlineData("GET", "/v1/operator-keys")]
    [InlineData("POST", "/v1/operator-keys/{key}/rotate")]
    public async Task Keeps_keys_from_managing_keys(string method, string path)
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var key = await host.Keys.CreateKey(org);
        using var body = method == "POST" ? new StringContent("{}", null, "application/json") : null;

        var answer = await host.Send(
            new HttpMethod(method), path.Replace("{key}", key.Key.Id.ToString()), key.Secret, org, body);

        await answer.Problem(403, "permission_denied");
    }

    [Fact]
    public async Task Lets_nobody_give_a_key_more_than_they_hold()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var little = new Caller(
            Realm.Organisation, "usr_x", org, new HashSet<Permission> { Permission.KeysManage, Permission.UsageRead });

        var beyond = await host.Keys.CreateAs(
            org, new NewKey("x", Scopes: ["usage.read", "events.write"]), little, default);
        var preset = await host.Keys.CreateAs(org, new NewKey("x", Preset: "full"), little, default);
        var unsaid = await host.Keys.CreateAs(org, new NewKey("x"), little, default);
        var roles = await host.Keys.CreateForOperatorAs(new NewOperatorKey("x", ["admin"]), little, default);

        beyond.ShouldBeOfType<CreateKeyOutcome.Invalid>().Input.Errors["scopes"].ShouldContain("events.write");
        preset.ShouldBeOfType<CreateKeyOutcome.Invalid>();
        unsaid.ShouldBeOfType<CreateKeyOutcome.Created>().Key.Key.Scopes.ShouldBe(["usage.read"]);
        roles.ShouldBeOfType<CreateKeyOutcome.Invalid>();
    }

    [Fact]
    public async Task Belongs_to_a_project_that_is_there_and_in_use()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var elsewhere = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var live = await Project(host, root.Secret, org, "Live");
        var foreign = await Project(host, root.Secret, elsewhere, "Foreign");
        var archived = await Project(host, root.Secret, org, "Archived");
        await (await Archive(archived)).Json();

        await (await New(foreign)).Problem(404, "not_found");
        await (await New(archived)).Problem(404, "not_found");
        var key = await Create(host, root.Secret, org, new { label = "part", project_id = live });
        await (await Archive(live)).Problem(409, "project_in_use");
        await host.Delete($"/v1/keys/{key.Id}", root.Secret, org);
        await (await Archive(live)).Json();

        Task<HttpResponseMessage> New(string project) =>
            host.Post("/v1/keys", new { label = "part", project_id = project }, root.Secret, org);

        Task<HttpResponseMessage> Archive(string project) => host.Send(
            HttpMethod.Patch,
            $"/v1/projects/{project}",
            root.Secret,
            org,
            System.Net.Http.Json.JsonContent.Create(new { is_archived = true }));
    }

    [Fact]
    public async Task Leaves_a_projects_key_no_choice_of_who_is_billed()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = await host.Organisations.CreateTest();
        var root = await host.Keys.CreateOperatorKey();
        var project = await Project(host, root.Secret, acme.Id, "Search");
        var key = await Create(host, root.Secret, acme.Id, new { label = "part", project_id = project });

        (await Selected()).GetProperty("id").GetString().ShouldBe(acme.DefaultBillingAccount.Id.ToString());
        var own = (await (await host.Post(
            "/v1/billing-accounts",
            new { kind = "project", name = "Search", currency = "USD", project_id = project },
            root.Secret,
            acme.Id)).Json(201)).GetProperty("id").GetString();
        host.Clock.Advance(Limits.FreshFor);
        (await Selected()).GetProperty("id").GetString().ShouldBe(own);
        using var named = new HttpRequestMessage(HttpMethod.Get, "/v1/billing-account");
        named.Headers.Authorization = new("Bearer", key.Secret);
        named.Headers.Add(BillingAccountSelector.Header, acme.DefaultBillingAccount.Id.ToString());
        await (await host.Client.SendAsync(named)).Problem(403, "billing_account_out_of_reach");

        async Task<JsonElement> Selected() => await (await host.Get("/v1/billing-account", key.Secret)).Json();
    }

    private static async Task<string> Project(AccountsHost host, string key, OrgId org, string name) =>
        (await (await host.Post("/v1/projects", new { name }, key, org)).Json(201)).GetProperty("id").GetString()!;

    [Fact]
    public async Task Lets_nobody_rotate_a_key_that_may_do_more_than_they()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var key = await host.Keys.CreateKey(org);
        var little = new Caller(
            Realm.Organisation, "usr_x", org, new HashSet<Permission> { Permission.KeysManage, Permission.UsageRead });

        var outcome = await host.Keys.RotateAs(org, key.Key.Id, new KeyRotation(), little, default);

        outcome.ShouldBeOfType<RotateKeyOutcome.BeyondOwn>().Permissions.ShouldContain("events.write");
    }

    [Fact]
    public async Task Refuses_scopes_that_cannot_be()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        object[] wrong =
        [
            new { label = "x", scopes = new[] { "keys.manage" } },
            new { label = "x", scopes = Array.Empty<string>() },
            new { label = "x", scopes = new[] { "usage.read", "usage.read" } },
            new { label = "x", scopes = new[] { "usage.read" }, preset = "read" },
            new { label = "x", preset = "everything" },
        ];

        foreach (var body in wrong)
        {
            await (await host.Post("/v1/keys", body, root.Secret, org)).Problem(422, "invalid_member");
        }
    }

    [Fact]
    public async Task Refuses_all_keys_of_a_disabled_machine_on_every_replica_within_a_second()
    {
        await using var here = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database, here.Clock);
        var org = (await here.Organisations.CreateTest()).Id;
        var root = await here.Keys.CreateOperatorKey();
        var account = await (await here.Post("/v1/service-accounts", new { name = "Gateway" }, root.Secret, org)).Json(201);
        var id = account.GetProperty("id").GetString()!;
        var first = await Create(here, root.Secret, org, new { label = "a", service_account_id = id });
        var second = await Create(here, root.Secret, org, new { label = "b", service_account_id = id });
        var free = await Create(here, root.Secret, org, new { label = "c" });
        (await there.Get("/v1/whoami", first.Secret)).IsSuccessStatusCode.ShouldBeTrue();

        await (await here.Post($"/v1/service-accounts/{id}/disable?reason=lost", new { }, root.Secret, org)).Json();
        here.Clock.Advance(TimeSpan.FromSeconds(1));

        await (await there.Get("/v1/whoami", first.Secret)).Problem(401, "service_account_disabled");
        await (await there.Get("/v1/whoami", second.Secret)).Problem(401, "service_account_disabled");
        (await there.Get("/v1/whoami", free.Secret)).IsSuccessStatusCode.ShouldBeTrue();
        var more = await here.Post("/v1/keys", new { label = "d", service_account_id = id }, root.Secret, org);
        await more.Problem(404, "not_found");
        await (await here.Post($"/v1/service-accounts/{id}/enable", new { }, root.Secret, org)).Json();
        here.Clock.Advance(TimeSpan.FromSeconds(1));
        (await there.Get("/v1/whoami", first.Secret)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Keeps_machines_of_another_organisation_out_of_sight()
    {
        await using var host = await AccountsHost.Start(database);
        var mine = (await host.Organisations.CreateTest("Mine")).Id;
        var theirs = (await host.Organisations.CreateTest("Theirs")).Id;
        var root = await host.Keys.CreateOperatorKey();
        var account = await (await host.Post("/v1/service-accounts", new { name = "x" }, root.Secret, theirs)).Json(201);
        var id = account.GetProperty("id").GetString()!;

        var used = await host.Post("/v1/keys", new { label = "x", service_account_id = id }, root.Secret, mine);
        var disabled = await host.Post($"/v1/service-accounts/{id}/disable", new { }, root.Secret, mine);

        await used.Problem(404, "not_found");
        await disabled.Problem(404, "not_found");
        var listed = await (await host.Get("/v1/service-accounts", root.Secret, mine)).Json();
        listed.GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    private static async Task<(string Id, string Secret)> Create(AccountsHost host, string root, OrgId org, object body)
    {
        var created = await (await host.Post("/v1/keys", body, root, org)).Json(201);
        return (created.GetProperty("key").GetProperty("id").GetString()!, created.GetProperty("secret").GetString()!);
    }
}
