using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class PostingATransfer(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly IdSource ids = new(TimeProvider.System);
    private readonly Quoin.Ledger.Ledger ledger = new(database.App, TimeProvider.System, new IdSource(TimeProvider.System));

    [Fact]
    public async Task Moves_both_sides_and_keeps_running_balances()
    {
        var customer = NewCustomer();

        await customer.Run(customer.Credit(1_000, "a"), customer.Usage(300, "b"));

        (await customer.Balance(AccountKind.Grants)).ShouldBe(700);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(300);
        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-1_000);
        var entries = await ledger.Entries(customer.Org, new EntryFilter(null, null, null), null, 10, CancellationToken.None);
        entries.Where(entry => entry.AccountKind == AccountKind.Grants).Select(entry => entry.BalanceAfter.Micros).ShouldBe([700, 1_000]);
    }

    [Fact]
    public async Task Posts_a_key_once_however_often_it_comes()
    {
        var customer = NewCustomer();

        var first = await customer.Run(customer.Credit(1_000, "same"), customer.Credit(1_000, "same"));
        var again = await customer.Run(customer.Credit(1_000, "same"));

        var posted = first[0].ShouldBeOfType<GrantOutcome.Granted>();
        posted.IsReplay.ShouldBeFalse();
        first[1].ShouldBe(posted with { IsReplay = true });
        again.ShouldBe(posted with { IsReplay = true });
        (await customer.Balance(AccountKind.Grants)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Names_the_first_transfer_when_the_key_says_something_else()
    {
        var customer = NewCustomer();
        var first = await customer.Run(customer.Credit(1_000, "taken"));

        var other = await customer.Run(customer.Credit(999, "taken"));

        other.ShouldBe(new GrantOutcome.KeyConflict(first.ShouldBeOfType<GrantOutcome.Granted>().Transfer));
        (await customer.Balance(AccountKind.Grants)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Decides_each_request_on_the_balance_the_one_before_it_left()
    {
        var customer = NewCustomer();

        await customer.Run(
            customer.Credit(500, "a"),
            customer.Usage(400, "b"),
            customer.Usage(400, "c"),
            customer.Usage(-100, "d"));

        (await customer.Balance(AccountKind.Grants)).ShouldBe(0);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-200);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(700);
    }

    [Fact]
    public async Task Leaves_nothing_behind_when_the_caller_rolls_back()
    {
        var customer = NewCustomer();
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await ledger.RunWithin(transaction, [customer.Credit(1_000, "gone")], CancellationToken.None);
        }

        (await ledger.Balances(customer.Org, null, CancellationToken.None)).ShouldBeEmpty();
        await customer.Run(customer.Credit(1_000, "gone"));
        (await customer.Balance(AccountKind.Grants)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Loses_no_cent_and_no_race_among_many_posters()
    {
        var customers = Enumerable.Range(0, 5).Select(_ => NewCustomer()).ToArray();

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
        {
            // Every poster touches all customers, in an order of its own, and half of the keys come twice.
            var order = customers[(number % 5)..].Concat(customers[..(number % 5)]);
            await ledger.RunTogether([.. order.Select(customer => customer.Usage(1, $"race-{number / 2}"))], CancellationToken.None);
        });

        foreach (var customer in customers)
        {
            (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-100);
            (await customer.Balance(AccountKind.Revenue)).ShouldBe(100);
        }
    }

    [Theory]
    [InlineData("update ledger.entries set amount_micros = amount_micros + 1")]
    [InlineData("delete from ledger.entries")]
    [InlineData("truncate ledger.entries")]
    [InlineData("update ledger.transfers set reference = 'changed'")]
    [InlineData("delete from ledger.transfers")]
    public async Task Cannot_be_changed_afterwards_even_by_the_owner(string sql)
    {
        var customer = NewCustomer();
        await customer.Run(customer.Credit(1_000, "kept"));

        var byOwner = await Should.ThrowAsync<PostgresException>(() => Execute(database.Owner, sql));
        var byHost = await Should.ThrowAsync<PostgresException>(() => Execute(database.App, sql));

        byOwner.SqlState.ShouldBe(PostgresErrorCodes.IntegrityConstraintViolation);
        byHost.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task Is_refused_by_the_database_when_it_does_not_sum_to_zero()
    {
        const string sql = """
            insert into ledger.entries
                (org_id, transfer_id, ordinal, account_id, currency, amount_micros, balance_after_micros)
            values
                ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 0,
                 '01900000-0000-7000-8000-000000000003', 'USD', 5, 5),
                ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 1,
                 '01900000-0000-7000-8000-000000000004', 'USD', -4, -4)
            """;

        var refusal = await Should.ThrowAsync<PostgresException>(() => Execute(database.App, sql));

        refusal.MessageText.ShouldContain("sum to zero");
    }

    [Fact]
    public async Task Is_refused_by_the_database_when_credit_would_fall_below_zero()
    {
        var customer = NewCustomer();
        await customer.Run(customer.Credit(1, "one"));

        var refusal = await Should.ThrowAsync<PostgresException>(
            () => Execute(database.App, "update ledger.accounts set balance_micros = -1 where kind = 'grants'"));

        refusal.ConstraintName.ShouldBe("credit_is_never_overspent");
    }

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private Customer NewCustomer() => new(ledger, ids);
}
