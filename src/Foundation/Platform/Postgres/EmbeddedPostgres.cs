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
    private readonly DataFolder data;
    private readonly HostRegister register;
    private readonly Cluster cluster;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource leaving = new();
    private readonly Task watching;

    internal EmbeddedPostgres(
        DataFolder data, HostRegister register, Cluster cluster, string connectionString, ILogger logger, TimeProvider time)
    {
        (this.data, this.register, this.cluster) = (data, register, cluster);
        (this.logger, this.time) = (logger, time);
        ConnectionString = connectionString;
        watching = Watch(leaving.Token);
    }

    /// <summary>The owner's connection string. It stays good over restarts of the server.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts the cluster of a data folder, creating it if need be, or joins the hosts that use it already.</summary>
    public static Task<EmbeddedOutcome> Start(
        EmbeddedSettings settings, ILogger logger, TimeProvider time, CancellationToken cancellationToken) =>
        new EmbeddedStart(settings, logger, time).Run(cancellationToken);

    /// <summary>Leaves; the last to leave stops the server. The host's own connections are closed by then.</summary>
    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        await watching;
        leaving.Dispose();
        using var turn = await FolderLock.Take(
            data.TurnLock, PostgresLimits.TurnTimeout, time, CancellationToken.None);
        await Leave(register, cluster, data, logger);
    }

    /// <summary>Strikes a host off; stops the server when it was the last. The caller holds the turn lock.</summary>
    internal static async Task Leave(HostRegister register, Cluster cluster, DataFolder data, ILogger logger)
    {
        register.Leave();
        if (register.CountLiving() == 0 && Postmaster.Of(data.Cluster) is not null)
        {
            PostgresLog.Stopping(logger, data.Root);
            await cluster.Stop(CancellationToken.None);
        }
    }

    private async Task Watch(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(PostgresLimits.WatchInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (!IsUp())
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

    // What cannot be looked at is not taken for dead: the next look tells.
    private bool IsUp()
    {
        try
        {
            return Postmaster.Of(data.Cluster) is not null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            PostgresLog.NotLookedAt(logger, data.Root, failure);
            return true;
        }
    }

    // One host at a time: the others find the server running again once it is their turn.
    private async Task BringBack(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        PostgresLog.Died(logger, data.Root);
        while (true)
        {
            string reason;
            try
            {
                using var turn = await FolderLock.Take(
                    data.TurnLock, PostgresLimits.TurnTimeout, time, cancellationToken);
                if (await cluster.EnsureRunning(cancellationToken) is not { } failure)
                {
                    PostgresLog.Back(logger, data.Root, time.GetElapsedTime(began));
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
