using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class SearchingTheAudit(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData("actor=usr_ada", new[] { 5, 2 })]
    [InlineData("actor=usr_op", new[] { 4 })]
    [InlineData("impersonated=true", new[] { 4 })]
    [InlineData("actor=nobody@example.com", new int[0])]
    [InlineData("action=key", new[] { 3, 2 })]
    [InlineData("action=key.revoked", new[] { 3 })]
    [InlineData("action=ke", new int[0])]
    [InlineData("subject=key_1", new[] { 3, 2 })]
    [InlineData("from=2026-01-01T00:03:00Z", new[] { 5, 4 })]
    [InlineData("to=2026-01-01T00:01:00Z", new[] { 1 })]
    [InlineData("from=2026-01-01T00:01:00Z&to=2026-01-01T00:03:00Z&actor=usr_ada", new[] { 2 })]
    public async Task Finds_by_who_what_to_what_and_when(string query, int[] found)
    {
        await using var host = await AccountsHost.Start(database);
        var (org, root) = await Entries(host);

        var page = await (await host.Get($"/v1/audit?{query}", root, org)).Json();

        page.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("sequence").GetInt32()).ShouldBe(found);
    }

    [Fact]
    public async Task Pages_through_what_it_finds()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, root) = await Entries(host);

        var first = await (await host.Get("/v1/audit?action=key&limit=1", root, org)).Json();
        var cursor = first.GetProperty("next_cursor").GetString();
        var second = await (await host.Get($"/v1/audit?action=key&limit=1&cursor={cursor}", root, org)).Json();

        first.GetProperty("data")[0].GetProperty("sequence").GetInt32().ShouldBe(3);
        second.GetProperty("data")[0].GetProperty("sequence").GetInt32().ShouldBe(2);
        second.GetProperty("next_cursor").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Exports_all_of_it_oldest_first_in_both_forms()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, root) = await Entries(host);
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            for (var number = 0; number < Limits.AuditExportedAtOnce; number++)
            {
                await host.Audit.Record(transaction, new AuditEntry(org, "usr_bob", "plan.read", $"plan_{number}"), default);
            }

            await transaction.CommitAsync();
        }

        var csv = await (await host.Get("/v1/audit/export?format=csv", root, org)).Content.ReadAsStringAsync();
        var jsonl = await (await host.Get("/v1/audit/export", root, org)).Content.ReadAsStringAsync();

        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(Limits.AuditExportedAtOnce + 6);
        lines[0].ShouldStartWith("sequence,recorded_at,actor,impersonator,action");
        lines[3].ShouldContain("\"'=cmd\"");
        lines[4].ShouldContain("\"usr_op\"");
        var entries = jsonl.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        entries.Select(entry => entry.GetProperty("sequence").GetInt32())
            .ShouldBe(Enumerable.Range(1, Limits.AuditExportedAtOnce + 5));
    }

    [Fact]
    public async Task Says_up_to_where_the_chain_was_verified_and_where_it_is_broken()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, root) = await Entries(host);

        var good = await (await host.Get("/v1/audit/verification", root, org)).Json();
        await Tamper(org, "update accounts.audit_log set impersonator = null where org_id = $1 and sequence = 4");
        var bad = await (await host.Get("/v1/audit/verification", root, org)).Json();

        good.GetProperty("from").GetInt64().ShouldBe(1);
        good.GetProperty("up_to").GetInt64().ShouldBe(5);
        good.GetProperty("broken_at").ValueKind.ShouldBe(JsonValueKind.Null);
        bad.GetProperty("broken_at").GetInt64().ShouldBe(4);
        bad.GetProperty("up_to").GetInt64().ShouldBe(3);
    }

    [Fact]
    public async Task Shows_an_organisation_none_of_anothers_entries()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, root) = await Entries(host);
        var other = (await host.Organisations.CreateTest("Other")).Id;

        var page = await (await host.Get("/v1/audit?actor=usr_ada", root, other)).Json();

        page.GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    // Entry 1 is the organisation's creation; then one a minute.
    private async Task<(OrgId Org, string Root)> Entries(AccountsHost host)
    {
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        AuditEntry[] entries =
        [
            new(org, "usr_ada", "key.created", "key_1", After: """{"label":"Zoë"}"""),
            new(org, "usr_bob", "key.revoked", "key_1", "=cmd"),
            new(org, "usr_cy", "member.removed", "usr_ada") { Impersonator = "usr_op" },
            new(org, "usr_ada", "keys.listed", "org_1"),
        ];
        foreach (var entry in entries)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(1));
            await using var connection = await database.App.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await host.Audit.Record(transaction, entry, default);
            await transaction.CommitAsync();
        }

        return (org, root.Secret);
    }

    private async Task Tamper(OrgId org, string sql)
    {
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("set session_replication_role = replica"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = org.Value } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("reset session_replication_role"));
        await batch.ExecuteNonQueryAsync();
    }
}
