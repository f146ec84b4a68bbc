using System.Collections.Concurrent;
using Npgsql;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>What becomes of reserved money: given back, settled with what it came to, or handed over when its holder died.</summary>
public sealed class SettlingSpending : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly SpendScope Key = new("key", "key_1");

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly SpendingReplicas acme;

    public SettlingSpending(TestDatabase database) => acme = new SpendingReplicas(database, clock);

    public Task InitializeAsync() => acme.Open();

    public async Task DisposeAsync() => await acme.DisposeAsync();

    [Fact]
    public async Task Cancelling_gives_budgets_and_money_back_once()
    {
        var budget = await acme.Budget(Key, 1_000);
        await acme.Reserved(acme.Request("call", 1_000, Key));

        (await acme.Cancel("call")).ShouldBeOfType<SpendChange.Done>();
        (await acme.Cancel("call")).ShouldBe(new SpendChange.AlreadyEnded(SpendState.Canceled));
        (await acme.Cancel("never")).ShouldBeOfType<SpendChange.NotFound>();

        (await acme.Standing(budget.Id)).Left.Micros.ShouldBe(1_000);
        (await acme.Held()).ShouldBe(0);
    }

    [Fact]
    public async Task Settling_moves_what_was_reserved_to_what_was_spent_decimals_and_all()
    {
        var budget = await acme.Budget(Key, 1_000);
        await acme.Reserved(acme.Request("a", 600, Key));
        await acme.Reserved(acme.Request("b", 400, Key));

        (await acme.Settle("a", 333.333333333333m)).ShouldBeOfType<SpendChange.Done>();
        (await acme.Settle("b", 0.000000000001m)).ShouldBeOfType<SpendChange.Done>();

        var standing = await acme.Standing(budget.Id);
        (standing.ReservedMicros, standing.SpentMicros, standing.Left.Micros).ShouldBe((0m, 333.333333333334m, 666L));
        (await acme.Held()).ShouldBe(1_000, "holds stay until the usage is posted");
        (await acme.Settle("a", 1)).ShouldBe(new SpendChange.AlreadyEnded(SpendState.Settled));
        (await acme.Cancel("a")).ShouldBe(new SpendChange.AlreadyEnded(SpendState.Settled));
        (await acme.Settle("never", 1)).ShouldBeOfType<SpendChange.NotFound>();
    }

    [Fact]
    public async Task Settling_stands_and_falls_with_the_callers_transaction()
    {
        var budget = await acme.Budget(Key, 1_000);
        await acme.Reserved(acme.Request("a", 600, Key));
        await using (var connection = await acme.First.Get<NpgsqlDataSource>().OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await acme.First.Get<Spending>().SettleWithin(transaction, [new SpendSettlement(acme.Org, "a", 500)], default);
        }

        (await acme.Standing(budget.Id)).ReservedMicros.ShouldBe(600);
        (await acme.Settle("a", 500)).ShouldBeOfType<SpendChange.Done>();
    }

    [Fact]
    public async Task Many_settle_while_many_reserve_and_nothing_is_lost()
    {
        // With room for what the other replica may have reserved ahead.
        var budget = await acme.Budget(Key, 400_000);
        var wide = await acme.Budget(SpendScope.Of(acme.Org), 1_000_000);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Task.Run(async () =>
        {
            var on = number % 2 == 0 ? acme.First : acme.Second;
            (await acme.Reserve(acme.Request($"r{number}", 1_000, Key), on)).ShouldBeOfType<SpendOutcome.Reserved>();
            (await (number % 4 == 0 ? acme.Cancel($"r{number}", on) : acme.Settle($"r{number}", 250.25m, on)))
                .ShouldBeOfType<SpendChange.Done>();
        })));

        await acme.GivenBack();
        foreach (var id in new[] { budget.Id, wide.Id })
        {
            var standing = await acme.Standing(id);
            (standing.ReservedMicros, standing.SpentMicros).ShouldBe((0m, 150 * 250.25m));
        }
    }

    [Fact]
    public async Task More_than_was_reserved_counts_too_and_what_lapsed_is_counted_when_it_is_known()
    {
        var budget = await acme.Budget(Key, 1_000);
        await acme.Reserved(acme.Request("a", 600, Key));
        await acme.Reserved(acme.Request("b", 100, Key));
        clock.Advance(TimeSpan.FromMinutes(2));
        await acme.First.Get<Spending>().HandOverLapsed(null, default);

        await acme.Settle("a", 1_500);

        (await acme.Standing(budget.Id)).SpentMicros.ShouldBe(1_500);
        (await acme.Standing(budget.Id)).Left.Micros.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_settled_after_its_window_counts_in_its_window()
    {
        var budget = await acme.Budget(Key, 1_000, new BudgetWindow(BudgetWindowKind.Day));
        await acme.Reserved(acme.Request("a", 600, Key));
        clock.Advance(TimeSpan.FromHours(12));
        await acme.Reserved(acme.Request("b", 1_000, Key));

        await acme.Settle("a", 500);
        await acme.Settle("b", 900);

        (await acme.Standing(budget.Id)).SpentMicros.ShouldBe(900);
    }

    [Fact]
    public async Task A_holder_that_renews_lives_and_a_dead_one_is_handed_over_once_by_two_replicas()
    {
        var budget = await acme.Budget(Key, 10_000);
        for (var number = 0; number < 6; number++)
        {
            await acme.Reserved(acme.Request($"r{number}", 1_000, Key));
        }

        clock.Advance(TimeSpan.FromSeconds(40));
        (await acme.Renew("r0", TimeSpan.FromMinutes(1), """{"delivered":7}""")).ShouldBeOfType<SpendChange.Done>();
        clock.Advance(TimeSpan.FromSeconds(40));
        var taking = new Taking(lapsed => lapsed.Key switch
        {
            "r1" => new LapseVerdict.GiveBack(),
            "r2" => new LapseVerdict.Settle(123.5m),
            _ => new LapseVerdict.Review(),
        });
        await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() =>
            (number % 2 == 0 ? acme.First : acme.Second).Get<Spending>().HandOverLapsed(taking, default))));

        taking.Heard.Order().ShouldBe(["r1", "r2", "r3", "r4", "r5"]);
        var standing = await acme.Standing(budget.Id);
        (standing.ReservedMicros, standing.SpentMicros).ShouldBe((4_000m, 123.5m));
        (await acme.Held()).ShouldBe(5_000, "all but the one that was given back");
        (await acme.Renew("r3", TimeSpan.FromMinutes(1))).ShouldBe(new SpendChange.AlreadyEnded(SpendState.InReview));
        (await acme.Settle("r3", 10)).ShouldBeOfType<SpendChange.Done>();
        (await acme.Cancel("r4")).ShouldBeOfType<SpendChange.Done>();

        clock.Advance(TimeSpan.FromDays(4));
        await acme.First.Get<Spending>().HandOverLapsed(taking, default);
        (await acme.Standing(budget.Id)).ReservedMicros.ShouldBe(1_000, "the last holder died only now; the review of r5 ended");
        taking.Heard.Order().ShouldBe(["r0", "r1", "r2", "r3", "r4", "r5"]);
    }

    [Fact]
    public async Task Dead_holders_nobody_asks_about_leak_nothing()
    {
        var budget = await acme.Budget(Key, 10_000);
        for (var number = 0; number < 10; number++)
        {
            await acme.Reserved(acme.Request($"r{number}", 1_000, Key));
        }

        clock.Advance(TimeSpan.FromMinutes(2));
        await acme.Second.Get<Spending>().HandOverLapsed(null, default);

        (await acme.Standing(budget.Id)).Left.Micros.ShouldBe(10_000);
        (await acme.Held()).ShouldBe(0);
        (await acme.Cancel("r1")).ShouldBe(new SpendChange.AlreadyEnded(SpendState.Lapsed));
    }

    [Fact]
    public async Task A_throwing_hand_over_is_repeated()
    {
        await acme.Reserved(acme.Request("a", 1_000, Key));
        clock.Advance(TimeSpan.FromMinutes(2));
        var failing = new Taking(_ => throw new InvalidOperationException("on purpose"));
        await Should.ThrowAsync<InvalidOperationException>(() => acme.First.Get<Spending>().HandOverLapsed(failing, default));

        var taking = new Taking(_ => new LapseVerdict.GiveBack());
        await acme.First.Get<Spending>().HandOverLapsed(taking, default);

        taking.Heard.ShouldBe(["a"]);
        (await acme.Held()).ShouldBe(0);
    }

    [Fact]
    public async Task Thresholds_of_spending_are_told_once_a_window()
    {
        await acme.Budget(Key, 1_000, new BudgetWindow(BudgetWindowKind.Day));
        for (var number = 0; number < 4; number++)
        {
            await acme.Reserved(acme.Request($"r{number}", 250, Key));
        }

        await acme.Settle("r0", 250);
        (await acme.First.News(acme.Org, "budget.reached")).ShouldBeEmpty();
        await acme.Settle("r1", 250);
        await acme.Settle("r2", 299);
        (await acme.First.News(acme.Org, "budget.reached")).Count.ShouldBe(0);
        await acme.Settle("r3", 1);
        clock.Advance(TimeSpan.FromDays(1));
        await acme.Reserved(acme.Request("next", 1_000, Key));
        await acme.Settle("next", 5_000);

        var news = await acme.First.News(acme.Org, "budget.reached");
        news.Count.ShouldBe(3);
        news[0].ShouldContain("\"threshold_percent\": 80");
        news[2].ShouldContain("\"threshold_percent\": 100");
    }

    private sealed class Taking(Func<LapsedSpend, LapseVerdict> verdict) : ISpendLapse
    {
        public ConcurrentBag<string> Heard { get; } = [];

        public Task<IReadOnlyList<LapseVerdict>> HandOver(
            NpgsqlTransaction transaction, IReadOnlyList<LapsedSpend> lapsed, CancellationToken cancellationToken)
        {
            LapseVerdict[] verdicts = [.. lapsed.Select(verdict)];
            foreach (var one in lapsed)
            {
                Heard.Add(one.Key);
            }

            return Task.FromResult<IReadOnlyList<LapseVerdict>>(verdicts);
        }
    }
}
