using System.Collections.Concurrent;
using Npgsql;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>
/// What a replica remembers of budgets and books spares it a round trip, and is worth nothing once another has moved them.
/// </summary>
public sealed class SpendingFromMemory : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly SpendScope Key = new("key", "key_1");

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly SpendingReplicas acme;
    private readonly Journal journal = new();
    private int calls;

    public SpendingFromMemory(TestDatabase database) => acme = new SpendingReplicas(database, clock);

    public Task InitializeAsync() => acme.Open();

    public async Task DisposeAsync() => await acme.DisposeAsync();

    [Fact]
    public async Task Who_calls_one_after_the_other_always_finds_the_last_call_settled()
    {
        var budget = await acme.Budget(Key, 1_000);
        var settled = new List<Task<bool>>();

        for (var call = 0; call < 50; call++)
        {
            settled.Add(Settle(await Reserved(990), 0.125m));
        }

        (await Task.WhenAll(settled)).ShouldAllBe(isTaken => isTaken);
        await ShouldStand(budget, reserved: 0, spent: 6.25m);
        journal.Written.ShouldBe(50);
    }

    [Fact]
    public async Task A_budget_changed_elsewhere_holds_for_the_next_call()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        await Warm();

        await acme.Second.Get<Budgets>().Change(
            acme.Org, budget.Id, new BudgetChange(SpendingReplicas.Usd(500), null, null), "test", CancellationToken.None);

        (await Reserve(501)).ShouldBeOfType<SpendOutcome.BudgetExceeded>();
    }

    [Fact]
    public async Task A_budget_made_elsewhere_holds_for_the_next_call()
    {
        await acme.Budget(Key, 1_000_000);
        await Warm();

        await acme.Second.Get<Budgets>().Create(
            acme.Org,
            new NewBudget(SpendScope.Of(acme.Org), SpendingReplicas.Usd(500), BudgetWindow.Month, SpendPosture.Hard),
            "test",
            CancellationToken.None);

        (await Reserve(501)).ShouldBeOfType<SpendOutcome.BudgetExceeded>();
    }

    [Fact]
    public async Task Budgets_are_exact_while_replicas_take_turns_and_some_calls_come_to_nothing()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        LimitsReplica[] replicas = [acme.First, acme.Second];

        await Parallel.ForEachAsync(Enumerable.Range(0, 400), async (number, _) =>
        {
            var on = replicas[number / 20 % 2];
            var settlement = await Reserved(100, on);
            if (number % 10 == 0)
            {
                await on.Get<Spending>().Cancel(acme.Org, settlement.Key, CancellationToken.None);
            }
            else
            {
                await Settle(settlement, 1.5m, on);
            }
        });

        await acme.GivenBack();
        await ShouldStand(budget, reserved: 0, spent: 360 * 1.5m);
    }

    [Fact]
    public async Task A_call_taken_for_dead_is_settled_once_when_its_host_lives_after_all()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        await Warm();
        var settlement = await Reserved(100);

        await acme.Second.InTransaction(transaction => acme.Second.Get<Spending>().SettleWithin(
            transaction, [settlement with { QuotedMicros = 7 }], CancellationToken.None));
        var entry = new Entry(settlement with { QuotedMicros = 9 });
        (await acme.First.Get<Spending>().Settle(entry, journal, isAwaited: true)).ShouldBeTrue();

        entry.Change.ShouldBe(new SpendChange.AlreadyEnded(SpendState.Settled));
        (await acme.Standing(budget.Id)).SpentMicros.ShouldBe(7 + WarmSpent);
    }

    [Fact]
    public async Task Reaching_a_threshold_is_told_and_counted_once()
    {
        var budget = await acme.Budget(Key, 1_000);
        await Warm();

        await Settle(await Reserved(900), 800);
        await Settle(await Reserved(100), 50);

        await ShouldStand(budget, reserved: 0, spent: 850 + WarmSpent);
    }

    private const decimal WarmSpent = 10;

    // Until books are trusted, a few flushes must have found them as they were left.
    private async Task Warm()
    {
        for (var call = 0; call < 10; call++)
        {
            await Settle(await Reserved(100), 1);
        }
    }

    private Task<SpendOutcome> Reserve(long most, LimitsReplica? on = null) =>
        acme.Reserve(acme.Request($"call{Interlocked.Increment(ref calls)}", most, Key), on);

    private async Task<SpendSettlement> Reserved(long most, LimitsReplica? on = null)
    {
        var request = acme.Request($"call{Interlocked.Increment(ref calls)}", most, Key);
        var reserved = (await acme.Reserve(request, on)).ShouldBeOfType<SpendOutcome.Reserved>();
        return new SpendSettlement(acme.Org, request.Key, 0) { Ticket = reserved.Ticket };
    }

    private Task<bool> Settle(SpendSettlement settlement, decimal micros, LimitsReplica? on = null) =>
        (on ?? acme.First).Get<Spending>().Settle(
            new Entry(settlement with { QuotedMicros = micros }), journal, isAwaited: false);

    private async Task ShouldStand(Budget budget, decimal reserved, decimal spent)
    {
        var standing = await acme.Standing(budget.Id);
        (standing.ReservedMicros, standing.SpentMicros).ShouldBe((reserved, spent));
    }

    private sealed class Entry(SpendSettlement settlement) : SpendEntry(settlement.Org, settlement);

    private sealed class Journal : ISpendJournal
    {
        private readonly ConcurrentDictionary<string, bool> keys = new(StringComparer.Ordinal);

        public int Written => keys.Count;

        public void Write(NpgsqlBatch batch, IReadOnlyList<SpendEntry> entries, bool areFirst)
        {
            foreach (var entry in entries)
            {
                keys.TryAdd(entry.Settlement!.Key, true);
            }
        }
    }
}
