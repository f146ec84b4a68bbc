using System.Collections.Concurrent;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>
/// Who reserves often enough draws on what was reserved ahead for many: each draw is on record before it is used, nothing
/// is overspent by it, and what nobody drew is given back.
/// </summary>
public sealed class ReservingAhead : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const int TriesMax = 5_000;
    private const long Most = 100;
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 64 };
    private static readonly SpendScope Key = new("key", "key_1");

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly TestDatabase database;
    private readonly SpendingReplicas acme;
    private readonly Journal journal = new();
    private int calls;

    public ReservingAhead(TestDatabase database) => (this.database, acme) = (database, new SpendingReplicas(database, clock));

    public Task InitializeAsync() => acme.Open();

    public async Task DisposeAsync() => await acme.DisposeAsync();

    [Fact]
    public async Task A_draw_is_on_record_before_it_is_used()
    {
        await acme.Budget(Key, 1_000_000);

        var draw = await Drawn();

        (await Draws()).ShouldBe([draw.Key]);
        (await acme.Held()).ShouldBeGreaterThanOrEqualTo(Most + warmHeld);
    }

    [Fact]
    public async Task What_draws_come_to_counts_in_their_budgets_and_is_held_until_it_is_posted()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draws = await Drawn(20);

        var entries = draws.ConvertAll(draw => new Entry(draw with { QuotedMicros = 2.25m }));
        await Task.WhenAll(entries.Select(entry => Settle(entry)));

        entries.ShouldAllBe(entry => entry.Change == new SpendChange.Done());
        journal.Holds(entries).ShouldAllBe(hold => hold != null);
        await Settled(budget, spent: (20 * 2.25m) + warmSpent);
        (await acme.Held()).ShouldBe((20 * 3) + warmHeld);
    }

    [Fact]
    public async Task What_is_spent_beyond_a_draw_counts_and_is_not_taken_from_what_others_drew()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();

        await Settle(new Entry(draw with { QuotedMicros = 250 }));

        await Settled(budget, spent: 250 + warmSpent);
        (await acme.Held()).ShouldBe(Most + warmHeld);
    }

    [Fact]
    public async Task What_nobody_drew_is_given_back()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();

        (await acme.Cancel(draw.Key)).ShouldBe(new SpendChange.Done());

        await Settled(budget, warmSpent);
        (await acme.Held()).ShouldBe(warmHeld);
        (await Draws()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_lives_on_for_long_gets_a_reservation_of_its_own()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();

        (await acme.Renew(draw.Key, TimeSpan.FromMinutes(2), """{"delivered":7}""")).ShouldBe(new SpendChange.Done());

        await Reserved(budget, Most);
        var entry = new Entry(draw with { QuotedMicros = 7 });
        await Settle(entry);
        entry.Change.ShouldBe(new SpendChange.Done());
        (await HeldBy(entry)).ShouldBe(Most);
        await Settled(budget, 7 + warmSpent);
    }

    [Fact]
    public async Task Who_is_renewed_in_the_moment_it_is_settled_is_settled_once_and_leaves_nothing()
    {
        const int many = 200;
        var budget = await acme.Budget(Key, 1_000_000);
        var draws = await Drawn(many);

        await Parallel.ForEachAsync(draws, AtOnce, async (draw, _) =>
        {
            var entry = new Entry(draw with { QuotedMicros = 2 });
            await Task.WhenAll(
                Task.Run(() => acme.Renew(draw.Key, TimeSpan.FromMinutes(2), null), CancellationToken.None),
                Task.Run(() => Settle(entry), CancellationToken.None));
            entry.Change.ShouldBe(new SpendChange.Done());
        });

        await Settled(budget, (many * 2) + warmSpent);
        (await Draws()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_draw_that_could_not_become_a_reservation_of_its_own_is_settled_as_a_draw()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();

        (await RenewedInVain(draw.Key)).ShouldBe(new SpendChange.Unavailable());
        var entry = new Entry(draw with { QuotedMicros = 7 });
        await Settle(entry);

        entry.Change.ShouldBe(new SpendChange.Done());
        await Settled(budget, 7 + warmSpent);
    }

    [Fact]
    public async Task Who_was_taken_for_dead_and_lives_names_the_hold_that_was_made_of_its_draw()
    {
        await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();

        clock.Advance(TimeSpan.FromMinutes(2));
        while (await acme.Second.Get<Spending>().HandOverLapsed(new Taking(new LapseVerdict.Review()), CancellationToken.None))
        {
            // What is drawn on an allowance becomes reservations first, which are handed over at the next look.
        }

        var entry = new Entry(draw with { QuotedMicros = 9 });
        await Settle(entry);
        entry.Change.ShouldBe(new SpendChange.Done());
        (await HeldBy(entry)).ShouldBe(Most);
    }

    [Fact]
    public async Task A_draw_is_settled_in_a_callers_transaction_as_any_reservation()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();

        (await acme.Settle(draw.Key, 9)).ShouldBe(new SpendChange.Done());

        await Settled(budget, 9 + warmSpent);
    }

    [Fact]
    public async Task What_somebody_must_look_into_stays_reserved_by_itself()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();

        var entry = new Entry(acme.Org, draw.Ticket!);
        await Settle(entry);

        await Reserved(budget, Most);
        (await HeldBy(entry)).ShouldBe(Most);
        (await acme.Settle(draw.Key, 9)).ShouldBe(new SpendChange.Done());
        await Settled(budget, 9 + warmSpent);
    }

    [Fact]
    public async Task Near_a_limit_nothing_is_reserved_ahead_and_all_of_it_can_be_spent()
    {
        const int calls = 300;
        var budget = await acme.Budget(Key, calls * Most);
        LimitsReplica[] replicas = [acme.First, acme.Second];

        var admitted = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, calls * 2), AtOnce, async (number, _) =>
        {
            for (var isAgain = false; ; isAgain = true)
            {
                if (await Reserve(replicas[number % 2]) is SpendOutcome.Reserved)
                {
                    Interlocked.Increment(ref admitted);
                    return;
                }

                if (isAgain)
                {
                    return;
                }

                await acme.GivenBack();
            }
        });

        admitted.ShouldBe(calls);
        (await acme.Standing(budget.Id)).ReservedMicros.ShouldBe(calls * Most);
        (await Reserve(acme.First)).ShouldBeOfType<SpendOutcome.BudgetExceeded>();
    }

    [Fact]
    public async Task One_replica_refuses_nothing_for_what_it_reserved_ahead_itself()
    {
        await acme.Budget(Key, 1_000_000);
        await Drawn();
        var left = 1_000_000 - (long)warmSpent - Most;

        var outcome = await acme.Reserve(acme.Request("the rest", left, Key));

        outcome.ShouldBeOfType<SpendOutcome.Reserved>().Amount.Micros.ShouldBe(left);
    }

    [Fact]
    public async Task A_budget_changed_here_holds_at_once()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        await Drawn();

        await acme.First.Get<Budgets>().Change(
            acme.Org, budget.Id, new BudgetChange(SpendingReplicas.Usd(10), null, null), "test", CancellationToken.None);

        (await Reserve(acme.First)).ShouldBeOfType<SpendOutcome.BudgetExceeded>();
    }

    [Fact]
    public async Task What_a_dead_replica_drew_is_handed_over_as_what_it_reserved()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var draw = await Drawn();
        var taking = new Taking(new LapseVerdict.Settle(5));

        clock.Advance(TimeSpan.FromMinutes(2));
        while (await acme.Second.Get<Spending>().HandOverLapsed(taking, CancellationToken.None))
        {
            // What is drawn on an allowance becomes reservations first, which are handed over at the next look.
        }

        var lapsed = taking.Lapsed.Where(one => one.Org == acme.Org).ShouldHaveSingleItem();
        (lapsed.Key, lapsed.Amount.Micros, lapsed.Details).ShouldBe((draw.Key, Most, """{"request":"1"}"""));
        var entry = new Entry(draw with { QuotedMicros = 9 });
        await Settle(entry);
        entry.Change.ShouldBe(new SpendChange.AlreadyEnded(SpendState.Settled));
        await Settled(budget, 5 + warmSpent);
        (await acme.Held()).ShouldBe(Most + warmHeld);
    }

    [Fact]
    public async Task An_allowance_a_dead_replica_used_up_is_taken_over_whole()
    {
        const int many = 1_000;
        var budget = await acme.Budget(Key, 1_000_000);
        await acme.Reserve(acme.Request("allowance:used-up", many * Most, Key));
        await Draw("allowance:used-up", many);
        var taking = new Taking(new LapseVerdict.Settle(1));

        clock.Advance(TimeSpan.FromMinutes(2));
        while (await acme.Second.Get<Spending>().HandOverLapsed(taking, CancellationToken.None))
        {
            // What is drawn on an allowance becomes reservations first, which are handed over at the next look.
        }

        taking.Lapsed.Count(one => one.Org == acme.Org).ShouldBe(many);
        await Settled(budget, many);
    }

    [Fact]
    public async Task Replicas_that_draw_at_once_never_overspend_and_lose_nothing()
    {
        const long credit = 1_000_000_000;
        var budget = await acme.Budget(Key, credit);
        LimitsReplica[] replicas = [acme.First, acme.Second];
        var drawn = new ConcurrentBag<bool>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 3_000), AtOnce, async (number, _) =>
        {
            var on = replicas[number % 2];
            var request = NewRequest();
            var reserved = (await acme.Reserve(request, on)).ShouldBeOfType<SpendOutcome.Reserved>();
            drawn.Add(reserved.Hold.Length == 0);
            var settlement = new SpendSettlement(acme.Org, request.Key, 1.5m) { Ticket = reserved.Ticket };
            switch (number % 10)
            {
                case 0:
                    (await on.Get<Spending>().Cancel(acme.Org, request.Key, CancellationToken.None)).ShouldBe(new SpendChange.Done());
                    break;
                case 1:
                    await on.Get<Spending>().Renew(acme.Org, request.Key, TimeSpan.FromMinutes(1), null, CancellationToken.None);
                    await Settle(new Entry(settlement), on);
                    break;
                default:
                    await Settle(new Entry(settlement), on);
                    break;
            }
        });

        drawn.Count(isDrawn => isDrawn).ShouldBeGreaterThan(100);
        await Settled(budget, 2_700 * 1.5m);
        journal.Written.ShouldBe(2_700);
        (await acme.Held()).ShouldBeInRange(2_700 * 2, 2_700 * Most);
    }

    // Whoever writes it down waits for a lock, and loses its connection there.
    private async Task<SpendChange> RenewedInVain(string key)
    {
        await using var obstacle = await Obstacle.Put(
            database, "lock table limits.spend_reservations", CancellationToken.None);
        var renewing = acme.First.Get<Spending>()
            .Renew(acme.Org, key, TimeSpan.FromMinutes(2), null, CancellationToken.None)
            .AsTask();
        while (!renewing.IsCompleted)
        {
            await obstacle.Break();
        }

        return await renewing;
    }

    private decimal warmSpent;
    private long warmHeld;

    private SpendRequest NewRequest() => acme.Request($"call{Interlocked.Increment(ref calls)}", Most, Key);

    private Task<SpendOutcome> Reserve(LimitsReplica on) => acme.Reserve(NewRequest(), on);

    private async Task<SpendSettlement> Drawn() => (await Drawn(1))[0];

    // Keeps the first replica busy until it draws; what is reserved one by one meanwhile comes to one micro each.
    private async Task<List<SpendSettlement>> Drawn(int count)
    {
        var drawn = new List<SpendSettlement>();
        for (var tries = 0; drawn.Count < count; tries++)
        {
            tries.ShouldBeLessThan(TriesMax, "Nothing was reserved ahead.");
            var request = NewRequest();
            var reserved = (await acme.Reserve(request)).ShouldBeOfType<SpendOutcome.Reserved>();
            var settlement = new SpendSettlement(acme.Org, request.Key, 1) { Ticket = reserved.Ticket };
            if (reserved.Hold.Length == 0)
            {
                drawn.Add(settlement);
                continue;
            }

            await Settle(new Entry(settlement));
            warmSpent++;
            warmHeld += Most;
        }

        return drawn;
    }

    private async Task Settle(Entry entry, LimitsReplica? on = null) =>
        (await (on ?? acme.First).Get<Spending>().Settle(entry, journal, isAwaited: true)).ShouldBeTrue();

    private Task Settled(Budget budget, decimal spent) => Stands(budget, 0, spent);

    private async Task Reserved(Budget budget, decimal reserved) =>
        await Stands(budget, reserved, (await acme.Standing(budget.Id)).SpentMicros);

    private async Task Stands(Budget budget, decimal reserved, decimal spent)
    {
        await acme.GivenBack();
        var standing = await acme.Standing(budget.Id);
        (standing.ReservedMicros, standing.SpentMicros).ShouldBe((reserved, spent));
        (await OpenHoldsOfAllowances()).ShouldBe(0);
    }

    private async Task<long> OpenHoldsOfAllowances()
    {
        await using var command = database.Owner.CreateCommand(
            "select count(*) from ledger.holds where org_id = $1 and key like 'spend:allowance:%' and state = 'open'");
        command.Parameters.AddWithValue(acme.Org.Value);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<string>> Draws()
    {
        await using var command = database.Owner.CreateCommand("select key from limits.spend_draws where org_id = $1");
        command.Parameters.AddWithValue(acme.Org.Value);
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new List<string>();
        while (await reader.ReadAsync())
        {
            keys.Add(reader.GetString(0));
        }

        return keys;
    }

    private async Task Draw(string allowance, int count)
    {
        await using var command = database.Owner.CreateCommand("""
            insert into limits.spend_draws (org_id, key, allowance, amount_micros, reference, details, drawn_at, reserved_at)
            select $1, 'used' || number, $2, $3, '', null, $4, $4
            from generate_series(1, $5) number
            """);
        command.Parameters.AddWithValue(acme.Org.Value);
        command.Parameters.AddWithValue(allowance);
        command.Parameters.AddWithValue(Most);
        command.Parameters.AddWithValue(clock.GetUtcNow());
        command.Parameters.AddWithValue(count);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> HeldBy(Entry entry) =>
        (await acme.First.Get<Quoin.Ledger.Ledger>().Hold(acme.Org, HoldOf(entry), CancellationToken.None))
            .ShouldNotBeNull().Parts.Sum(part => part.Micros);

    private static HoldId HoldOf(Entry entry) => Id.Parse<HoldId>(entry.Hold);

    private sealed class Entry : SpendEntry
    {
        public Entry(SpendSettlement settlement)
            : base(settlement.Org, settlement) => Key = settlement.Key;

        public Entry(OrgId org, SpendTicket kept)
            : base(org, null) => (Key, Kept) = (Guid.Empty.ToString(), kept);

        public string Key { get; }
    }

    private sealed class Journal : ISpendJournal
    {
        private readonly ConcurrentDictionary<string, string?> holds = new(StringComparer.Ordinal);

        public int Written => holds.Count;

        public IEnumerable<string?> Holds(IEnumerable<Entry> entries) => entries.Select(entry => holds[entry.Key]);

        public void Write(NpgsqlBatch batch, IReadOnlyList<SpendEntry> entries, bool areFirst)
        {
            foreach (var entry in entries.Cast<Entry>())
            {
                holds[entry.Key] = entry.Hold;
            }
        }
    }

    private sealed class Taking(LapseVerdict verdict) : ISpendLapse
    {
        public List<LapsedSpend> Lapsed { get; } = [];

        public Task<IReadOnlyList<LapseVerdict>> HandOver(
            NpgsqlTransaction transaction, IReadOnlyList<LapsedSpend> lapsed, CancellationToken cancellationToken)
        {
            Lapsed.AddRange(lapsed);
            return Task.FromResult<IReadOnlyList<LapseVerdict>>([.. lapsed.Select(_ => verdict)]);
        }
    }
}
