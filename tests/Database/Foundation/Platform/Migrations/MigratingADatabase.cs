using Npgsql;
using Quoin.Platform;
using Quoin.Server;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Migrations;

public sealed class MigratingADatabase(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly ModuleSchema[] Samples = [new("samples", typeof(MigratingADatabase).Assembly)];

    [Fact]
    public async Task Applies_each_file_once_and_in_order()
    {
        var empty = await database.CreateEmptyDatabase();

        var first = await Migrate(empty, Samples);
        var second = await Migrate(empty, Samples);

        first.ShouldBeOfType<MigrationOutcome.Migrated>().Applied
            .ShouldBe(["samples/0001-coins.sql", "samples/0002-more-coins.sql"]);
        second.ShouldBeOfType<MigrationOutcome.Migrated>().Applied.ShouldBeEmpty();
        (await Scalar<long>(empty.Owner, "select count(*) from samples.coins")).ShouldBe(1);
    }

    [Fact]
    public async Task Lets_many_hosts_start_at_the_same_time()
    {
        var empty = await database.CreateEmptyDatabase();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Migrate(empty, Samples)));

        outcomes.OfType<MigrationOutcome.Migrated>().Sum(outcome => outcome.Applied.Count).ShouldBe(2);
        (await Scalar<long>(empty.Owner, "select count(*) from samples.coins")).ShouldBe(1);
    }

    [Fact]
    public async Task Refuses_an_applied_file_that_was_edited()
    {
        var other = await database.CreateEmptyDatabase();
        await Migrate(other, Samples);
        await Execute(other, "update platform.migrations set checksum = 'of another text' where name = '0001-coins.sql'");

        var outcome = await Migrate(other, Samples);

        outcome.ShouldBe(new MigrationOutcome.Edited("samples", "0001-coins.sql"));
        outcome.Message.ShouldContain("samples/0001-coins.sql was edited");
    }

    [Fact]
    public async Task Refuses_a_database_that_a_newer_release_migrated()
    {
        var other = await database.CreateEmptyDatabase();
        await Migrate(other, Samples);
        await Execute(
            other, "insert into platform.migrations values ('samples', 3, '0003-from-the-future.sql', 'x', 'epoch')");

        var outcome = await Migrate(other, Samples);

        outcome.ShouldBe(new MigrationOutcome.DatabaseIsNewer("samples", "0003-from-the-future.sql"));
    }

    [Fact]
    public async Task Refuses_a_new_file_with_a_number_before_an_applied_one()
    {
        var other = await database.CreateEmptyDatabase();
        await Migrate(other, Samples);
        await Execute(other, "delete from platform.migrations where name = '0001-coins.sql'");

        var outcome = await Migrate(other, Samples);

        outcome.ShouldBe(new MigrationOutcome.OutOfOrder("samples", "0001-coins.sql", "0002-more-coins.sql"));
    }

    [Fact]
    public async Task Leaves_nothing_of_a_file_that_fails()
    {
        var other = await database.CreateEmptyDatabase();
        await Migrate(other, []);
        await Execute(other, "create schema samples; create table samples.purses (id integer)");

        var failure = await Should.ThrowAsync<MigrationFailedException>(() => Migrate(other, Samples));

        failure.Message.ShouldContain("samples/0002-more-coins.sql");
        (await Scalar<long>(other.Owner, "select count(*) from samples.coins")).ShouldBe(0);
        (await Scalar<long>(other.Owner, "select count(*) from platform.migrations")).ShouldBe(1);
    }

    [Fact]
    public async Task Gives_the_host_rows_but_not_tables()
    {
        var other = await database.CreateEmptyDatabase();
        await Migrate(other, Samples);

        var refusal = await Should.ThrowAsync<PostgresException>(
            () => Scalar<object>(other.App, "drop table samples.coins"));

        (await Scalar<string>(other.App, "select current_user::text")).ShouldBe(Migrator.AppRole);
        (await Scalar<long>(other.App, "select count(*) from samples.coins")).ShouldBe(1);
        refusal.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task Keeps_the_host_in_its_role_when_a_pooled_connection_is_used_again()
    {
        var other = await database.CreateDatabase();
        await using var pooled = DataSources.App(
            new NpgsqlConnectionStringBuilder(other.ConnectionString) { MaxPoolSize = 1 }.ConnectionString);

        var users = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            users.Add(await Scalar<string>(pooled, "select current_user::text"));
        }

        users.ShouldAllBe(user => user == Migrator.AppRole);
    }

    [Fact]
    public async Task Works_for_an_owner_who_is_no_superuser()
    {
        var other = await database.CreateEmptyDatabase();
        var owner = new NpgsqlConnectionStringBuilder(other.ConnectionString) { Username = "plain_owner" };
        await Execute(other, "create role plain_owner login in role quoin_app");
        await Execute(other, $"alter database {owner.Database} owner to plain_owner");
        await using var plain = DataSources.Owner(owner.ConnectionString);
        await using var app = DataSources.App(owner.ConnectionString);

        var outcome = await new Migrator(plain, Samples, TimeProvider.System).Migrate(CancellationToken.None);

        outcome.ShouldBeOfType<MigrationOutcome.Migrated>();
        (await Scalar<string>(app, "select current_user::text")).ShouldBe(Migrator.AppRole);
    }

    [Fact]
    public async Task Has_been_done_for_every_module_in_a_test_database()
    {
        var outcome = await Migrate(database, QuoinSchemas.All);

        outcome.ShouldBeOfType<MigrationOutcome.Migrated>().Applied.ShouldBeEmpty();
    }

    private static Task<MigrationOutcome> Migrate(TestDatabase target, IReadOnlyList<ModuleSchema> schemas) =>
        new Migrator(target.Owner, schemas, TimeProvider.System).Migrate(CancellationToken.None);

    private static Task Execute(TestDatabase target, string sql) => Scalar<object>(target.Owner, sql);

    private static async Task<T> Scalar<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
