using Npgsql;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Server;

public sealed class BackingUpAndRestoring(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Brings_every_row_and_right_back()
    {
        using var folder = await TestFolder.Create();
        var from = await WithCoins();
        var to = await database.CreateEmptyDatabase();
        var file = Path.Combine(folder.Root, "backup");

        var backup = await Quoin(from, "backup", file);
        var restore = await Quoin(to, "restore", file);

        backup.ExitCode.ShouldBe(0, backup.Output);
        restore.ExitCode.ShouldBe(0, restore.Output);
        (await RowsPerTable(to)).ShouldBe(await RowsPerTable(from));
        (await Scalar<long>(to.App, "select sum(id) from samples.coins")).ShouldBe(500_500);
        (await Should.ThrowAsync<PostgresException>(() => Scalar<object>(to.App, "delete from samples.coins")))
            .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (await Should.ThrowAsync<PostgresException>(() => Scalar<object>(to.Owner, "delete from samples.coins")))
            .MessageText.ShouldBe("coins stay");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Gives_a_database_that_a_host_can_serve()
    {
        using var folder = await TestFolder.Create();
        var from = await WithCoins();
        var to = await database.CreateEmptyDatabase();
        var file = Path.Combine(folder.Root, "backup");

        await Quoin(from, "backup", file);
        await Quoin(to, "restore", file);
        await using var host = await QuoinProcess.ServeDatabase(to.ConnectionString);

        (await host.Stop()).ShouldBe(0);
    }

    [Fact]
    public async Task Does_not_touch_a_database_that_is_not_empty_unless_forced()
    {
        using var folder = await TestFolder.Create();
        var from = await WithCoins();
        var to = await database.CreateDatabase();
        await Scalar<object>(to.Owner, "create table public.kept (id integer)");
        var file = Path.Combine(folder.Root, "backup");
        await Quoin(from, "backup", file);
        var before = await RowsPerTable(to);

        var refused = await Quoin(to, "restore", file);
        var after = await RowsPerTable(to);
        var forced = await Quoin(to, "restore", file, "--force");

        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("--force");
        after.ShouldBe(before);
        forced.ExitCode.ShouldBe(0, forced.Output);
        (await RowsPerTable(to)).ShouldBe(await RowsPerTable(from));
    }

    [Fact]
    public async Task Does_not_restore_under_a_running_host()
    {
        using var folder = await TestFolder.Create();
        var from = await WithCoins();
        var file = Path.Combine(folder.Root, "backup");
        await Quoin(from, "backup", file);
        await using var guest = await from.Owner.OpenConnectionAsync();

        var refused = await Run(from, "restore", file, "--force");

        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("Stop every host first");
    }

    [Fact]
    public async Task Keeps_the_database_when_the_file_is_no_backup()
    {
        using var folder = await TestFolder.Create();
        var to = await WithCoins();
        var file = Path.Combine(folder.Root, "letter");
        await File.WriteAllTextAsync(file, "Dear reader");

        var refused = await Quoin(to, "restore", file, "--force");

        refused.ExitCode.ShouldBe(1);
        (await Scalar<long>(to.App, "select count(*) from samples.coins")).ShouldBe(1000);
    }

    [Fact]
    public async Task Says_so_when_the_folder_of_the_file_is_not_there()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "quoin.dump");

        var backup = await Quoin(database, "backup", file);

        backup.ExitCode.ShouldBe(1);
        backup.Output.ShouldContain(file);
        backup.Output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Works_with_the_embedded_database_while_a_host_runs()
    {
        using var folder = await TestFolder.Create();
        using var other = await TestFolder.Create();
        var file = Path.Combine(folder.Root, "backup");
        await using var host = await QuoinProcess.ServeFolder(folder.Data);

        var backup = await QuoinProcess.Run(["backup", file, "--data", folder.Data]);
        var restore = await QuoinProcess.Run(["restore", file, "--data", other.Data]);

        backup.ExitCode.ShouldBe(0, backup.Output);
        restore.ExitCode.ShouldBe(0, restore.Output);
        other.PostmasterId().ShouldBeNull();
    }

    private async Task<TestDatabase> WithCoins()
    {
        var made = await database.CreateDatabase();
        await Scalar<object>(
            made.Owner,
            """
            create schema samples;
            create table samples.coins (id integer primary key);
            insert into samples.coins select generate_series(1, 1000);
            create function samples.refuse() returns trigger language plpgsql
                as $$ begin raise exception 'coins stay'; end $$;
            create trigger coins_stay before delete on samples.coins execute function samples.refuse();
            grant usage on schema samples to quoin_app;
            grant select, insert on samples.coins to quoin_app
            """);
        return made;
    }

    // Restoring wants to be alone, and the tests' own pools keep connections open.
    private static async Task<(int ExitCode, string Output)> Quoin(TestDatabase target, params string[] arguments)
    {
        target.Owner.Clear();
        target.App.Clear();
        return await Run(target, arguments);
    }

    private static Task<(int ExitCode, string Output)> Run(TestDatabase target, params string[] arguments) =>
        QuoinProcess.Run(arguments, new() { ["QUOIN_DATABASE"] = target.ConnectionString });

    private static async Task<string> RowsPerTable(TestDatabase target)
    {
        const string Sql = """
            select string_agg(
                format('%s.%s: %s', schemaname, tablename, (xpath('//count/text()', query_to_xml(
                    format('select count(*) from %I.%I', schemaname, tablename), false, true, '')))[1]),
                E'\n' order by schemaname, tablename)
            from pg_tables
            where schemaname not in ('pg_catalog', 'information_schema')
            """;
        return await Scalar<string>(target.Owner, Sql);
    }

    private static async Task<T> Scalar<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
