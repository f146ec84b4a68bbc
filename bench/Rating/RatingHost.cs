using System.Diagnostics;
using Npgsql;
using Quoin.Bench.Ingest;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Bench.Rating;

/// <summary>The real program on a copy of a <see cref="RatingDatabase"/>.</summary>
internal sealed class RatingHost : IAsyncDisposable
{
    private const int Connections = 8;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan BalancedLongest = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LagLongest = TimeSpan.FromSeconds(30);

    private readonly BenchCluster cluster;
    private readonly RatingDatabase origin;
    private readonly string database;
    private readonly NpgsqlDataSource looking;
    private readonly QuoinProcess process;
    private readonly bool keepsDatabase;
    private long sentEvents;

    private RatingHost(
        BenchCluster cluster, RatingDatabase origin, string database, QuoinProcess process, bool keepsDatabase)
    {
        (this.cluster, this.origin, this.database, this.process) = (cluster, origin, database, process);
        this.keepsDatabase = keepsDatabase;
        looking = NpgsqlDataSource.Create(database);
    }

    public static async Task<RatingHost> Start(
        BenchCluster cluster, RatingDatabase origin, string database, string roles, bool keepsDatabase = false)
    {
        var started = await QuoinProcess.ServeDatabase(database, "--data", cluster.Folder, "--roles", roles);
        var host = new RatingHost(cluster, origin, database, started, keepsDatabase);
        host.sentEvents = await host.Rated(CancellationToken.None);
        return host;
    }

    /// <summary>Events taken so far.</summary>
    public long Sent => Interlocked.Read(ref sentEvents);

    /// <summary>Processor time so far.</summary>
    public CpuTimes Cpu() => CpuTimes.Now(process.ProcessId);

    /// <summary>Sends batches as fast as they are taken, or at a rate.</summary>
    /// <param name="seconds">For so long.</param>
    /// <param name="eventsPerSecond">At most so many; null without bound.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task Send(double seconds, double? eventsPerSecond, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var every = TimeSpan.FromSeconds(Connections * RatingLoad.BatchEvents / (eventsPerSecond ?? double.PositiveInfinity));
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(lane => Task.Run(
            async () =>
            {
                var load = new RatingLoad(origin.OperatorKey, origin.Organisations, lane);
                using var connection = await LoadConnection.Open(process.Address, cancellationToken);
                for (var next = every * lane / Connections; clock.Elapsed.TotalSeconds < seconds; next += every)
                {
                    if (next - clock.Elapsed is var wait && wait > TimeSpan.Zero)
                    {
                        await Task.Delay(wait, cancellationToken);
                    }

                    await Send(connection, load.Next(), cancellationToken);
                }
            },
            cancellationToken)));
    }

    /// <summary>Single events of organisations that send nothing else, each timed until the books hold it.</summary>
    public async Task<List<double>> Probe(double seconds, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var lags = await Task.WhenAll(origin.Probes.Select(org => Task.Run(
            async () =>
            {
                var load = new EventLoad(origin.OperatorKey, [RatingLoad.Event(org, 0)], isBatch: false, HashCode.Combine(org));
                using var connection = await LoadConnection.Open(process.Address, cancellationToken);
                var times = new List<double>();
                var target = await Revenue(org, cancellationToken);
                while (clock.Elapsed.TotalSeconds < seconds)
                {
                    var sent = Stopwatch.GetTimestamp();
                    await Send(connection, load, cancellationToken);
                    target += EventLoad.MicrosPerEvent;
                    while (await Revenue(org, cancellationToken) < target)
                    {
                        if (Stopwatch.GetElapsedTime(sent) > LagLongest)
                        {
                            throw new InvalidOperationException(
                                $"An event is not in the books after {LagLongest}. The host wrote:\n{process.Output}");
                        }

                        await Task.Delay(LookEvery, cancellationToken);
                    }

                    times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                }

                return times;
            },
            cancellationToken)));
        return [.. lags.SelectMany(times => times)];
    }

    /// <summary>Events the books hold.</summary>
    public async Task<long> Rated(CancellationToken cancellationToken)
    {
        await using var command = looking.CreateCommand(
            "select coalesce(sum(balance_micros), 0)::bigint from ledger.accounts where kind = 'revenue'");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! / EventLoad.MicrosPerEvent;
    }

    /// <summary>Waits until all that was sent is in the books, and insists that lines come to the same.</summary>
    public async Task UntilBalanced(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (await Rated(cancellationToken) != Sent)
        {
            if (waited.Elapsed > BalancedLongest)
            {
                throw new InvalidOperationException($"The books do not come to what was sent. The host wrote:\n{process.Output}");
            }

            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    /// <summary>A figure of the database, for people.</summary>
    public async Task<long> Count(string sql, CancellationToken cancellationToken)
    {
        await using var command = looking.CreateCommand(sql);
        command.CommandTimeout = 300;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        await looking.DisposeAsync();
        if (!keepsDatabase)
        {
            await cluster.Drop(database);
        }
    }

    private async Task<long> Revenue(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = looking.CreateCommand(
            "select coalesce(sum(balance_micros), 0)::bigint from ledger.accounts where org_id = $1 and kind = 'revenue'");
        command.Parameters.Add(new NpgsqlParameter { Value = org.Value });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task Send(LoadConnection connection, EventLoad load, CancellationToken cancellationToken)
    {
        load.Renew();
        var status = await connection.Send(load.Bytes, cancellationToken);
        if (status != 202)
        {
            throw new InvalidOperationException($"The host answered {status}. It wrote:\n{process.Output}");
        }

        Interlocked.Add(ref sentEvents, load.Events);
    }
}
