using System.Globalization;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Backs one database up into a file and restores it, with PostgreSQL's own programs and format: every other tool that
/// knows PostgreSQL can read the file too.
/// </summary>
/// <param name="connectionString">The owner's connection string.</param>
public sealed class DatabaseBackup(string connectionString)
{
    /// <summary>
    /// Writes a consistent backup while hosts work on. The file appears under its name once it is whole, readable for
    /// this user only, and replaces an older one.
    /// </summary>
    public async Task<BackupOutcome> Write(string file, CancellationToken cancellationToken)
    {
        if (Program("pg_dump") is not { } program)
        {
            return new BackupOutcome.NoPrograms();
        }

        var unfinished = file + ".unfinished";
        try
        {
            // Created first, because the program would create it readable for others.
            DataFolder.WritePrivately(unfinished, string.Empty);
            return await Dump(program, unfinished, file, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new BackupOutcome.Failed(failure.Message);
        }
    }

    private async Task<BackupOutcome> Dump(
        string program, string unfinished, string file, CancellationToken cancellationToken)
    {
        try
        {
            var dumped = await SystemProgram.Run(
                program, ["--format=custom", "--no-owner", "--file", unfinished], cancellationToken, Environment());
            if (!dumped.Succeeded)
            {
                return new BackupOutcome.Failed(dumped.Output.Trim());
            }

            File.Move(unfinished, file, overwrite: true);
            return new BackupOutcome.Written(file, new FileInfo(file).Length);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Restores a backup, all of it or nothing.</summary>
    /// <param name="file">The file.</param>
    /// <param name="replace">Whether to delete what the database holds; otherwise it must be empty.</param>
    /// <param name="cancellationToken">Ends the work; what was deleted stays deleted.</param>
    public async Task<BackupOutcome> Restore(string file, bool replace, CancellationToken cancellationToken)
    {
        if (Program("pg_restore") is not { } program)
        {
            return new BackupOutcome.NoPrograms();
        }

        // Reading the list of contents first: a wrong file must not cost the database its tables.
        var readable = await SystemProgram.Run(program, ["--list", file], cancellationToken);
        if (!readable.Succeeded)
        {
            return new BackupOutcome.Failed(readable.Output.Trim());
        }

        try
        {
            return await MakeRoom(replace, cancellationToken) ?? await Fill(program, file, cancellationToken);
        }
        catch (NpgsqlException failure)
        {
            return new BackupOutcome.Failed(failure.Message);
        }
    }

    private const string OtherConnectionsSql = """
        select count(*)
        from pg_stat_activity
        where datname = current_database()
        and backend_type = 'client backend'
        and pid <> pg_backend_pid()
        """;

    private const string TablesSql = """
        select count(*)
        from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')
        """;

    private async Task<BackupOutcome?> MakeRoom(bool replace, CancellationToken cancellationToken)
    {
        var alone = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var owner = DataSources.Owner(alone.ConnectionString);
        if (await Scalar(owner, OtherConnectionsSql, cancellationToken) is var others and > 0)
        {
            return new BackupOutcome.InUse(others);
        }

        if (await Scalar(owner, TablesSql, cancellationToken) is var tables and > 0 && !replace)
        {
            return new BackupOutcome.NotEmpty(tables);
        }

        await Empty(owner, cancellationToken);
        await Migrator.CreateRole(owner, cancellationToken);
        return null;
    }

    private async Task<BackupOutcome> Fill(string program, string file, CancellationToken cancellationToken)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString).Database ?? string.Empty;
        var restored = await SystemProgram.Run(
            program,
            ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname", database, file],
            cancellationToken,
            Environment());
        return restored.Succeeded ? new BackupOutcome.Restored(file) : new BackupOutcome.Failed(restored.Output.Trim());
    }

    private static async Task<long> Scalar(NpgsqlDataSource owner, string sql, CancellationToken cancellationToken)
    {
        await using var command = owner.Sql(sql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string EmptySql = """
        do $$
        declare
            name text;
        begin
            for name in
                select nspname
                from pg_namespace
                where nspname <> 'information_schema'
                and nspname not like 'pg\_%'
                and (nspname <> 'public' or exists (select from pg_class where relnamespace = pg_namespace.oid))
            loop
                execute format('drop schema %I cascade', name);
            end loop;
        end
        $$;

        create schema if not exists public
        """;

    private static async Task Empty(NpgsqlDataSource owner, CancellationToken cancellationToken)
    {
        await using var command = owner.Sql(EmptySql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string? Program(string name) =>
        PostgresBinaries.FindClients() is [var newest, ..] ? newest.Program(name) : null;

    // The names libpq reads. Never as arguments: every user of the machine can read those.
    private Dictionary<string, string> Environment()
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        var variables = new Dictionary<string, string>
        {
            ["PGHOST"] = given.Host ?? "localhost",
            ["PGPORT"] = given.Port.ToString(CultureInfo.InvariantCulture),
            ["PGAPPNAME"] = "quoin backup",
        };
        Add("PGUSER", given.Username);
        Add("PGPASSWORD", given.Password);
        Add("PGPASSFILE", given.Passfile);
        Add("PGDATABASE", given.Database);
        Add("PGSSLROOTCERT", given.RootCertificate);
        Add("PGSSLMODE", given.SslMode switch
        {
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
            var mode => mode.ToString().ToLowerInvariant(),
        });
        return variables;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                variables[name] = value;
            }
        }
    }
}
