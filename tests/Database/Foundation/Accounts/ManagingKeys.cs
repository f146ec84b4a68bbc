using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ManagingKeys(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Shows_the_secret_once_and_keeps_only_its_hash()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();

        var created = await (await host.Post("/v1/keys", new { label = "Gateway" }, root.Secret, org)).Json(201);

        var secret = created.GetProperty("secret").GetString()!;
        secret.ShouldStartWith("qn_test_");
        var key = created.GetProperty("key");
        key.GetProperty("last_four").GetString().ShouldBe(secret[^4..]);
        key.GetProperty("created_by").GetString().ShouldBe(root.Key.Id.ToString());
        key.GetProperty("roles").ValueKind.ShouldBe(JsonValueKind.Null);
        var listed = await (await host.Get("/v1/keys", root.Secret, org)).Json();
        listed.GetProperty("data")[0].GetProperty("id").GetString().ShouldBe(key.GetProperty("id").GetString());
        listed.ToString().ShouldNotContain(secret);
        (await Everything(org)).ShouldNotContain(secret);
        (await host.Get("/v1/whoami", secret)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Gives_live_organisations_live_keys()
    {
        await using var host = await AccountsHost.Start(database);
        var outcome = await host.Organisations.Create(
            new NewOrganisation("Live", OrganisationMode.Live), "system", default);
        var org = outcome.ShouldBeOfType<CreateOrganisationOutcome.Created>().Organisation.Id;

        (await host.Keys.CreateKey(org)).Secret.ShouldStartWith("qn_live_");
    }

    [Fact]
    public async Task Is_for_operators_only()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var key = await host.Keys.CreateKey(org);

        await (await host.Post("/v1/keys", new { label = "Mine" }, key.Secret)).Problem(403, "permission_denied");
        await (await host.Get("/v1/keys", key.Secret)).Problem(403, "permission_denied");
        await (await host.Delete($"/v1/keys/{key.Key.Id}", key.Secret)).Problem(403, "permission_denied");
        await (await host.Get("/v1/operator-keys", key.Secret)).Problem(403, "permission_denied");
        await (await host.Get("/v1/audit", key.Secret)).Problem(403, "permission_denied");
        await (await host.Get("/v1/organisations", key.Secret)).Problem(403, "permission_denied");
    }

    [Fact]
    public async Task Answers_404_for_a_key_of_another_organisation()
    {
        await using var host = await AccountsHost.Start(database);
        var mine = (await host.Organisations.CreateTest("Mine")).Id;
        var theirs = (await host.Organisations.CreateTest("Theirs")).Id;
        var root = await host.Keys.CreateOperatorKey();
        var key = await host.Keys.CreateKey(theirs);

        var response = await host.Delete($"/v1/keys/{key.Key.Id}", root.Secret, mine);

        await response.Problem(404, "not_found");
        (await host.Get("/v1/whoami", key.Secret)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Revokes_once_and_says_so_again()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var key = await host.Keys.CreateKey(org);

        var first = await (await host.Delete($"/v1/keys/{key.Key.Id}?reason=leaked", root.Secret, org)).Json();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await (await host.Delete($"/v1/keys/{key.Key.Id}", root.Secret, org)).Json();

        first.GetProperty("revoked_by").GetString().ShouldBe(root.Key.Id.ToString());
        second.GetProperty("revoked_at").GetString().ShouldBe(first.GetProperty("revoked_at").GetString());
        var entries = (await (await host.Get("/v1/audit", root.Secret, org)).Json()).GetProperty("data");
        entries.EnumerateArray().Select(entry => entry.GetProperty("action").GetString())
            .ShouldBe(["key.revoked", "key.created", "organisation.created"]);
        entries[0].GetProperty("reason").GetString().ShouldBe("leaked");
        entries[0].GetProperty("actor").GetString().ShouldBe(root.Key.Id.ToString());
        entries[0].GetProperty("before").GetProperty("revoked_at").ValueKind.ShouldBe(JsonValueKind.Null);
        entries[0].GetProperty("after").GetProperty("revoked_by").GetString().ShouldBe(root.Key.Id.ToString());
    }

    [Fact]
    public async Task Creates_and_revokes_keys_of_the_operator()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();

        var created = await (await host.Post(
            "/v1/operator-keys", new { label = "Second", roles = new[] { "admin" } }, root.Secret)).Json(201);
        var secret = created.GetProperty("secret").GetString()!;
        var id = created.GetProperty("key").GetProperty("id").GetString();
        secret.ShouldStartWith("qn_op_");
        (await host.Get("/v1/operator-keys", secret)).IsSuccessStatusCode.ShouldBeTrue();
        await (await host.Delete($"/v1/operator-keys/{id}", root.Secret)).Json();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        await (await host.Get("/v1/operator-keys", secret)).Problem(401, "revoked_key");
    }

    [Fact]
    public async Task Refuses_what_a_key_cannot_be()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var past = host.Clock.GetUtcNow();

        var wrong = await host.Post(
            "/v1/keys", new { label = " ", expires_at = past, reason = "a\u0001b" }, root.Secret, org);
        var unknownRole = await host.Post(
            "/v1/operator-keys", new { label = "x", roles = new[] { "king" } }, root.Secret);
        var noRole = await host.Post(
            "/v1/operator-keys", new { label = "x", roles = Array.Empty<string>() }, root.Secret);

        var problem = await wrong.Problem(422, "invalid_member");
        problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("member").GetString())
            .ShouldBe(["label", "expires_at", "reason"]);
        await unknownRole.Problem(422, "invalid_member");
        await noRole.Problem(422, "invalid_member");
    }

    [Fact]
    public async Task Pages_through_keys_newest_first()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var ids = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            ids.Insert(0, (await host.Keys.CreateKey(org)).Key.Id.ToString());
        }

        var seen = new List<string>();
        for (var path = "/v1/keys?limit=2"; path is not null;)
        {
            var page = await (await host.Get(path, root.Secret, org)).Json();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(key => key.GetProperty("id").GetString()!));
            var next = page.GetProperty("next_cursor").GetString();
            path = next is null ? null : $"/v1/keys?limit=2&cursor={next}";
        }

        seen.ShouldBe(ids);
    }

    [Fact]
    public async Task Keeps_when_a_key_was_last_used_whatever_stops_the_replica_in_good_order()
    {
        await using var other = new AccountsReplica(database);
        var org = (await other.CreateOrganisation()).Id;
        var key = await other.Keys.CreateKey(org);
        DateTimeOffset usedAt;
        await using (var host = await AccountsHost.Start(database))
        {
            host.Clock.Advance(TimeSpan.FromHours(1));
            await host.Get("/v1/whoami", key.Secret);
            usedAt = host.Clock.GetUtcNow();
        }

        (await other.Keys.Newest(org, default)).Single().LastUsedAt.ShouldBe(usedAt);
    }

    private async Task<string> Everything(OrgId org)
    {
        await using var command = database.Owner.CreateCommand("""
            select string_agg(row::text, ' ')
            from (
                select to_jsonb(k) as row from accounts.keys k where org_id = $1
                union all
                select to_jsonb(a) from accounts.audit_log a where org_id = $1
            ) all_rows
            """);
        command.Parameters.Add(new() { Value = org.Value });
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
