using Npgsql;
using Quoin.Platform;

namespace Quoin.Tests.Support;

/// <summary>A lock that a transaction of the test holds, and who waits for it.</summary>
public sealed class Obstacle : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private Obstacle(TestDatabase database, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (this.database, this.connection, this.transaction) = (database, connection, transaction);

    /// <summary>Takes the lock that a statement takes, until it is disposed of.</summary>
    public static async Task<Obstacle> Put(TestDatabase database, string sql, CancellationToken cancellationToken)
    {
        var connection = await database.Owner.OpenConnectionAsync(cancellationToken);
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = transaction.Sql(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new Obstacle(database, connection, transaction);
    }

    /// <summary>Whether somebody waits for the lock.</summary>
    public async Task<bool> IsMet() => await Waiting("count(*)") > 0;

    /// <summary>The server finds out that whoever waits is dead; nobody who lives waits here.</summary>
    public Task Break() => Waiting("count(pg_terminate_backend(pid))");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task<long> Waiting(string what)
    {
        await using var command = database.Owner.Sql(
            $"select {what} from pg_stat_activity where $1 = any (pg_blocking_pids(pid))", connection.ProcessID);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
