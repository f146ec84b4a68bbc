using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class RecordingAnAudit(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Makes_a_chain_per_organisation_that_verifies()
    {
        await using var replica = new AccountsReplica(database);
        var first = await replica.CreateOrganisation("First");
        var second = await replica.CreateOrganisation("Second");
        await Record(replica, first.Id, "key.created");

        (await replica.Audit.Verify(first.Id, default)).ShouldBeOfType<AuditVerdict.Intact>().Entries.ShouldBe(2);
        (await replica.Audit.Verify(second.Id, default)).ShouldBeOfType<AuditVerdict.Intact>().Entries.ShouldBe(1);
    }

    [Fact]
    public async Task Keeps_one_unbroken_chain_when_many_write_at_once()
    {
        await using var replica = new AccountsReplica(database);
        var org = (await replica.CreateOrganisation()).Id;

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Record(replica, org, "key.created")));

        (await replica.Audit.Verify(org, default)).ShouldBeOfType<AuditVerdict.Intact>().Entries.ShouldBe(65);
    }

    [Fact]
    public async Task Leaves_nothing_when_the_act_is_rolled_back()
    {
        await using var replica = new AccountsReplica(database);
        var org = (await replica.CreateOrganisation()).Id;
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await replica.Audit.Record(transaction, new AuditEntry(org, "system", "key.created", "key_1"), default);
            await transaction.RollbackAsync();
        }

        (await replica.Audit.Verify(org, default)).ShouldBeOfType<AuditVerdict.Intact>().Entries.ShouldBe(1);
    }

    [Theory]
    [InlineData("update accounts.audit_log set actor = 'nobody' where org_id = $1 and sequence = 2", 2)]
    [InlineData("update accounts.audit_log set after_state = '{ }' where org_id = $1 and sequence = 2", 2)]
    [InlineData("update accounts.audit_log set reason = '' where org_id = $1 and sequence = 2", 2)]
    [InlineData("update accounts.audit_log set recorded_at = '2025-12-31' where org_id = $1 and sequence = 3", 3)]
    [InlineData("delete from accounts.audit_log where org_id = $1 and sequence = 2", 2)]
    [InlineData("delete from accounts.audit_log where org_id = $1 and sequence = 3", 3)]
    [InlineData("update accounts.audit_heads set hash = sha256('x') where org_id = $1", 4)]
    public async Task Shows_where_somebody_changed_it(string tampering, long place)
    {
        await using var replica = new AccountsReplica(database);
        var org = (await replica.CreateOrganisation()).Id;
        await Record(replica, org, "key.created");
        await Record(replica, org, "key.revoked");

        await Tamper(org, tampering);

        (await replica.Audit.Verify(org, default)).ShouldBeOfType<AuditVerdict.Broken>().Sequence.ShouldBe(place);
    }

    [Theory]
    [InlineData("update accounts.audit_log set actor = 'nobody'")]
    [InlineData("delete from accounts.audit_log")]
    [InlineData("truncate accounts.audit_log")]
    [InlineData("delete from accounts.audit_heads")]
    public async Task Cannot_be_undone_by_the_host_nor_by_the_owner(string sql)
    {
        await using var asHost = database.App.CreateCommand(sql);
        var refusedToHost = await Should.ThrowAsync<PostgresException>(() => asHost.ExecuteNonQueryAsync());
        refusedToHost.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);

        await using var asOwner = database.Owner.CreateCommand(sql);
        var refusedToOwner = await Should.ThrowAsync<PostgresException>(() => asOwner.ExecuteNonQueryAsync());
        refusedToOwner.SqlState.ShouldBe(PostgresErrorCodes.IntegrityConstraintViolation);
    }

    private async Task Record(AccountsReplica replica, OrgId org, string action)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await replica.Audit.Record(
            transaction,
            new AuditEntry(org, "usr_1", action, "key_1", After: """{"label":"Zoë"}"""),
            default);
        await transaction.CommitAsync();
    }

    // Only who owns the database can switch the triggers off.
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
