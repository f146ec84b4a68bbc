using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>Flushes that are decided on remembered books, and proved and written in one round trip.</summary>
public sealed class DecidingFromMemory : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly string[] RightGuess = ["remembered", "committed"];
    private static readonly string[] WrongGuess = ["remembered", "lock", "locked", "write", "committed"];

    // The flush that opens books keeps nothing, and the one after it reads them.
    private const int FlushesUntilTrusted = Limits.FlushesUntilTrusted + 1;

    private readonly TestDatabase database;
    private readonly IdSource ids = new(TimeProvider.System);
    private readonly List<string> points = [];
    private readonly Quoin.Ledger.Ledger ledger;
    private readonly Quoin.Ledger.Ledger otherLedger;
    private readonly Customer customer;
    private readonly Customer elsewhere;
    private Func<string, Task>? onPoint;

    public DecidingFromMemory(TestDatabase database)
    {
        this.database = database;
        ledger = Ledger(async (point, _) =>
        {
            points.Add(point);
            await (onPoint?.Invoke(point) ?? Task.CompletedTask);
        });
        otherLedger = Ledger((_, _) => ValueTask.CompletedTask);
        customer = new Customer(ledger, ids);
        elsewhere = customer.At(otherLedger);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await ledger.DisposeAsync();
        await otherLedger.DisposeAsync();
    }

    [Fact]
    public async Task Takes_one_round_trip_once_books_were_found_unchanged_often_enough()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        for (var time = 0; time < FlushesUntilTrusted; time++)
        {
            points.Clear();
            await customer.Run(customer.Usage(1, $"under lock {time}"));
            points.ShouldNotContain("remembered");
        }

        points.Clear();
        await customer.Run(customer.Usage(1, "from memory"));

        points.ShouldBe(RightGuess);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(FlushesUntilTrusted + 1);
    }

    [Fact]
    public async Task Starts_over_when_another_replica_changed_the_books()
    {
        await Trust();
        await elsewhere.Run(elsewhere.Hold(95, "elsewhere"));

        var outcome = await customer.Run(customer.Hold(10, "here"));

        points.ShouldBe(["remembered", "lock", "locked"]);
        outcome.ShouldBe(new HoldOutcome.InsufficientFunds(Customer.Usd(5)));
    }

    [Fact]
    public async Task Answers_a_repeat_with_the_first_outcome()
    {
        await Trust();
        var first = await elsewhere.Run(elsewhere.Usage(1, "twice"));
        await Trust();

        var outcomes = await customer.Run(customer.Usage(2, "once"), customer.Usage(1, "twice"));

        points.ShouldBe(WrongGuess);
        outcomes[1].ShouldBe(((PostOutcome.Posted)first) with { IsReplay = true });
        (await customer.Balance(AccountKind.Grants)).ShouldBe(97);
    }

    [Fact]
    public async Task Answers_a_repeat_that_would_be_refused_by_now()
    {
        await Trust();
        var first = await customer.Held(customer.Hold(60, "twice"));
        points.Clear();

        var outcomes = await customer.Run(customer.Usage(1, "once"), customer.Hold(60, "twice"));

        points.ShouldBe(WrongGuess);
        outcomes[1].ShouldBe(new HoldOutcome.Held(first, IsReplay: true));
    }

    [Fact]
    public async Task Refuses_from_memory_what_nobody_asked_for_before()
    {
        await Trust();

        var outcomes = await customer.Run(customer.Usage(1, "posted"), customer.Hold(100, "refused"));

        points.ShouldBe(RightGuess);
        outcomes[1].ShouldBe(new HoldOutcome.InsufficientFunds(Customer.Usd(99)));
    }

    [Fact]
    public async Task Asks_under_lock_where_nothing_is_to_be_written()
    {
        await Trust();

        await customer.Run(customer.Hold(101, "refused"));

        points.ShouldBe(["lock", "locked"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Waits_for_a_transaction_that_is_at_the_books(bool commits)
    {
        await Trust();
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await otherLedger.RunWithin(transaction, elsewhere.Hold(95, "within"), CancellationToken.None);

        var waiting = customer.Run(customer.Hold(10, "here"));
        await (commits ? transaction.CommitAsync() : transaction.RollbackAsync());

        (await waiting is HoldOutcome.Held).ShouldBe(!commits);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(commits ? 95 : 10);
    }

    [Fact]
    public async Task Stays_under_lock_while_two_replicas_take_turns()
    {
        await Trust();
        for (var turn = 0; turn < 5; turn++)
        {
            await customer.Run(customer.Usage(1, $"here {turn}"));
            await elsewhere.Run(elsewhere.Usage(1, $"elsewhere {turn}"));
        }

        points.Count(point => point == "remembered").ShouldBeLessThanOrEqualTo(2);
        (await customer.Balance(AccountKind.Grants)).ShouldBe(90);
    }

    [Fact]
    public async Task Posts_nothing_when_the_connection_dies_before_the_write_and_once_when_asked_again()
    {
        await Trust();
        onPoint = point => point == "remembered" ? KillSessions() : Task.CompletedTask;
        await Should.ThrowAsync<NpgsqlException>(customer.Run(customer.Usage(1, "once")));
        onPoint = null;

        var again = await customer.Run(customer.Usage(1, "once"));

        again.ShouldBeOfType<PostOutcome.Posted>().IsReplay.ShouldBeFalse();
        (await customer.Balance(AccountKind.Grants)).ShouldBe(99);
    }

    [Fact]
    public async Task Posts_once_when_the_answer_to_the_write_is_lost()
    {
        await Trust();
        onPoint = point => point == "committed" ? throw new IOException("The answer was lost.") : Task.CompletedTask;
        await Should.ThrowAsync<IOException>(customer.Run(customer.Usage(1, "once")));
        onPoint = null;

        var again = await customer.Run(customer.Usage(1, "once"));

        again.ShouldBeOfType<PostOutcome.Posted>().IsReplay.ShouldBeTrue();
        (await customer.Balance(AccountKind.Grants)).ShouldBe(99);
    }

    [Fact]
    public async Task Never_deadlocks_over_books_named_in_any_order()
    {
        var second = new Customer(ledger, ids);
        await Trust();
        await second.Grant(second.Credit(100, "credit"));

        async Task Post(Quoin.Ledger.Ledger where, string who)
        {
            var (one, other) = who == "here" ? (customer, second) : (second, customer);
            for (var time = 0; time < 50; time++)
            {
                await where.RunTogether(
                    [one.Usage(1, $"{who} {time}"), other.Usage(1, $"{who} {time}")], CancellationToken.None);
            }
        }

        await Task.WhenAll(Task.Run(() => Post(ledger, "here")), Task.Run(() => Post(otherLedger, "elsewhere")));

        (await customer.Balance(AccountKind.Revenue)).ShouldBe(100);
        (await second.Balance(AccountKind.Revenue)).ShouldBe(100);
    }

    // A hundred micros of credit on books that this replica has seen, alone, before: it decides on them at once.
    private async Task Trust()
    {
        await customer.Run(customer.Credit(100, "credit"));
        for (var time = 0; time < FlushesUntilTrusted; time++)
        {
            await customer.Run(customer.Usage(0, $"trust {ids.Next()}"));
        }

        points.Clear();
    }

    private async Task KillSessions()
    {
        await using var kill = database.Owner.CreateCommand("""
            select pg_terminate_backend(pid, 10000)
            from pg_stat_activity
            where datname = current_database()
                and application_name = 'quoin'
                and pid <> pg_backend_pid()
            """);
        await kill.ExecuteNonQueryAsync();
    }

    private Quoin.Ledger.Ledger Ledger(LedgerCheckpoint reach) =>
        new(database.App, TimeProvider.System, ids, reach, Limits.FlushesUntilTrusted);
}
