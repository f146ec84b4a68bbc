using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// The two ways into one database: as its owner, for migrations, and as <c>quoin_app</c>, for everything else. Both use
/// the owner's login; the second takes the lesser role on as it connects, so no statement of the host can change a
/// table or an append-only row.
/// </summary>
public static class DataSources
{
    /// <summary>Connections as the owner. Few: migrating needs one.</summary>
    public static NpgsqlDataSource Owner(string connectionString) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "quoin migrate",
            Options = null,
        });

    /// <summary>Connections as <c>quoin_app</c>; settings in <paramref name="connectionString"/> win over the defaults.</summary>
    public static NpgsqlDataSource App(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        if (!given.ShouldSerialize("Application Name"))
        {
            given.ApplicationName = "quoin";
        }

        if (!given.ShouldSerialize("Maximum Pool Size"))
        {
            given.MaxPoolSize = PostgresLimits.AppConnectionsMax;
        }

        if (!given.ShouldSerialize("Max Auto Prepare"))
        {
            given.MaxAutoPrepare = PostgresLimits.PreparedStatementsMax;
        }

        if (!given.ShouldSerialize("Auto Prepare Min Usages"))
        {
            given.AutoPrepareMinUsages = PostgresLimits.UsagesUntilPrepared;
        }

        // Seven statements each time a connection is taken from the pool. Nothing here leaves a session changed: settings are
        // local to transactions, and session locks are given back by whoever took them.
        given.NoResetOnClose = true;
        given.Options = $"{given.Options} -c role={Migrator.AppRole}".TrimStart();
        return NpgsqlDataSource.Create(given);
    }
}
