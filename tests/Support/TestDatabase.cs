using Npgsql;
using Quoin.Platform;

namespace Quoin.Tests.Support;

/// <summary>
/// A test class's own database with every module's schema: <c>public sealed class PostingATransfer(TestDatabase
/// database) : IClassFixture&lt;TestDatabase&gt;</c>. Tests of a class share it and keep apart by using their own
/// organisations.
/// </summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private readonly List<TestDatabase> more = [];
    private string name = string.Empty;

    /// <summary>Connections as <c>quoin_app</c>, as the host has them.</summary>
    public NpgsqlDataSource App { get; private set; } = null!;

    /// <summary>Connections as the owner, for looking and for breaking things on purpose.</summary>
    public NpgsqlDataSource Owner { get; private set; } = null!;

    /// <summary>The owner's connection string, as <c>QUOIN_DATABASE</c> would give it.</summary>
    public string ConnectionString { get; private set; } = string.Empty;

    /// <inheritdoc />
    public async Task InitializeAsync() => await Open(empty: false);

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var database in more)
        {
            await database.DisposeAsync();
        }

        await App.DisposeAsync();
        await Owner.DisposeAsync();
        await (await TestCluster.Running).Drop(name);
    }

    /// <summary>A second migrated database; goes away with this one.</summary>
    public Task<TestDatabase> CreateDatabase() => CreateAnother(empty: false);

    /// <summary>A database nobody has migrated; goes away with this one.</summary>
    public Task<TestDatabase> CreateEmptyDatabase() => CreateAnother(empty: true);

    private async Task<TestDatabase> CreateAnother(bool empty)
    {
        var database = new TestDatabase();
        await database.Open(empty);
        more.Add(database);
        return database;
    }

    private async Task Open(bool empty)
    {
        var cluster = await TestCluster.Running;
        name = empty ? await cluster.CreateEmpty() : await cluster.CloneTemplate();
        ConnectionString = cluster.ConnectionString(name);
        App = DataSources.App(ConnectionString);
        Owner = DataSources.Owner(ConnectionString);
    }
}
