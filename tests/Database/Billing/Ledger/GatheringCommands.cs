using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>Many callers, one flush.</summary>
public sealed class GatheringCommands : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly TestDatabase database;
    private readonly IdSource ids = new(TimeProvider.System);
    private readonly Quoin.Ledger.Ledger ledger;
    private readonly Customer customer;

    public GatheringCommands(TestDatabase database)
    {
        this.database = database;
        ledger = new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids);
        customer = new Customer(ledger, ids);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await ledger.DisposeAsync();

    [Fact]
    public async Task Keeps_the_order_of_an_organisation()
    {
        await customer.Grant(customer.Credit(50, "credit"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(number => ledger.Run(customer.Hold(1, $"{number}"), CancellationToken.None).AsTask()));

        outcomes.Take(50).ShouldAllBe(outcome => outcome is HoldOutcome.Held);
        outcomes.Skip(50).ShouldAllBe(outcome => outcome is HoldOutcome.InsufficientFunds);
    }

    [Fact]
    public async Task Lets_a_poisoned_command_fail_alone()
    {
        await Poison("poisoned");
        var poisoned = new PostTransfer(customer.Usage(1, "poisoned").Transfer with { Reference = "poisoned" });
        await using var blocked = await Blocked.By(database, customer);

        var good = Enumerable.Range(0, 20).Select(number => ledger.Run(customer.Usage(1, $"{number}"), CancellationToken.None).AsTask());
        var all = good.Append(ledger.Run(poisoned, CancellationToken.None).AsTask()).ToArray();
        await blocked.End();

        await Should.ThrowAsync<Exception>(all[^1]);
        (await Task.WhenAll(all[..^1])).ShouldAllBe(outcome => outcome is PostOutcome.Posted);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(20);
    }

    [Fact]
    public async Task Refuses_more_than_it_can_queue_and_goes_on_afterwards()
    {
        await using var blocked = await Blocked.By(database, customer);

        var queued = Enumerable.Range(0, Limits.QueuedCommandsMax + Limits.CommandsPerFlushMax + 1)
            .Select(number => ledger.Run(customer.Usage(1, $"{number}"), CancellationToken.None).AsTask())
            .ToArray();
        await blocked.End();

        var outcomes = await Task.WhenAll(queued);
        outcomes.ShouldContain(outcome => outcome == null);
        var posted = outcomes.Count(outcome => outcome is PostOutcome.Posted);
        posted.ShouldBeGreaterThanOrEqualTo(Limits.QueuedCommandsMax);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(posted);
        (await ledger.Run(customer.Usage(1, "afterwards"), CancellationToken.None)).ShouldBeOfType<PostOutcome.Posted>();
    }

    [Fact]
    public async Task Posts_once_for_a_caller_who_stops_waiting_and_asks_again()
    {
        await using var blocked = await Blocked.By(database, customer);
        using var impatience = new CancellationTokenSource();
        var waiting = ledger.Run(customer.Usage(1, "once"), impatience.Token).AsTask();
        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await blocked.End();

        var again = await ledger.Run(customer.Usage(1, "once"), CancellationToken.None);

        again.ShouldBeOfType<PostOutcome.Posted>().IsReplay.ShouldBeTrue();
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(1);
    }

    [Fact]
    public async Task Refuses_what_no_books_can_take_before_it_is_queued()
    {
        foreach (var key in new[] { "nul\0", "half a pair \ud800", "\udc00 the other half" })
        {
            await Should.ThrowAsync<ArgumentException>(async () =>
                await ledger.Run(customer.Usage(1, key), CancellationToken.None));
        }

        (await ledger.Run(customer.Usage(1, "a whole pair \ud83d\ude00"), CancellationToken.None))
            .ShouldBeOfType<PostOutcome.Posted>();
    }

    // A row the database will not take, whatever the reason.
    private async Task Poison(string reference)
    {
        await using var command = database.Owner.CreateCommand($"""
            create function ledger.refuse_poison() returns trigger language plpgsql as $$
            begin
                raise exception 'poisoned';
            end
            $$;
            create trigger poisoned before insert on ledger.transfers
                for each row when (new.reference = '{reference}') execute function ledger.refuse_poison();
            """);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Somebody who holds the lock on the customer's books.</summary>
    private sealed class Blocked(Npgsql.NpgsqlConnection connection, Npgsql.NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public static async Task<Blocked> By(TestDatabase database, Customer customer)
        {
            await customer.Run(customer.Usage(0, "opens the books"));
            var connection = await database.Owner.OpenConnectionAsync();
            var transaction = await connection.BeginTransactionAsync();
            await using var command = new Npgsql.NpgsqlCommand(
                "select 1 from ledger.books where org_id = $1 for update", connection, transaction);
            command.Parameters.Add(new() { Value = customer.Org.Value });
            await command.ExecuteNonQueryAsync();
            return new Blocked(connection, transaction);
        }

        public Task End() => transaction.RollbackAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
