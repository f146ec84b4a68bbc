using System.Diagnostics;
using Npgsql;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Money set aside before it is spent: on every budget and of the balance, in one decision, never one micro over.</summary>
public sealed class ReservingMoney : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly SpendScope Key = new("key", "key_1");
    private static readonly SpendScope Session = new("session", "s-1");

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly TestDatabase database;
    private readonly SpendingReplicas acme;

    public ReservingMoney(TestDatabase database)
    {
        this.database = database;
        acme = new SpendingReplicas(database, clock);
    }

    public Task InitializeAsync() => acme.Open();

    public async Task DisposeAsync() => await acme.DisposeAsync();

    [Fact]
    public async Task A_thousand_at_once_on_two_replicas_against_a_budget_for_ten_admit_ten()
    {
        var budget = await acme.Budget(Key, 10_000);

        var outcomes = await Burst(1_000, number => acme.Request($"r{number}", 1_000, Key));

        outcomes.Count(outcome => outcome is SpendOutcome.Reserved).ShouldBe(10);
        outcomes.Count(outcome => outcome is SpendOutcome.BudgetExceeded).ShouldBe(990);
        (await acme.Standing(budget.Id)).ReservedMicros.ShouldBe(10_000);
        (await acme.Held()).ShouldBe(10_000);
    }

    [Fact]
    public async Task A_thousand_at_once_against_a_prepaid_balance_for_ten_admit_ten()
    {
        await using var poor = new SpendingReplicas(database, clock);
        await poor.Open(creditMicros: 10_000);
        var budget = await poor.Budget(Key, 1_000_000);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(number => Task.Run(() =>
            poor.Reserve(poor.Request($"r{number}", 1_000, Key), number % 2 == 0 ? poor.First : poor.Second))));

        outcomes.Count(outcome => outcome is SpendOutcome.Reserved).ShouldBe(10);
        outcomes.Count(outcome => outcome is SpendOutcome.InsufficientFunds).ShouldBe(990);
        (await poor.Standing(budget.Id)).ReservedMicros.ShouldBe(10_000, "refused money leaves no trace on budgets");
    }

    [Fact]
    public async Task Every_scope_is_in_one_decision()
    {
        var wide = await acme.Budget(SpendScope.Of(acme.Org), 5_000);
        var narrow = await acme.Budget(Session, 1_500);
        var other = await acme.Budget(new SpendScope("session", "s-2"), 10);

        var one = await acme.Reserved(acme.Request("a", 1_000, Key, Session));
        var two = await acme.Reserve(acme.Request("b", 1_000, Key, Session));

        one.Budgets.Select(standing => standing.Budget.Id).ShouldBe([narrow.Id, wide.Id]);
        one.Balance.ShouldBe(SpendingReplicas.Usd(1_000_000_000 - 1_000));
        var refused = two.ShouldBeOfType<SpendOutcome.BudgetExceeded>();
        (refused.Budget.Budget.Id, refused.Left.Micros).ShouldBe((narrow.Id, 500));
        refused.Budget.ResetsAt.ShouldBe(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));
        (await acme.Standing(wide.Id)).ReservedMicros.ShouldBe(1_000);
        (await acme.Standing(other.Id)).ReservedMicros.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_reserved_is_clamped_exactly_to_what_the_tightest_has_left()
    {
        await acme.Budget(Key, 1_000);
        await acme.Budget(Session, 700);
        await acme.Reserved(acme.Request("first", 400, Key));
        var request = acme.Request("second", 5_000, Key, Session) with { Least = SpendingReplicas.Usd(600) };

        var reserved = await acme.Reserved(request);
        var next = await acme.Reserve(request with { Key = "third", Least = SpendingReplicas.Usd(1) });

        reserved.Amount.ShouldBe(SpendingReplicas.Usd(600));
        next.ShouldBeOfType<SpendOutcome.BudgetExceeded>().Left.Micros.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_reserved_is_clamped_exactly_to_the_balance()
    {
        await using var poor = new SpendingReplicas(database, clock);
        await poor.Open(creditMicros: 900);
        var request = poor.Request("one", 5_000) with { Least = SpendingReplicas.Usd(900) };

        var reserved = await poor.Reserved(request);

        (reserved.Amount.Micros, reserved.Balance!.Value.Micros).ShouldBe((900, 0));
        (await poor.Reserve(request with { Key = "two", Least = SpendingReplicas.Usd(1) }))
            .ShouldBe(new SpendOutcome.InsufficientFunds(SpendingReplicas.Usd(0)));
    }

    [Fact]
    public async Task A_key_is_reserved_once_for_ever()
    {
        var outcomes = await Burst(40, _ => acme.Request("the-call", 1_000, Key));

        outcomes.Count(outcome => outcome is SpendOutcome.Reserved).ShouldBe(1);
        outcomes.Count(outcome => outcome is SpendOutcome.KeyTaken).ShouldBe(39);
        await acme.Cancel("the-call");
        (await acme.Reserve(acme.Request("the-call", 1_000, Key))).ShouldBeOfType<SpendOutcome.KeyTaken>();
    }

    [Fact]
    public async Task A_refused_key_stays_unused()
    {
        await acme.Budget(Key, 10);

        (await acme.Reserve(acme.Request("later", 1_000, Key))).ShouldBeOfType<SpendOutcome.BudgetExceeded>();

        (await acme.Reserve(acme.Request("later", 10, Key))).ShouldBeOfType<SpendOutcome.Reserved>();
    }

    [Fact]
    public async Task A_soft_budget_warns_and_an_observing_one_only_counts()
    {
        var soft = await acme.Budget(Key, 500, posture: SpendPosture.Soft);
        var seen = await acme.Budget(Session, 500, posture: SpendPosture.Observe);

        var reserved = await acme.Reserved(acme.Request("a", 2_000, Key, Session));

        reserved.Warnings.Select(warning => (warning.Budget.Budget.Id, warning.Left.Micros)).ShouldBe([(soft.Id, 500)]);
        (await acme.Standing(seen.Id)).ReservedMicros.ShouldBe(2_000);
    }

    [Fact]
    public async Task A_milder_request_softens_its_budgets_but_not_the_balance()
    {
        await using var poor = new SpendingReplicas(database, clock);
        await poor.Open(creditMicros: 1_000);
        await poor.Budget(Key, 10);

        var admitted = await poor.Reserve(poor.Request("a", 1_000, Key) with { Posture = SpendPosture.Observe });
        var broke = await poor.Reserve(poor.Request("b", 1_000, Key) with { Posture = SpendPosture.Observe });

        admitted.ShouldBeOfType<SpendOutcome.Reserved>().Warnings.ShouldBeEmpty();
        broke.ShouldBeOfType<SpendOutcome.InsufficientFunds>();
    }

    [Fact]
    public async Task A_window_starts_over_when_it_is_read()
    {
        var daily = await acme.Budget(Key, 1_000, new BudgetWindow(BudgetWindowKind.Day));
        var short_ = await acme.Budget(Key, 1_000, BudgetWindow.Every(TimeSpan.FromHours(36)));
        await acme.Reserved(acme.Request("today", 1_000, Key));
        await acme.Settle("today", 1_000);

        clock.Advance(TimeSpan.FromHours(12));

        (await acme.Standing(daily.Id)).Left.Micros.ShouldBe(1_000);
        (await acme.Reserve(acme.Request("early", 1, Key))).ShouldBeOfType<SpendOutcome.BudgetExceeded>()
            .Budget.Budget.Id.ShouldBe(short_.Id);
        clock.Advance(TimeSpan.FromHours(24));
        var reserved = await acme.Reserved(acme.Request("tomorrow", 1_000, Key));
        reserved.Budgets.ShouldAllBe(standing => standing.SpentMicros == 0 && standing.ReservedMicros == 1_000);
    }

    [Fact]
    public async Task A_budget_that_is_lowered_or_ended_holds_so_at_once_on_every_replica()
    {
        var budget = await acme.Budget(Key, 10_000);
        await acme.Reserved(acme.Request("a", 1_000, Key));
        var budgets = acme.First.Get<Budgets>();

        await budgets.Change(acme.Org, budget.Id, new BudgetChange(SpendingReplicas.Usd(1_500), null, null), "test", default);
        var low = await acme.Reserve(acme.Request("b", 1_000, Key), acme.Second);
        await budgets.End(acme.Org, budget.Id, "test", default);
        var free = await acme.Reserve(acme.Request("b", 1_000, Key), acme.Second);

        low.ShouldBeOfType<SpendOutcome.BudgetExceeded>().Left.Micros.ShouldBe(500);
        free.ShouldBeOfType<SpendOutcome.Reserved>();
    }

    [Fact]
    public async Task Nothing_is_spent_once_the_subscription_ended()
    {
        await acme.First.Get<BillingStanding>().Move(acme.Org, BillingStatus.PastDue, "test", "unpaid", CancellationToken.None);
        (await acme.Reserve(acme.Request("a", 1, Key))).ShouldBe(new SpendOutcome.Suspended(SuspendedReason.PastDue));

        await acme.First.Get<BillingStanding>().Move(acme.Org, BillingStatus.Canceled, "test", "ended", CancellationToken.None);
        (await acme.Reserve(acme.Request("a", 1, Key))).ShouldBe(new SpendOutcome.Suspended(SuspendedReason.Canceled));
    }

    private async Task<SpendOutcome[]> Burst(int count, Func<int, SpendRequest> request) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(number => Task.Run(() =>
            acme.Reserve(request(number), number % 2 == 0 ? acme.First : acme.Second))));
}
