using System.Text.RegularExpressions;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Brings a database to the state this program needs: the role <c>quoin_app</c>, each module's schema, and each
/// module's SQL files in order, each in its own transaction and once. Any number of hosts may start at the same time:
/// an advisory lock lets one work while the others wait.
/// </summary>
/// <param name="owner">Connections as the owner of the database.</param>
/// <param name="schemas">The modules, in the order they may know each other.</param>
/// <param name="time">Dates what is applied.</param>
public sealed partial class Migrator(NpgsqlDataSource owner, IReadOnlyList<ModuleSchema> schemas, TimeProvider time)
{
    /// <summary>The role the host works as: it reads and writes rows, never tables.</summary>
    public const string AppRole = "quoin_app";

    // "quoin" in ASCII: any constant does, as long as no other program on the database takes it.
    private const long LockKey = 0x71756F696E;

    /// <summary>Applies what is missing. Checks everything before it changes anything.</summary>
    /// <exception cref="MigrationFailedException">PostgreSQL refused a file; the files before it stay applied.</exception>
    public async Task<MigrationOutcome> Migrate(CancellationToken cancellationToken)
    {
        var files = schemas.SelectMany(MigrationFile.Of).ToList();
        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        await Execute(connection, LockSql, cancellationToken, LockKey);
        try
        {
            await Execute(connection, RoleSql, cancellationToken);
            await Execute(connection, FoundationSql, cancellationToken);
            var applied = await Applied(connection, cancellationToken);
            if (Refusal(files, applied) is { } refusal)
            {
                return refusal;
            }

            foreach (var schema in schemas)
            {
                await CreateSchema(connection, schema.Name, cancellationToken);
            }

            var missing = files.Where(file => !applied.ContainsKey((file.Module, file.Number))).ToList();
            foreach (var file in missing)
            {
                await Apply(connection, file, cancellationToken);
            }

            await CitusTables.Place(connection, schemas, cancellationToken);
            return new MigrationOutcome.Migrated([.. missing.Select(file => $"{file.Module}/{file.Name}")]);
        }
        finally
        {
            await Unlock(connection);
        }
    }

    /// <summary>Makes the role alone: what a backup being restored needs to find, since roles are not in it.</summary>
    public static async Task CreateRole(NpgsqlDataSource owner, CancellationToken cancellationToken)
    {
        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        await Execute(connection, RoleSql, cancellationToken);
    }

    private static MigrationOutcome? Refusal(
        List<MigrationFile> files, Dictionary<(string Module, int Number), AppliedFile> applied)
    {
        var known = files.ToDictionary(file => (file.Module, file.Number));
        foreach (var (key, was) in applied)
        {
            if (!known.TryGetValue(key, out var file))
            {
                return new MigrationOutcome.DatabaseIsNewer(key.Module, was.Name);
            }

            if (file.Checksum != was.Checksum)
            {
                return new MigrationOutcome.Edited(key.Module, file.Name);
            }
        }

        foreach (var file in files.Where(file => !applied.ContainsKey((file.Module, file.Number))))
        {
            var later = applied.FirstOrDefault(pair => pair.Key.Module == file.Module && pair.Key.Number > file.Number);
            if (later.Value is not null)
            {
                return new MigrationOutcome.OutOfOrder(file.Module, file.Name, later.Value.Name);
            }
        }

        return null;
    }

    // A session's lock outlives each file's transaction. No timeout: another host may be migrating for long.
    private const string LockSql = "select pg_advisory_lock($1)";

    private const string UnlockSql = "select pg_advisory_unlock($1)";

    // Roles belong to the whole server, so two databases may create the role at the same time; the loser goes on.
    // The role never logs in: the owner's login takes it on with the connection option `role`. Superusers may do so anyway.
    private const string RoleSql = """
        do $$
        begin
            if not exists (select from pg_roles where rolname = 'quoin_app') then
                create role quoin_app nologin;
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end
        $$;

        do $$
        begin
            if not pg_has_role(current_user, 'quoin_app', 'usage') then
                execute format('grant quoin_app to %I', current_user);
            end if;
        end
        $$
        """;

    private const string FoundationSql = """
        create schema if not exists platform;

        create table if not exists platform.migrations (
            module text not null,
            number integer not null,
            name text not null,
            checksum text not null,
            applied_at timestamptz not null,
            primary key (module, number)
        );

        grant select on platform.migrations to quoin_app
        """;

    private const string AppliedSql = """
        select module, number, name, checksum
        from platform.migrations
        order by module, number
        """;

    private static async Task<Dictionary<(string Module, int Number), AppliedFile>> Applied(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<(string Module, int Number), AppliedFile>();
        await using var command = connection.Sql(AppliedSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(
                (reader.GetString(0), reader.GetInt32(1)), new AppliedFile(reader.GetString(2), reader.GetString(3)));
        }

        return applied;
    }

    private static async Task CreateSchema(
        NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        if (!SchemaName().IsMatch(name))
        {
            throw new InvalidOperationException($"'{name}' cannot name a schema: lower-case letters, digits and _ only.");
        }

        await Execute(connection, $"create schema if not exists {name}", cancellationToken);
        await Execute(connection, $"grant usage on schema {name} to {AppRole}", cancellationToken);
    }

    private const string RecordSql = """
        insert into platform.migrations (module, number, name, checksum, applied_at)
        values ($1, $2, $3, $4, $5)
        """;

    private async Task Apply(NpgsqlConnection connection, MigrationFile file, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await Execute(connection, file.Sql, cancellationToken);
        }
        catch (PostgresException failure)
        {
            throw new MigrationFailedException(
                $"{file.Module}/{file.Name} failed and was rolled back: {failure.MessageText} (line {failure.Line}).", failure);
        }

        await Execute(
            connection, RecordSql, cancellationToken,
            file.Module, file.Number, file.Name, file.Checksum, time.GetUtcNow());
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task Unlock(NpgsqlConnection connection)
    {
        // A connection that broke has already given its locks back.
        if (connection.State == System.Data.ConnectionState.Open)
        {
            await Execute(connection, UnlockSql, CancellationToken.None, LockKey);
        }
    }

    private static async Task Execute(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        // Building an index on a large table takes as long as it takes; the caller's token ends it earlier.
        await using var command = connection.Sql(sql, parameters);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SchemaName();

    private sealed record AppliedFile(string Name, string Checksum);
}
