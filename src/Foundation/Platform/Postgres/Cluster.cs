using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// The embedded cluster as a thing to make, start and stop. Each method expects its caller to hold the data folder's
/// turn lock, and returns null where all went well.
/// </summary>
internal sealed class Cluster(
    DataFolder folder,
    PostgresBinaries binaries,
    ClusterUser user,
    EmbeddedSettings settings,
    ILogger logger,
    TimeProvider time)
{
    private const string Owner = "quoin";

    private const string DatabaseName = "quoin";

    /// <summary>The owner's connection string to the application's database.</summary>
    public async Task<string> ConnectionString(CancellationToken cancellationToken) =>
        Connection(await folder.SocketFolder(user, cancellationToken), DatabaseName);

    /// <summary>Makes the cluster where there is none: UTF-8, byte order, checksums, a password of its own.</summary>
    public async Task<EmbeddedOutcome?> Create(CancellationToken cancellationToken)
    {
        if (folder.ClusterMajor() is not null)
        {
            return null;
        }

        PostgresLog.Creating(logger, folder.Cluster, binaries.Major);
        if (Directory.Exists(folder.UnfinishedCluster))
        {
            Directory.Delete(folder.UnfinishedCluster, recursive: true);
        }

        Directory.CreateDirectory(
            folder.UnfinishedCluster, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await user.Own(folder.UnfinishedCluster, cancellationToken);
        var passwordFile = Path.Combine(folder.Root, ".new-password");
        DataFolder.WritePrivately(passwordFile, folder.Password());
        await user.Own(passwordFile, cancellationToken);
        try
        {
            var made = await user.Run(
                binaries.Program("initdb"),
                [
                    "-D", folder.UnfinishedCluster, "-U", Owner, "--pwfile", passwordFile, "-A", "scram-sha-256",
                    "-E", "UTF8", "--locale=C", "--data-checksums",
                ],
                cancellationToken);
            if (!made.Succeeded)
            {
                return Failure(made.Output);
            }
        }
        finally
        {
            File.Delete(passwordFile);
        }

        Directory.CreateDirectory(Path.Combine(folder.UnfinishedCluster, "log"));
        await user.Own(Path.Combine(folder.UnfinishedCluster, "log"), cancellationToken);
        await File.AppendAllTextAsync(
            Path.Combine(folder.UnfinishedCluster, "postgresql.conf"), "\ninclude 'quoin.conf'\n", cancellationToken);
        Directory.Move(folder.UnfinishedCluster, folder.Cluster);
        return null;
    }

    /// <summary>Waits for a server that runs, starts one that does not, and returns once it answers.</summary>
    public async Task<EmbeddedOutcome?> EnsureRunning(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var isAlive = Postmaster.Of(folder.Cluster) is not null;
            var failure = isAlive ? await Answers(cancellationToken) : await Start(cancellationToken);
            if (isAlive && failure is null)
            {
                return null;
            }

            var patience = isAlive ? PostgresLimits.StartTimeout : PostgresLimits.OrphansTimeout;
            if (failure is not (null or EmbeddedOutcome.DidNotStart { IsTransient: true })
                || time.GetElapsedTime(began) > patience)
            {
                return failure ?? new EmbeddedOutcome.DidNotStart("it ends as soon as it starts", LogFolder);
            }

            await Task.Delay(PostgresLimits.PollInterval, time, cancellationToken);
        }
    }

    /// <summary>Makes the application's database where there is none.</summary>
    public async Task CreateDatabase(CancellationToken cancellationToken)
    {
        await using var source = await Maintenance(cancellationToken);
        await using var look = source.Sql("select count(*) from pg_database where datname = $1", DatabaseName);
        if (await look.ExecuteScalarAsync(cancellationToken) is 0L)
        {
            await using var create = source.Sql($"create database {DatabaseName} template template0");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Stops the server: running transactions end, the closing checkpoint makes the next start quick.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (Postmaster.Of(folder.Cluster) is null)
        {
            return;
        }

        var stopped = await user.Run(
            binaries.Program("pg_ctl"),
            ["stop", "-D", folder.Cluster, "-m", "fast", "-w", "-t", Seconds(PostgresLimits.StopTimeout)],
            cancellationToken);
        if (stopped.Succeeded)
        {
            folder.RemoveSocketFolder();
        }
        else
        {
            PostgresLog.StopsSlowly(logger, stopped.Output.Trim());
        }
    }

    private async Task<EmbeddedOutcome?> Start(CancellationToken cancellationToken)
    {
        Postmaster.ForgetStranger(folder.Cluster);
        await folder.ClearSocketFolder(user, cancellationToken);
        await WriteConfiguration("pglz", cancellationToken);
        await WriteConfiguration(await BestCompression(cancellationToken), cancellationToken);
        File.Delete(folder.StartLog);

        // Not cancelled halfway: a server that is being started must be known before it can be stopped.
        var started = await user.Run(
            binaries.Program("pg_ctl"),
            ["start", "-D", folder.Cluster, "-l", folder.StartLog, "-w", "-t", Seconds(PostgresLimits.LaunchTimeout)],
            CancellationToken.None);
        return started.Succeeded || Postmaster.Of(folder.Cluster) is not null
            ? null
            : Failure(LastWords() ?? started.Output);
    }

    private async Task<EmbeddedOutcome?> Answers(CancellationToken cancellationToken)
    {
        await using var source = await Maintenance(cancellationToken);
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            return null;
        }
        catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            return new EmbeddedOutcome.PasswordRefused(folder.PasswordFile);
        }
        catch (NpgsqlException refusal)
        {
            // Recovering, stopping, or gone a moment ago: looking again tells.
            return new EmbeddedOutcome.DidNotStart(refusal.Message, LogFolder) { IsTransient = true };
        }
    }

    private string LogFolder => Path.Combine(folder.Cluster, "log");

    private async Task WriteConfiguration(string compression, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder.Cluster, "quoin.conf");
        var socket = await folder.SocketFolder(user, cancellationToken);
        DataFolder.WritePrivately(path, ClusterConfiguration.Text(socket, settings.MemoryBytes, compression));
        await user.Own(path, cancellationToken);
    }

    // lz4 costs a third of pglz's time, but not every build has it; asking the server's own parser is the sure way.
    private async Task<string> BestCompression(CancellationToken cancellationToken)
    {
        var asked = await user.Run(
            binaries.Program("postgres"), ["-D", folder.Cluster, "-c", "wal_compression=lz4", "-C", "wal_compression"],
            cancellationToken);
        return asked.Succeeded ? "lz4" : "pglz";
    }

    // Before the log collector runs, words go to the start log; after, to the day's file. The lines before the fatal
    // one often say more.
    private string? LastWords()
    {
        const int LinesMax = 4;
        return new DirectoryInfo(LogFolder).EnumerateFiles("*.log")
            .OrderByDescending(file => file.LastWriteTimeUtc)
            .Select(file => string.Join(" ", File.ReadLines(file.FullName).TakeLast(LinesMax)))
            .FirstOrDefault(words => words.Contains("FATAL", StringComparison.Ordinal)
                || words.Contains("PANIC", StringComparison.Ordinal));
    }

    private EmbeddedOutcome Failure(string words)
    {
        if (words.Contains("No space left on device", StringComparison.Ordinal))
        {
            return new EmbeddedOutcome.DiskFull(folder.Root, folder.FreeBytes());
        }

        return new EmbeddedOutcome.DidNotStart(words.Trim(), LogFolder)
        {
            IsTransient = words.Contains("pre-existing shared memory block", StringComparison.Ordinal),
        };
    }

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private async Task<NpgsqlDataSource> Maintenance(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(
            Connection(await folder.SocketFolder(user, cancellationToken), "postgres"))
        { Pooling = false };
        return NpgsqlDataSource.Create(connection);
    }

    private string Connection(string socketFolder, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = socketFolder,
        Username = Owner,
        Password = folder.Password(),
        Database = database,
    }.ConnectionString;
}
