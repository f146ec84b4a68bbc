using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Bench.Limiting;

/// <summary>
/// Money reserved in process, on the budgets of its scopes and in the ledger, durable: one caller, and fifty; beside a bare
/// durable row over the same socket.
/// </summary>
internal sealed class SpendBench(BenchOptions options)
{
    private const int Callers = 50;
    private const int Organisations = 50;
    private const int WarmUpSeconds = 2;

    private int keys;

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        var rounds = new List<Dictionary<string, double>>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            rounds.Add(await RunRound(cluster, cancellationToken));
            Console.WriteLine($"round {number}: " + string.Join(
                ", ", rounds[^1].Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value:0.###}"))));
        }

        foreach (var name in rounds[0].Keys)
        {
            Figures.Print(name, Figures.Median(rounds.Select(round => round[name])));
        }
    }

    private async Task<Dictionary<string, double>> RunRound(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        var figures = new Dictionary<string, double>();
        await using (var host = Host(database))
        {
            var accounts = new List<(OrgId Org, BillingAccountId Account)>();
            for (var number = 0; number < Organisations; number++)
            {
                accounts.Add(await Open(host.Services, number, cancellationToken));
            }

            var spending = host.Services.GetRequiredService<Spending>();
            var source = host.Services.GetRequiredService<NpgsqlDataSource>();
            Task Reserve(int number, int among) => Require(
                spending.Reserve(Request(accounts[number % among], $"r{Interlocked.Increment(ref keys)}"), cancellationToken));
            await Calls(1, WarmUpSeconds, number => Reserve(number, 1));
            await Add(figures, "row", 1, number => Row(source, cancellationToken));
            var ledger = host.Services.GetRequiredService<Quoin.Ledger.Ledger>();
            await Add(figures, "hold", 1, number => Hold(ledger, accounts[0], cancellationToken));
            await Add(figures, "reserve", 1, number => Reserve(number, 1));
            await Add(figures, "reserve_and_settle", 1, number => ReserveAndSettle(spending, accounts[0], cancellationToken));
            await Add(figures, "reserve_50", Callers, number => Reserve(number, 1));
            await Add(figures, "reserve_50_spread", Callers, number => Reserve(number, Organisations));
        }

        await cluster.Drop(database);
        return figures;
    }

    private async Task Add(Dictionary<string, double> figures, string name, int callers, Func<int, Task> call)
    {
        var (perSecond, times) = await Calls(callers, options.Seconds, call);
        figures.Add($"spend.{name}_p50_ms", Figures.Percentile(times, 0.5));
        figures.Add($"spend.{name}_p99_ms", Figures.Percentile(times, 0.99));
        figures.Add($"spend.{name}_per_second", perSecond);
    }

    private static async Task<(double PerSecond, double[] Milliseconds)> Calls(int callers, int seconds, Func<int, Task> call)
    {
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var own = new List<double>();
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                var started = Stopwatch.GetTimestamp();
                await call((caller * 7_919) + (own.Count * 31));
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        })));
        double[] all = [.. times.SelectMany(own => own)];
        return (all.Length / clock.Elapsed.TotalSeconds, all);
    }

    // As the gateway does: nobody waits for a settlement, and the next reservation carries it.
    private async Task ReserveAndSettle(
        Spending spending, (OrgId Org, BillingAccountId Account) of, CancellationToken cancellationToken)
    {
        var key = $"r{Interlocked.Increment(ref keys)}";
        var reserved = await Require(spending.Reserve(Request(of, key), cancellationToken));
        var settlement = new SpendSettlement(of.Org, key, 123.5m) { Ticket = reserved.Ticket };
        _ = spending.Settle(new Entry(settlement), NoJournal.Instance, isAwaited: false);
    }

    // The least anything durable costs: one insert, committed by itself.
    private async Task Row(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.Sql(
            "insert into limits.notices (org_id, key, told_at) values ($1, $2, $3)",
            Guid.Empty,
            $"{Interlocked.Increment(ref keys)}",
            DateTimeOffset.UnixEpoch);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task Hold(
        Quoin.Ledger.Ledger ledger, (OrgId Org, BillingAccountId Account) of, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(1);
        var command = new CreateHold(
            of.Org,
            of.Account,
            $"h{Interlocked.Increment(ref keys)}",
            new Money(1_000, Currency.Usd),
            PaymentTerms.Prepaid,
            now,
            now.AddDays(1),
            "bench");
        if (await ledger.Run(command, cancellationToken) is not HoldOutcome.Held)
        {
            throw new InvalidOperationException("A hold was refused.");
        }
    }

    private static SpendRequest Request((OrgId Org, BillingAccountId Account) of, string key) => new(
        of.Org,
        of.Account,
        key,
        [new SpendScope("key", "key_1"), new SpendScope("session", "s-1"), new SpendScope("project", "prj_1")],
        new Money(1_000, Currency.Usd),
        new Money(1, Currency.Usd),
        SpendPosture.Hard,
        TimeSpan.FromMinutes(1),
        "bench",
        """{"model":"bench"}""");

    private static async Task<SpendOutcome.Reserved> Require(ValueTask<SpendOutcome> reserving) =>
        await reserving is var outcome && outcome is SpendOutcome.Reserved reserved
            ? reserved
            : throw new InvalidOperationException($"A reservation ended as {outcome}.");

    private sealed class Entry(SpendSettlement settlement) : SpendEntry(settlement.Org, settlement);

    private sealed class NoJournal : ISpendJournal
    {
        public static readonly NoJournal Instance = new();

        public void Write(NpgsqlBatch batch, IReadOnlyList<SpendEntry> entries, bool areFirst)
        {
        }
    }

    private static async Task<(OrgId Org, BillingAccountId Account)> Open(
        IServiceProvider services, int number, CancellationToken cancellationToken)
    {
        var created = (CreateOrganisationOutcome.Created)await services.GetRequiredService<Organisations>().Create(
            new NewOrganisation($"Bench {number}", OrganisationMode.Live), "bench", cancellationToken);
        var (org, account) = (created.Organisation.Id, created.Organisation.DefaultBillingAccount.Id);
        var ample = new Money(1_000_000_000_000, Currency.Usd);
        await services.GetRequiredService<Quoin.Ledger.Ledger>().Run(
            new CreateGrant(org, account, "credit", ample, GrantSource.Purchased, DateTimeOffset.UnixEpoch, "bench"), cancellationToken);
        foreach (var scope in new[] { SpendScope.Of(org), new SpendScope("key", "key_1") })
        {
            await services.GetRequiredService<Budgets>().Create(
                org, new NewBudget(scope, ample, BudgetWindow.Month, SpendPosture.Hard), "bench", cancellationToken);
        }

        return (org, account);
    }

    // Not started: what is measured is the module, without HTTP and without background work.
    private static WebApplication Host(string connectionString) => QuoinHost.Build(
        new HostSettings
        {
            DataFolder = Path.GetTempPath(),
            Database = connectionString,
            MasterKey = Convert.ToBase64String(new byte[32]),
        },
        connectionString,
        _ => { });
}
