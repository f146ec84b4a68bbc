using Npgsql;
using Quoin.Platform;

namespace Quoin.Server.Hosting;

/// <summary>The database a command works on: the one <c>QUOIN_DATABASE</c> names, or the embedded one.</summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly EmbeddedPostgres? embedded;

    private Database(string connectionString, EmbeddedPostgres? embedded) =>
        (ConnectionString, this.embedded) = (connectionString, embedded);

    /// <summary>The owner's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>Reaches the database, starting the embedded one where none is named.</summary>
    /// <exception cref="CommandException">It cannot be reached or started; the message says what to do.</exception>
    public static async Task<Database> Open(
        HostSettings settings, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        if (settings.Database is { } given)
        {
            await WaitFor(given, cancellationToken);
            return new Database(given, embedded: null);
        }

        var outcome = await EmbeddedPostgres.Start(
            new EmbeddedSettings(settings.DataFolder),
            logging.CreateLogger<EmbeddedPostgres>(),
            TimeProvider.System,
            cancellationToken);
        return outcome is EmbeddedOutcome.Running(var postgres)
            ? new Database(postgres.ConnectionString, postgres)
            : throw new CommandException(outcome.Message);
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
    public ValueTask DisposeAsync() => embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

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
