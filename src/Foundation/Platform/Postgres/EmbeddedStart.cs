using Microsoft.Extensions.Logging;

namespace Quoin.Platform;

/// <summary>One host's way to a running cluster: checks, its turn, creating or joining.</summary>
internal sealed class EmbeddedStart(EmbeddedSettings settings, ILogger logger, TimeProvider time)
{
    private readonly DataFolder data = new(settings.DataFolder);

    /// <summary>Goes it. Whatever fails, nothing this host started is left running.</summary>
    public async Task<EmbeddedOutcome> Run(CancellationToken cancellationToken)
    {
        var installed = settings.Binaries ?? PostgresBinaries.FindAll();
        if (installed.Count == 0)
        {
            return new EmbeddedOutcome.NoBinaries();
        }

        try
        {
            var user = await ClusterUser.Choose(data.Cluster, cancellationToken);
            if (await user.Create(cancellationToken) is { Succeeded: false } refusal)
            {
                return new EmbeddedOutcome.NoUser(refusal.Output.Trim());
            }

            data.Create(user);
            if (user.Name is { } name && await user.FirstClosedFolder(data.Root, cancellationToken) is { } closed)
            {
                return new EmbeddedOutcome.NotTraversable(closed, name);
            }

            using var turn = await FolderLock.Take(data.TurnLock, PostgresLimits.TurnTimeout, time, cancellationToken);
            if (Unfit(installed, out var binaries) is { } unfit)
            {
                return unfit;
            }

            return await InTurn(new Cluster(data, binaries, user, settings, logger, time), cancellationToken);
        }
        catch (UnauthorizedAccessException failure)
        {
            return new EmbeddedOutcome.NotWritable(data.Root, failure.Message);
        }
        catch (TimeoutException failure)
        {
            return new EmbeddedOutcome.DidNotStart(failure.Message, data.Root);
        }
        catch (IOException failure)
        {
            return IsDiskFull(failure)
                ? new EmbeddedOutcome.DiskFull(data.Root, data.FreeBytes())
                : new EmbeddedOutcome.NotWritable(data.Root, failure.Message);
        }
    }

    private EmbeddedOutcome? Unfit(IReadOnlyList<PostgresBinaries> installed, out PostgresBinaries chosen)
    {
        chosen = installed[0];
        if (data.ClusterMajor() is not { } major)
        {
            return null;
        }

        if (installed.FirstOrDefault(binaries => binaries.Major == major) is { } fitting)
        {
            chosen = fitting;
            return null;
        }

        return major > installed[0].Major
            ? new EmbeddedOutcome.DataIsNewer(data.Cluster, major, installed[0].Major)
            : new EmbeddedOutcome.DataIsOlder(data.Cluster, major, installed[^1].Major);
    }

    private async Task<EmbeddedOutcome> InTurn(Cluster cluster, CancellationToken cancellationToken)
    {
        if (Postmaster.Of(data.Cluster) is null && data.FreeBytes() is var free && free < settings.DiskFreeBytesMin)
        {
            return new EmbeddedOutcome.DiskFull(data.Root, free);
        }

        var register = new HostRegister(data);
        register.Join();
        EmbeddedPostgres? running = null;
        try
        {
            var failure = await cluster.Create(cancellationToken) ?? await cluster.EnsureRunning(cancellationToken);
            if (failure is not null)
            {
                return failure;
            }

            await cluster.CreateDatabase(cancellationToken);
            var connectionString = await cluster.ConnectionString(cancellationToken);
            PostgresLog.Joined(logger, data.Root, register.CountLiving());
            running = new EmbeddedPostgres(data, register, cluster, connectionString, logger, time);
            return new EmbeddedOutcome.Running(running);
        }
        finally
        {
            if (running is null)
            {
                await EmbeddedPostgres.Leave(register, cluster, data, logger);
            }
        }
    }

    // ENOSPC, as .NET passes it on.
    private static bool IsDiskFull(IOException failure) => (failure.HResult & 0xFFFF) == 28
        || failure.Message.Contains("No space left on device", StringComparison.Ordinal);
}
