using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Server.Hosting;
using Quoin.Tests.Support;

namespace Quoin.Bench.Ingest;

/// <summary>The real program on a fresh database, with organisations, keys and prices in it.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    public const int Organisations = 10;

    private readonly BenchCluster cluster;
    private readonly string connectionString;
    private readonly NpgsqlDataSource looking;
    private readonly QuoinProcess process;
    private readonly (OrgId Org, string Key)[] customers;
    private long sentEvents;

    private BenchHost(
        BenchCluster cluster,
        string connectionString,
        QuoinProcess process,
        (OrgId Org, string Key)[] customers)
    {
        (this.cluster, this.connectionString, this.process, this.customers) = (cluster, connectionString, process, customers);
        looking = NpgsqlDataSource.Create(connectionString);
    }

    public Uri Address => process.Address;

    public static async Task<BenchHost> Start(BenchCluster cluster, string roles, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();

        // Beside the cluster: every process of this run reads the same master key there.
        var made = await Prepare(database, cluster.Folder, cancellationToken);
        var started = await QuoinProcess.ServeDatabase(database, "--data", cluster.Folder, "--roles", roles);
        return new BenchHost(cluster, database, started, made);
    }

    /// <summary>A load for one connection; connections take the organisations in turn.</summary>
    public EventLoad Load(int lane, int events, bool isBatch) =>
        new(customers[lane % Organisations].Key, events, isBatch, Interlocked.Increment(ref lanes));

    private static int lanes;

    /// <summary>Sends new events and insists that they are taken.</summary>
    public async ValueTask Send(LoadConnection connection, EventLoad load, CancellationToken cancellationToken)
    {
        load.Renew();
        var status = await connection.Send(load.Bytes, cancellationToken);
        if (status != 202)
        {
            throw new InvalidOperationException($"The host answered {status}. It wrote:\n{process.Output}");
        }

        Interlocked.Add(ref sentEvents, load.Events);
    }

    /// <summary>The revenue of each organisation, in micros.</summary>
    public async Task<long[]> Revenue(CancellationToken cancellationToken)
    {
        await using var command = looking.CreateCommand("select org_id, balance_micros from ledger.accounts where kind = 'revenue'");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var revenue = new long[Organisations];
        while (await reader.ReadAsync(cancellationToken))
        {
            revenue[Array.FindIndex(customers, customer => customer.Org.Value == reader.GetGuid(0))] = reader.GetInt64(1);
        }

        return revenue;
    }

    /// <summary>Waits until all that was sent is in the books, to the micro.</summary>
    public async Task UntilBalanced(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while ((await Revenue(cancellationToken)).Sum() != Interlocked.Read(ref sentEvents) * EventLoad.MicrosPerEvent)
        {
            if (waited.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new InvalidOperationException("The books do not come to what was sent.");
            }

            await Task.Delay(10, cancellationToken);
        }
    }

    /// <summary>Insists that every event sent is stored once.</summary>
    public async Task RequireEveryEventOnce(CancellationToken cancellationToken)
    {
        await using var command = looking.CreateCommand(
            "select (select count(*) from metering.events), (select sum(event_count)::bigint from metering.usage_buckets)");
        command.CommandTimeout = 120;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (stored, counted) = (reader.GetInt64(0), reader.GetInt64(1));
        if (stored != sentEvents || counted != 2 * sentEvents)
        {
            throw new InvalidOperationException($"{sentEvents} events were sent, {stored} are stored, {counted} counted by two meters.");
        }
    }

    /// <summary>Processor time so far.</summary>
    public CpuTimes Cpu() => CpuTimes.Now(process.ProcessId);

    /// <summary>The host's resident memory.</summary>
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{process.ProcessId}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        await looking.DisposeAsync();
        await cluster.Drop(connectionString);
    }

    private static async Task<(OrgId, string)[]> Prepare(string database, string folder, CancellationToken cancellationToken)
    {
        var settings = new HostSettings { DataFolder = folder, Database = database };
        await using var app = QuoinHost.Build(settings, database);
        var organisations = app.Services.GetRequiredService<Accounts.Organisations>();
        var keys = app.Services.GetRequiredService<Keys>();
        var made = new (OrgId, string)[Organisations];
        for (var index = 0; index < Organisations; index++)
        {
            var created = await organisations.Create(
                new NewOrganisation($"Bench {index}", OrganisationMode.Test, Settlement: Settlement.Postpaid),
                "bench",
                cancellationToken);
            var org = ((CreateOrganisationOutcome.Created)created).Organisation.Id;
            var key = await keys.CreateForOrganisation(org, new NewKey("bench"), "bench", cancellationToken);
            made[index] = (org, ((CreateKeyOutcome.Created)key).Key.Secret);
        }

        var books = app.Services.GetRequiredService<PriceBooks>();
        var book = (CreateBookOutcome.Created)await books.Create("bench", Currency.Usd, true, "bench", cancellationToken);
        await books.Publish(
            book.Book.Id,
            [
                new NewPrice("llm.input_tokens", Dimensions.None, 2.50m, 1_000_000, null),
                new NewPrice("llm.output_tokens", Dimensions.None, 10m, 1_000_000, null),
            ],
            "bench",
            cancellationToken);
        return made;
    }
}
