using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Bench.Limiting;

/// <summary>Two hosts on one database whose organisations have limits, and ways to load them.</summary>
internal sealed class LimitsLoad : IAsyncDisposable
{
    private const string Ample = "bench.ample";
    private const string Last = "bench.last";
    private const decimal LastLimit = 10_000;

    private readonly string connectionString;
    private readonly WebApplication[] hosts;
    private readonly Quotas[] replicas;
    private readonly OrgId[] orgs;
    private int keys;

    private LimitsLoad(string connectionString, WebApplication[] hosts, OrgId[] orgs)
    {
        (this.connectionString, this.hosts, this.orgs) = (connectionString, hosts, orgs);
        replicas = Array.ConvertAll(hosts, host => host.Services.GetRequiredService<Quotas>());
    }

    /// <summary>Opens two hosts and makes organisations.</summary>
    public static async Task<LimitsLoad> Open(string connectionString, int organisations, CancellationToken cancellationToken)
    {
        WebApplication[] pair = [Host(connectionString), Host(connectionString)];
        var creating = pair[0].Services.GetRequiredService<Organisations>();
        var made = new List<OrgId>();
        for (var number = 0; number < organisations; number++)
        {
            var outcome = await creating.Create(
                new NewOrganisation($"Bench {number}", OrganisationMode.Live), "bench", cancellationToken);
            made.Add(((CreateOrganisationOutcome.Created)outcome).Organisation.Id);
        }

        return new LimitsLoad(connectionString, pair, [.. made]);
    }

    /// <summary>Advice from one thread, each check timed.</summary>
    public CheckRates Check(int seconds)
    {
        foreach (var org in orgs)
        {
            replicas[0].Check(org, Ample, 1, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        var times = new TimeCounts();
        var end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = Stopwatch.GetTimestamp();
        var now = began;
        for (var number = 0; now < end; number++)
        {
            var check = replicas[0].Check(orgs[number % orgs.Length], Ample, 1, CancellationToken.None);
            if (!(check.IsCompleted ? check.Result : check.AsTask().GetAwaiter().GetResult()).IsAllowed)
            {
                throw new InvalidOperationException("A check was refused.");
            }

            var after = Stopwatch.GetTimestamp();
            times.Add(after - now);
            now = after;
        }

        var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new CheckRates(
            times.Count / Stopwatch.GetElapsedTime(began, now).TotalSeconds,
            times.Percentile(0.99),
            times.MaxMicroseconds,
            (double)bytes / times.Count);
    }

    /// <summary>Promises from callers that each wait for their own, over so many organisations.</summary>
    public Task<PromiseRates> Record(int callers, int organisations, int seconds, CancellationToken cancellationToken) => Calls(
        callers,
        seconds,
        async (replica, number) => Require(await replica.CheckAndRecord(
            orgs[number % organisations], Ample, 1, NextKey(), null, cancellationToken)));

    /// <summary>A unit held for a minute, and given back.</summary>
    public Task<PromiseRates> HoldAndRelease(int callers, int seconds, CancellationToken cancellationToken) => Calls(
        callers,
        seconds,
        async (replica, number) =>
        {
            var org = orgs[number % orgs.Length];
            var key = NextKey();
            Require(await replica.CheckAndRecord(org, Ample, 1, key, TimeSpan.FromMinutes(1), cancellationToken));
            await replica.Release(org, key, cancellationToken);
        });

    /// <summary>All callers want the units of one limit until it is used up.</summary>
    /// <returns>How many units more than the limit were promised.</returns>
    public async Task<double> TakeTheLast(int callers, CancellationToken cancellationToken)
    {
        var won = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                var own = 0m;
                while (await replicas[caller % replicas.Length].CheckAndRecord(
                    orgs[0], Last, 1 + (caller % 3), NextKey(), null, cancellationToken) is RecordOutcome.Recorded)
                {
                    own += 1 + (caller % 3);
                }

                return own;
            },
            cancellationToken)));
        return (double)Math.Max(0, won.Sum() - LastLimit);
    }

    /// <summary>Insists that each counter holds what its promises add up to.</summary>
    public async Task RequireSound(CancellationToken cancellationToken)
    {
        await using var owner = NpgsqlDataSource.Create(connectionString);
        await using var command = owner.Sql("""
            select count(*)
            from limits.counters c
            where c.used <> coalesce((
                select sum(r.amount)
                from limits.reservations r
                where r.org_id = c.org_id
                    and r.code = c.code
                    and r.window_start = c.window_start
                    and r.state in ('held', 'recorded')), 0)
            """);
        command.CommandTimeout = 600;
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! != 0)
        {
            throw new InvalidOperationException("A counter is not the sum of its promises.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
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
        services => services.AddSingleton<IEntitlements>(new BenchPlan()));

    private async Task<PromiseRates> Calls(int callers, int seconds, Func<Quotas, int, Task> call)
    {
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var own = new List<double>();
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                var started = Stopwatch.GetTimestamp();
                await call(replicas[caller % replicas.Length], (caller * 7_919) + (own.Count * 31));
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        })));
        var elapsed = clock.Elapsed.TotalSeconds;
        var all = times.SelectMany(own => own).ToArray();
        return new PromiseRates(all.Length / elapsed, Figures.Percentile(all, 0.99));
    }

    private string NextKey() => $"bench-{Interlocked.Increment(ref keys)}";

    private static void Require(RecordOutcome outcome)
    {
        if (outcome is not RecordOutcome.Recorded)
        {
            throw new InvalidOperationException($"A promise ended as {outcome}.");
        }
    }

    private sealed class BenchPlan : IEntitlements
    {
        private readonly Dictionary<string, LimitTerms> limits = new(StringComparer.Ordinal)
        {
            [Ample] = new(Ample, LimitKind.Quota) { Limit = 1_000_000_000 },
            [Last] = new(Last, LimitKind.Quota) { Limit = LastLimit },
        };

        public ValueTask<PlanTerms> Of(
            OrganisationProfile org, string defaultPlan, DateTimeOffset at, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new PlanTerms("bench", "Bench", Money.Zero(Currency.Usd), Period.MonthOf(at), limits));
    }
}
