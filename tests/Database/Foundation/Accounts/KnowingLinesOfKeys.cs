using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Keys that replace each other are one line, which goes by its first key.</summary>
public sealed class KnowingLinesOfKeys(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Each_key_of_a_line_knows_its_first()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var first = (await host.Keys.CreateKey(org)).Key;

        var third = await Replaced(host, org, await Replaced(host, org, first));

        first.FirstKeyId.ShouldBe(first.Id);
        third.FirstKeyId.ShouldBe(first.Id);
        (await host.Keys.Find(org, third.Id, default)).ShouldNotBeNull().FirstKeyId.ShouldBe(first.Id);
    }

    [Fact]
    public async Task The_keys_of_a_line_that_work_are_found_newest_first()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var first = (await host.Keys.CreateKey(org)).Key;
        var second = await Replaced(host, org, first);
        var third = await Replaced(host, org, second, overlapHours: 1);

        var working = await host.Keys.WorkingOfLine(org, first.Id, default);
        var lines = await host.Keys.WorkingLines(org, first.Scopes!, default);
        var newest = await host.Keys.IdsOfLines(org, [first.Id], rowsMax: 2, default);

        working.Select(key => key.Id).ShouldBe([third.Id, second.Id]);
        lines.Select(key => key.Id).ShouldBe([third.Id]);
        newest.ShouldBe([third.Id, second.Id]);
    }

    [Fact]
    public async Task Keys_that_were_there_before_are_told_their_line()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var first = (await host.Keys.CreateKey(org)).Key;
        var third = await Replaced(host, org, await Replaced(host, org, first));
        var other = (await host.Keys.CreateKey(org)).Key;

        await Execute("""
            drop trigger keys_know_their_first on accounts.keys;
            drop function accounts.know_first_key();
            alter table accounts.keys drop column first_key_id cascade;
            """);
        await Execute(Migration());

        (await host.Keys.Find(org, third.Id, default)).ShouldNotBeNull().FirstKeyId.ShouldBe(first.Id);
        (await host.Keys.Find(org, other.Id, default)).ShouldNotBeNull().FirstKeyId.ShouldBe(other.Id);
    }

    [Fact]
    public async Task A_key_that_the_release_before_writes_is_told_its_line()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var first = (await host.Keys.CreateKey(org)).Key;
        var second = await Replaced(host, org, first);
        var ids = new IdSource(TimeProvider.System);
        var (alone, third) = (ids.Next<KeyId>(), ids.Next<KeyId>());

        await Write(org, alone, replaces: null);
        await Write(org, third, replaces: second.Id);

        (await host.Keys.Find(org, alone, default)).ShouldNotBeNull().FirstKeyId.ShouldBe(alone);
        (await host.Keys.Find(org, third, default)).ShouldNotBeNull().FirstKeyId.ShouldBe(first.Id);
    }

    private static async Task<KeyProfile> Replaced(AccountsHost host, OrgId org, KeyProfile old, int overlapHours = 0)
    {
        var caller = new Caller(Realm.Operator, "system", org, Permission.All.ToHashSet());
        var outcome = await host.Keys.RotateAs(org, old.Id, new KeyRotation(overlapHours), caller, default);
        return outcome.ShouldBeOfType<RotateKeyOutcome.Rotated>().Key.Key;
    }

    private async Task Write(OrgId org, KeyId key, KeyId? replaces)
    {
        await using var command = database.App.Sql(
            """
            insert into accounts.keys (
                org_id, key_id, secret_hash, prefix, last_four, label, created_by, created_at, replaces_key_id)
            values ($1, $2, decode(repeat('00', 32), 'hex'), 'qn_test', 'last', 'old', 'system', $3, $4::uuid)
            """,
            org.Value,
            key.Value,
            DateTimeOffset.UnixEpoch,
            replaces?.Value);
        await command.ExecuteNonQueryAsync();
    }

    private async Task Execute(string sql)
    {
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static string Migration()
    {
        var assembly = typeof(Keys).Assembly;
        var name = assembly.GetManifestResourceNames().Single(one => one.EndsWith("0024-lines-of-keys.sql", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
