using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Quoin.Platform;
using Quoin.Server;

namespace Quoin.Bench;

/// <summary>A private cluster, configured as the product's own is, durable, with a fresh database for each measurement.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private const string Template = "bench_template";

    private readonly EmbeddedPostgres postgres;
    private readonly string folder;
    private int databases;

    private BenchCluster(EmbeddedPostgres postgres, string folder) => (this.postgres, this.folder) = (postgres, folder);

    public static async Task<BenchCluster> Start(CancellationToken cancellationToken)
    {
        var place = Path.Combine("/var/tmp", $"quoin-bench-{Environment.ProcessId}");
        var outcome = await EmbeddedPostgres.Start(
            new EmbeddedSettings(place),
            NullLogger.Instance,
            TimeProvider.System,
            cancellationToken);
        if (outcome is not EmbeddedOutcome.Running running)
        {
            throw new InvalidOperationException(outcome.Message);
        }

        var cluster = new BenchCluster(running.Postgres, place);
        await cluster.Execute($"create database {Template} template template0");
        await using var owner = NpgsqlDataSource.Create(cluster.ConnectionString(Template, pooling: false));
        await new Migrator(owner, QuoinSchemas.All, TimeProvider.System).Migrate(cancellationToken);
        return cluster;
    }

    /// <summary>The cluster's data folder.</summary>
    public string Folder => folder;

    /// <summary>A new migrated database; the owner's connection string.</summary>
    public Task<string> CreateDatabase() => CreateDatabase(ConnectionString(Template, pooling: false));

    /// <summary>A copy of a database nobody is connected to; the owner's connection string.</summary>
    public async Task<string> CreateDatabase(string template)
    {
        var name = $"bench_{++databases}";
        await Execute($"create database {name} template {new NpgsqlConnectionStringBuilder(template).Database}");
        return ConnectionString(name, pooling: true);
    }

    /// <summary>Removes a database, and settles the disk before the next measurement.</summary>
    public async Task Drop(string connectionString)
    {
        await Remove(connectionString);
        await Settle();
    }

    /// <summary>
    /// Writes out what earlier parts left in memory, so that the next one does not wait for their gigabytes on their way
    /// to the disk.
    /// </summary>
    public Task Settle() => Execute("checkpoint");

    /// <summary>Removes a database.</summary>
    public async Task Remove(string connectionString) =>
        await Execute($"drop database {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)");

    public async ValueTask DisposeAsync()
    {
        await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private string ConnectionString(string database, bool pooling) =>
        new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Database = database, Pooling = pooling }.ConnectionString;

    private async Task Execute(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres", pooling: false));
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }
}
