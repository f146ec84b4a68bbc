using System.Security.Cryptography;
using Npgsql;
using Quoin.Platform;
using Quoin.Server;

namespace Quoin.Tests.Support;

/// <summary>
/// One private PostgreSQL per test run, started on first use: a temporary 0700 folder, a Unix socket, no network, no
/// fsync. A guardian process waits for this one to end, however it ends, then stops the server and deletes the folder.
/// </summary>
internal sealed class TestCluster
{
    /// <summary>Connections the server accepts: a few test classes at once, each with its own pools.</summary>
    private const int ConnectionsMax = 400;

    private static readonly Lazy<Task<TestCluster>> Instance = new(Start);

    private readonly Lazy<Task<string>> template;
    private readonly string folder;

    private TestCluster(string folder)
    {
        this.folder = folder;
        template = new Lazy<Task<string>>(CreateTemplate);
    }

    /// <summary>The run's cluster; the first caller starts it.</summary>
    public static Task<TestCluster> Running => Instance.Value;

    /// <summary>An owner's connection string to one of its databases.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = folder,
        Username = "postgres",
        Database = database,
        Timeout = 30,

        // So that a failure's detail names the values; real deployments keep them out of their logs.
        IncludeErrorDetail = true,
    }.ConnectionString;

    /// <summary>A new database with every module's schema.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CloneTemplate()
    {
        var name = "t_" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        await Execute($"create database {name} template {await template.Value}");
        return name;
    }

    /// <summary>A new database without anything in it.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateEmpty()
    {
        var name = "t_" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        await Execute($"create database {name} template template0");
        return name;
    }

    /// <summary>Removes a database, whoever is still connected to it.</summary>
    public Task Drop(string database) => Execute($"drop database if exists {database} with (force)");

    private async Task<string> CreateTemplate()
    {
        const string Name = "quoin_template";
        await Execute($"create database {Name} template template0");

        // A template can be cloned only while nobody is connected to it.
        var connection = new NpgsqlConnectionStringBuilder(ConnectionString(Name)) { Pooling = false };
        await using var owner = NpgsqlDataSource.Create(connection);
        var outcome = await new Migrator(owner, QuoinSchemas.All, TimeProvider.System).Migrate(CancellationToken.None);
        return outcome is MigrationOutcome.Migrated ? Name : throw new InvalidOperationException(outcome.Message);
    }

    private async Task Execute(string sql)
    {
        var connection = new NpgsqlConnectionStringBuilder(ConnectionString("postgres")) { Pooling = false };
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<TestCluster> Start()
    {
        var binaries = PostgresBinaries.FindAll();
        if (binaries.Count == 0)
        {
            throw new InvalidOperationException("These tests need PostgreSQL. " + PostgresBinaries.HowToInstall);
        }

        var folder = Path.Combine(ScratchSpace.Folder, "quoin-test-" + RandomNumberGenerator.GetHexString(8, lowercase: true));
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var data = Path.Combine(folder, "data");
        var user = await ClusterUser.Choose(data, CancellationToken.None);
        await user.Own(folder, CancellationToken.None);
        await Guardian.OfFolder(folder, data);
        var initdb = await user.Run(
            binaries[0].Program("initdb"),
            ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            CancellationToken.None);
        initdb.OrThrow("initdb");
        var options = $"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections={ConnectionsMax} "
            + "-c fsync=off -c full_page_writes=off -c jit=off -c shared_buffers=256MB -c max_wal_size=2GB "
            + "-c log_min_messages=warning";
        var started = await user.Run(
            binaries[0].Program("pg_ctl"),
            ["start", "-w", "-D", data, "-l", Path.Combine(folder, "log"), "-o", options],
            CancellationToken.None);
        started.OrThrow("Starting the tests' PostgreSQL");
        return new TestCluster(folder);
    }
}
