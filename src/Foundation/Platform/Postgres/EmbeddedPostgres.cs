using Microsoft.Extensions.Logging;

namespace Quoin.Platform;

/// <summary>
/// The PostgreSQL a host starts for itself when it is given no other: a private cluster in its data folder, reached
/// through a Unix socket only. Any number of hosts share one folder: a second one joins, the last to leave stops the
/// server. The server stands in its own session, so it survives a host's violent death and the next host takes it
/// over; when the server dies, one of the hosts brings it back.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private readonly DataFolder folder;
    private readonly HostRegister hosts;
    private readonly Cluster cluster;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource leaving = new();
    private Task watching = Task.CompletedTask;

    private EmbeddedPostgres(
        DataFolder folder, HostRegister hosts, Cluster cluster, string connectionString, ILogger logger, TimeProvider time)
    {
        this.folder = folder;
        this.hosts = hosts;
        this.cluster = cluster;
        this.logger = logger;
        this.time = time;
        ConnectionString = connectionString;
    }

    /// <summary>The owner's connection string. It stays good over restarts of the server.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts the cluster of a data folder, creating it if need be, or joins the hosts that use it already.</summary>
    public static async Task<EmbeddedOutcome> Start(
        EmbeddedSettings settings, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var installed = settings.Binaries ?? PostgresBinaries.FindAll();
        if (installed.Count == 0)
        {
            return new EmbeddedOutcome.NoBinaries();
        }

        var folder = new DataFolder(settings.DataFolder);
        try
        {
            var user = await ClusterUser.Choose(folder.Cluster, cancellationToken);
            if (await user.Create(cancellationToken) is { Succeeded: false } refusal)
            {
                return new EmbeddedOutcome.NoUser(refusal.Output.Trim());
            }

            folder.Create(user);
            if (user.Name is { } name && await user.FirstClosedFolder(folder.Root, cancellationToken) is { } closed)
            {
                return new EmbeddedOutcome.NotTraversable(closed, name);
            }

            using var turn = await FolderLock.Take(folder.TurnLock, PostgresLimits.TurnTimeout, time, cancellationToken);
            if (Choose(installed, folder, out var binaries) is { } unfit)
            {
                return unfit;
            }

            var cluster = new Cluster(folder, binaries, user, settings, logger, time);
            return await StartInTurn(settings, folder, cluster, logger, time, cancellationToken);
        }
        catch (UnauthorizedAccessException failure)
        {
            return new EmbeddedOutcome.NotWritable(folder.Root, failure.Message);
        }
        catch (TimeoutException failure)
        {
            return new EmbeddedOutcome.DidNotStart(failure.Message, folder.Root);
        }
        catch (IOException failure)
        {
            return IsDiskFull(failure)
                ? new EmbeddedOutcome.DiskFull(folder.Root, FreeBytes(folder))
                : new EmbeddedOutcome.NotWritable(folder.Root, failure.Message);
        }
    }

    /// <summary>Leaves; the last to leave stops the server. The host's own connections are closed by then.</summary>
    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        await watching;
        leaving.Dispose();
        using var turn = await FolderLock.Take(
            folder.TurnLock, PostgresLimits.TurnTimeout, time, CancellationToken.None);
        await Leave(hosts, cluster, folder, logger);
    }

    private static async Task<EmbeddedOutcome> StartInTurn(
        EmbeddedSettings settings,
        DataFolder folder,
        Cluster cluster,
        ILogger logger,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var hosts = new HostRegister(folder);
        if (Postmaster.Of(folder.Cluster) is null && FreeBytes(folder) is var free && free < settings.DiskFreeBytesMin)
        {
            return new EmbeddedOutcome.DiskFull(folder.Root, free);
        }

        hosts.Join();
        var joined = false;
        try
        {
            var failure = await cluster.Create(cancellationToken) ?? await cluster.EnsureRunning(cancellationToken);
            if (failure is not null)
            {
                return failure;
            }

            await cluster.CreateDatabase(cancellationToken);
            var connectionString = await cluster.ConnectionString(cancellationToken);
            PostgresLog.Joined(logger, folder.Root, hosts.CountLiving());
            var postgres = new EmbeddedPostgres(folder, hosts, cluster, connectionString, logger, time);
            postgres.watching = postgres.Watch(postgres.leaving.Token);
            joined = true;
            return new EmbeddedOutcome.Running(postgres);
        }
        finally
        {
            if (!joined)
            {
                await Leave(hosts, cluster, folder, logger);
            }
        }
    }

    private static async Task Leave(HostRegister hosts, Cluster cluster, DataFolder folder, ILogger logger)
    {
        hosts.Leave();
        if (hosts.CountLiving() == 0 && Postmaster.Of(folder.Cluster) is not null)
        {
            PostgresLog.Stopping(logger, folder.Root);
            await cluster.Stop(CancellationToken.None);
        }
    }

    private static EmbeddedOutcome? Choose(
        IReadOnlyList<PostgresBinaries> installed, DataFolder folder, out PostgresBinaries chosen)
    {
        chosen = installed[0];
        if (folder.ClusterMajor() is not { } major)
        {
            return null;
        }

        if (installed.FirstOrDefault(binaries => binaries.Major == major) is { } fitting)
        {
            chosen = fitting;
            return null;
        }

        return major > installed[0].Major
            ? new EmbeddedOutcome.DataIsNewer(folder.Cluster, major, installed[0].Major)
            : new EmbeddedOutcome.DataIsOlder(folder.Cluster, major, installed[^1].Major);
    }

    private static long FreeBytes(DataFolder folder) => new DriveInfo(folder.Root).AvailableFreeSpace;

    // ENOSPC, as .NET passes it on.
    private static bool IsDiskFull(IOException failure) => (failure.HResult & 0xFFFF) == 28
        || failure.Message.Contains("No space left on device", StringComparison.Ordinal);

    private async Task Watch(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(PostgresLimits.WatchInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (Postmaster.Of(folder.Cluster) is null)
                {
                    await BringBack(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Leaving: whoever stays watches on.
        }
    }

    // One host at a time: the others find the server running again once it is their turn.
    private async Task BringBack(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        PostgresLog.Died(logger, folder.Root);
        while (true)
        {
            string reason;
            try
            {
                using var turn = await FolderLock.Take(
                    folder.TurnLock, PostgresLimits.TurnTimeout, time, cancellationToken);
                if (await cluster.EnsureRunning(cancellationToken) is not { } failure)
                {
                    PostgresLog.Back(logger, folder.Root, time.GetElapsedTime(began));
                    return;
                }

                reason = failure.Message;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or TimeoutException)
            {
                reason = failure.Message;
            }

            PostgresLog.StaysDown(logger, reason);
            await Task.Delay(PostgresLimits.RestartRetry, time, cancellationToken);
        }
    }
}
