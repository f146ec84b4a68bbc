using Npgsql;
using Quoin.Platform;

namespace Quoin.Server.Hosting;

/// <summary>The database a command works on: the one <c>QUOIN_DATABASE</c> names, or the embedded one.</summary>
internal sealed class Database : IAsyncDisposable
{
    private Database(string connectionString) => ConnectionString = connectionString;

    /// <summary>The owner's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>Reaches the database, starting the embedded one where none is named.</summary>
    /// <exception cref="CommandException">It cannot be reached or started; the message says what to do.</exception>
    public static async Task<Database> Open(HostSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Database is null)
        {
            throw new CommandException("Set QUOIN_DATABASE to a server's connection string.");
        }

        await WaitFor(settings.Database, cancellationToken);
        return new Database(settings.Database);
    }

    /// <summary>Brings the database to the state this program needs.</summary>
    /// <returns>What was applied.</returns>
    /// <exception cref="CommandException">The database is refused; the message names the file and says what to do.</exception>
    public async Task<MigrationOutcome.Migrated> Migrate(CancellationToken cancellationToken)
    {
        await using var owner = DataSources.Owner(ConnectionString);
        var outcome = await new Migrator(owner, QuoinSchemas.All, TimeProvider.System).Migrate(cancellationToken);
        return outcome as MigrationOutcome.Migrated ?? throw new CommandException(outcome.Message);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task WaitFor(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = DataSources.Owner(connectionString);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException failure) when (failure.IsTransient || failure.SqlState is PostgresErrorCodes.CannotConnectNow)
            {
                if (TimeProvider.System.GetElapsedTime(started) > HostLimits.DatabaseWait)
                {
                    throw new CommandException($"The database of QUOIN_DATABASE does not answer: {failure.Message}", failure);
                }
            }
            catch (NpgsqlException failure)
            {
                throw new CommandException($"The database of QUOIN_DATABASE refuses: {failure.Message}", failure);
            }

            await Task.Delay(HostLimits.DatabaseRetry, TimeProvider.System, cancellationToken);
        }
    }
}
