using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class RotatingKeys(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Lets_the_old_key_work_until_the_stated_time_and_no_longer()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var old = await host.Keys.CreateKey(org);

        var rotated = await (await host.Post(
            $"/v1/keys/{old.Key.Id}/rotate", new { overlap_hours = 2 }, root.Secret, org)).Json(201);

        var secret = rotated.GetProperty("secret").GetString()!;
        rotated.GetProperty("old").GetProperty("retires_at").GetDateTimeOffset().ShouldBe(host.Clock.GetUtcNow().AddHours(2));
        rotated.GetProperty("key").GetProperty("replaces_key_id").GetString().ShouldBe(old.Key.Id.ToString());
        host.Clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromMilliseconds(1));
        (await host.Get("/v1/whoami", old.Secret)).IsSuccessStatusCode.ShouldBeTrue();
        (await host.Get("/v1/whoami", secret)).IsSuccessStatusCode.ShouldBeTrue();
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await host.Get("/v1/whoami", old.Secret)).Problem(401, "expired_key");
        (await host.Get("/v1/whoami", secret)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Ends_the_old_key_at_once_where_no_overlap_is_wanted()
    {
        await using var host = await AccountsHost.Start(database);
        await using var other = await AccountsHost.Start(database, host.Clock);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var old = await host.Keys.CreateKey(org);
        (await other.Get("/v1/whoami", old.Secret)).IsSuccessStatusCode.ShouldBeTrue();

        await (await host.Post($"/v1/keys/{old.Key.Id}/rotate", new { overlap_hours = 0 }, root.Secret, org)).Json(201);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        await (await other.Get("/v1/whoami", old.Secret)).Problem(401, "expired_key");
    }

    [Fact]
    public async Task Runs_one_rotation_of_a_key_at_a_time()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var old = await host.Keys.CreateKey(org);
        var rotated = await (await host.Post($"/v1/keys/{old.Key.Id}/rotate", new { }, root.Secret, org)).Json(201);
        var next = rotated.GetProperty("key").GetProperty("id").GetString();

        await (await host.Post($"/v1/keys/{old.Key.Id}/rotate", new { }, root.Secret, org)).Problem(409, "key_rotation_running");
        await (await host.Post($"/v1/keys/{next}/rotate", new { }, root.Secret, org)).Problem(409, "key_rotation_running");
        await host.Keys.Revoke(org, old.Key.Id, null, "system", default);
        await (await host.Post($"/v1/keys/{old.Key.Id}/rotate", new { }, root.Secret, org)).Problem(409, "key_not_in_use");
        await (await host.Post($"/v1/keys/{next}/rotate", new { }, root.Secret, org)).Json(201);
    }

    [Fact]
    public async Task Makes_one_successor_when_many_rotate_at_once()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var old = await host.Keys.CreateKey(org);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            host.Post($"/v1/keys/{old.Key.Id}/rotate", new { }, root.Secret, org)));

        answers.Count(answer => (int)answer.StatusCode == 201).ShouldBe(1);
        answers.Count(answer => (int)answer.StatusCode == 409).ShouldBe(7);
    }

    [Fact]
    public async Task Gives_the_new_key_the_scopes_and_the_life_of_the_old_one()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var created = await (await host.Post(
            "/v1/keys",
            new { label = "Gateway", preset = "ingest", expires_at = host.Clock.GetUtcNow().AddDays(30) },
            root.Secret,
            org)).Json(201);
        host.Clock.Advance(TimeSpan.FromDays(20));

        var rotated = await (await host.Post(
            $"/v1/keys/{created.GetProperty("key").GetProperty("id").GetString()}/rotate", new { }, root.Secret, org)).Json(201);

        var key = rotated.GetProperty("key");
        key.GetProperty("label").GetString().ShouldBe("Gateway");
        key.GetProperty("scopes").EnumerateArray().Single().GetString().ShouldBe("events.write");
        key.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(host.Clock.GetUtcNow().AddDays(30));
    }

    [Fact]
    public async Task Answers_a_repeated_request_with_the_same_secret()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var old = await host.Keys.CreateKey(org);
        var path = $"/v1/keys/{old.Key.Id}/rotate";

        var first = await (await host.Post(path, new { }, root.Secret, org, "once")).Json(201);
        var second = await (await host.Post(path, new { }, root.Secret, org, "once")).Json(201);

        second.GetProperty("secret").GetString().ShouldBe(first.GetProperty("secret").GetString());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(169)]
    public async Task Refuses_an_overlap_beyond_a_week(int hours)
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var old = await host.Keys.CreateKey(org);

        var answer = await host.Post($"/v1/keys/{old.Key.Id}/rotate", new { overlap_hours = hours }, root.Secret, org);

        var problem = await answer.Problem(422, "invalid_member");
        problem.GetProperty("errors")[0].GetProperty("member").GetString().ShouldBe("overlap_hours");
    }

    [Fact]
    public async Task Records_both_keys_in_the_audit_log()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var old = await host.Keys.CreateKey(org);

        await (await host.Post($"/v1/keys/{old.Key.Id}/rotate", new { reason = "yearly" }, root.Secret, org)).Json(201);

        var entries = (await (await host.Get("/v1/audit", root.Secret, org)).Json()).GetProperty("data");
        entries.EnumerateArray().Take(2).Select(entry => entry.GetProperty("action").GetString())
            .ShouldBe(["key.rotated", "key.created"]);
        entries[0].GetProperty("reason").GetString().ShouldBe("yearly");
        (await host.Audit.Verify(org, default)).ShouldBeOfType<AuditVerdict.Intact>();
    }
}
