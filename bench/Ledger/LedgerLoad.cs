using System.Diagnostics;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Bench.Ledger;

/// <summary>A ledger with organisations that have credit, and ways to load it.</summary>
internal sealed class LedgerLoad : IAsyncDisposable
{
    private const int Writers = 2;
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly IdSource ids = new(TimeProvider.System);
    private readonly NpgsqlDataSource source;
    private readonly Quoin.Ledger.Ledger ledger;
    private readonly (OrgId Org, BillingAccountId Account)[] customers;
    private readonly string connectionString;

    private LedgerLoad(string connectionString, int organisations)
    {
        this.connectionString = connectionString;
        source = DataSources.App(connectionString);
        ledger = new Quoin.Ledger.Ledger(source, TimeProvider.System, ids);
        customers = [.. Enumerable.Range(0, organisations).Select(_ => (ids.Next<OrgId>(), ids.Next<BillingAccountId>()))];
    }

    /// <summary>Opens the books of new organisations, each with one grant.</summary>
    public static async Task<LedgerLoad> Open(string connectionString, int organisations, CancellationToken cancellationToken)
    {
        var load = new LedgerLoad(connectionString, organisations);
        foreach (var some in load.customers.Chunk(500))
        {
            await load.ledger.RunTogether(
                [.. some.Select(customer => new CreateGrant(
                    customer.Org,
                    customer.Account,
                    "bench",
                    new Money(Limits.GrantMicrosMax, Currency.Usd),
                    GrantSource.Purchased,
                    At,
                    "bench"))],
                cancellationToken);
        }

        return load;
    }

    /// <summary>Transfers a second, so many a transaction, from two writers with organisations of their own.</summary>
    public async Task<double> Batched(int batch, int seconds, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                long count = 0;
                while (clock.Elapsed.TotalSeconds < seconds)
                {
                    await PostBatch(writer, batch, count, cancellationToken);
                    count += batch;
                }

                return count;
            },
            cancellationToken)));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Posts until the ledger has so many entries.</summary>
    public async Task FillTo(long entries, CancellationToken cancellationToken)
    {
        var missing = (entries - await Entries(cancellationToken)) / 2 / Writers;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (long count = 0; count < missing; count += 1_000)
                {
                    await PostBatch(writer, 1_000, count, cancellationToken);
                }
            },
            cancellationToken)));
    }

    /// <summary>Transfers of one organisation from one grant, from callers that each wait for their own.</summary>
    public Task<CallRates> Hot(int callers, int seconds, CancellationToken cancellationToken) =>
        Calls(callers, seconds, (_, _) => ledger.Run(Usage(customers[0]), cancellationToken), cancellationToken);

    /// <summary>Transfers of all organisations, from callers that each wait for their own.</summary>
    public Task<CallRates> Singles(int callers, int seconds, CancellationToken cancellationToken) =>
        Calls(callers, seconds, (caller, number) => ledger.Run(Usage(Customer(caller, number)), cancellationToken), cancellationToken);

    /// <summary>Transfers, each in a transaction of its own.</summary>
    public Task<CallRates> OneByOne(int callers, int seconds, CancellationToken cancellationToken) => Calls(
        callers,
        seconds,
        async (caller, number) => await ledger.RunTogether([Usage(Customer(caller, number))], cancellationToken),
        cancellationToken);

    /// <summary>A hold and its release, from callers that each wait for their own.</summary>
    public Task<CallRates> HoldsAndReleases(int callers, int seconds, CancellationToken cancellationToken) => Calls(
        callers,
        seconds,
        async (caller, number) =>
        {
            var customer = Customer(caller, number);
            var held = await ledger.Run(Hold(customer), cancellationToken) as HoldOutcome.Held
                ?? throw new InvalidOperationException("A hold was refused.");
            await ledger.Run(new ReleaseHold(customer.Org, held.Id, At), cancellationToken);
            return held;
        },
        cancellationToken);

    /// <summary>The times, in milliseconds, of holds that arrive at a steady rate, each released a moment later.</summary>
    public async Task<IReadOnlyList<double>> HoldsAt(int perSecond, int seconds, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var calls = new List<Task<double>>();
        for (var number = 0; number < perSecond * seconds; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / perSecond);
            while (clock.Elapsed < due)
            {
                await Task.Delay(1, cancellationToken);
            }

            var customer = Customer(0, number);
            calls.Add(Task.Run(() => TimedHold(customer, cancellationToken), cancellationToken));
        }

        return await Task.WhenAll(calls);
    }

    /// <summary>Insists that the books balance: entries sum to zero, balances are their sums, the chain is whole.</summary>
    public async Task RequireSound(CancellationToken cancellationToken)
    {
        await using var owner = NpgsqlDataSource.Create(connectionString);
        await using var command = owner.Sql("""
            select
                (select count(*) from (
                    select 1 from ledger.entries group by org_id, transfer_id, currency having sum(amount_micros) <> 0) broken)
                + (select count(*) from ledger.accounts a where a.balance_micros <> coalesce((
                    select sum(e.amount_micros) from ledger.entries e
                    where e.org_id = a.org_id and e.account_id = a.account_id), 0))
                + (select count(*) from ledger.books b where b.transfer_count <> (
                    select count(*) from ledger.transfers t where t.org_id = b.org_id))
                + (select count(*) from ledger.accounts a where a.held_micros <> coalesce((
                    select sum(part.micros)
                    from ledger.holds h
                    cross join lateral unnest(h.account_ids, h.part_micros) as part (account_id, micros)
                    where h.org_id = a.org_id and h.state = 'open' and part.account_id = a.account_id), 0)
                    and (select count(*) from ledger.holds) < 200000)
            """);
        command.CommandTimeout = 600;
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! != 0)
        {
            throw new InvalidOperationException("The books are not sound.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ledger.DisposeAsync();
        await source.DisposeAsync();
    }

    private async Task<long> Entries(CancellationToken cancellationToken)
    {
        await using var command = source.Sql("select count(*) from ledger.entries");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<double> TimedHold((OrgId Org, BillingAccountId Account) customer, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var held = await ledger.Run(Hold(customer), cancellationToken) as HoldOutcome.Held
            ?? throw new InvalidOperationException("A hold was refused.");
        var time = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        await ledger.Run(new ReleaseHold(customer.Org, held.Id, At), cancellationToken);
        return time;
    }

    private async Task PostBatch(int writer, int batch, long from, CancellationToken cancellationToken)
    {
        var own = customers.Length / Writers;
        var commands = new LedgerCommand[batch];
        for (var index = 0; index < batch; index++)
        {
            commands[index] = Usage(customers[(writer * own) + (int)((from + index) % own)]);
        }

        await ledger.RunTogether(commands, cancellationToken);
    }

    private static async Task<CallRates> Calls<T>(
        int callers, int seconds, Func<int, int, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                var own = new List<double>();
                while (clock.Elapsed.TotalSeconds < seconds)
                {
                    var started = Stopwatch.GetTimestamp();
                    if (await call(caller, own.Count) is null)
                    {
                        throw new InvalidOperationException("The queue was full.");
                    }

                    own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }

                return own;
            },
            cancellationToken)));
        var elapsed = clock.Elapsed.TotalSeconds;
        var all = times.SelectMany(own => own).ToArray();
        return new CallRates(all.Length / elapsed, Figures.Percentile(all, 0.50), Figures.Percentile(all, 0.99));
    }

    private (OrgId Org, BillingAccountId Account) Customer(int caller, int number) =>
        customers[((caller * 7_919) + (number * 31)) % customers.Length];

    private PostTransfer Usage((OrgId Org, BillingAccountId Account) customer) => new(new TransferRequest(
        customer.Org,
        customer.Account,
        $"bench:{ids.Next():n}",
        new BusinessFact.Usage(new Money(1, Currency.Usd), PaymentTerms.Prepaid),
        At,
        "bench"));

    private CreateHold Hold((OrgId Org, BillingAccountId Account) customer) => new(
        customer.Org,
        customer.Account,
        $"bench:{ids.Next():n}",
        new Money(1_000, Currency.Usd),
        PaymentTerms.Prepaid,
        At,
        At.AddMinutes(10),
        "bench");
}

/// <summary>How fast callers were served.</summary>
/// <param name="PerSecond">Calls a second, all callers together.</param>
/// <param name="P50">Milliseconds a call, the median.</param>
/// <param name="P99">Milliseconds a call, the 99th percentile.</param>
internal sealed record CallRates(double PerSecond, double P50, double P99);
