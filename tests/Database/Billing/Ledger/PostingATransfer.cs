using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class PostingATransfer(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly IdSource ids = new(TimeProvider.System);
    private readonly Quoin.Ledger.Ledger ledger = new(database.App, TimeProvider.System, new IdSource(TimeProvider.System));

    [Fact]
    public async Task Moves_both_sides_and_keeps_running_balances()
    {
        var (org, account) = NewCustomer();

        await Post(Credit(org, account, 1_000, "a"), Usage(org, account, 300, "b"));

        (await Balance(org, AccountKind.Grants)).ShouldBe(700);
        (await Balance(org, AccountKind.Revenue)).ShouldBe(300);
        (await Balance(org, AccountKind.ProcessorClearing)).ShouldBe(-1_000);
        var entries = await ledger.Entries(org, new EntryFilter(null, null, null), null, 10, CancellationToken.None);
        entries.Where(entry => entry.AccountKind == AccountKind.Grants).Select(entry => entry.BalanceAfter.Micros).ShouldBe([700, 1_000]);
    }

    [Fact]
    public async Task Posts_a_key_once_however_often_it_comes()
    {
        var (org, account) = NewCustomer();

        var first = await Post(Credit(org, account, 1_000, "same"), Credit(org, account, 1_000, "same"));
        var again = await Post(Credit(org, account, 1_000, "same"));

        var posted = first[0].ShouldBeOfType<PostOutcome.Posted>();
        posted.IsReplay.ShouldBeFalse();
        first[1].ShouldBe(new PostOutcome.Posted(posted.Id, IsReplay: true));
        again[0].ShouldBe(new PostOutcome.Posted(posted.Id, IsReplay: true));
        (await Balance(org, AccountKind.Grants)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Names_the_first_transfer_when_the_key_says_something_else()
    {
        var (org, account) = NewCustomer();
        var first = await Post(Credit(org, account, 1_000, "taken"));

        var other = await Post(Credit(org, account, 999, "taken"));

        other[0].ShouldBe(new PostOutcome.KeyConflict(((PostOutcome.Posted)first[0]).Id));
        (await Balance(org, AccountKind.Grants)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Decides_each_request_on_the_balance_the_one_before_it_left()
    {
        var (org, account) = NewCustomer();

        await Post(
            Credit(org, account, 500, "a"),
            Usage(org, account, 400, "b"),
            Usage(org, account, 400, "c"),
            Usage(org, account, -100, "d"));

        (await Balance(org, AccountKind.Grants)).ShouldBe(0);
        (await Balance(org, AccountKind.Overdraft)).ShouldBe(-200);
        (await Balance(org, AccountKind.Revenue)).ShouldBe(700);
    }

    [Fact]
    public async Task Leaves_nothing_behind_when_the_caller_rolls_back()
    {
        var (org, account) = NewCustomer();
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await ledger.Post(transaction, [Credit(org, account, 1_000, "gone")], CancellationToken.None);
        }

        (await ledger.Balances(org, null, CancellationToken.None)).ShouldBeEmpty();
        await Post(Credit(org, account, 1_000, "gone"));
        (await Balance(org, AccountKind.Grants)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Loses_no_cent_and_no_race_among_many_posters()
    {
        var customers = Enumerable.Range(0, 5).Select(_ => NewCustomer()).ToArray();

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
        {
            // Every poster touches all customers, in an order of its own, and half of the keys come twice.
            var order = customers[(number % 5)..].Concat(customers[..(number % 5)]);
            await Post([.. order.Select(customer => Usage(customer.Org, customer.Account, 1, $"race-{number / 2}"))]);
        });

        foreach (var (org, _) in customers)
        {
            (await Balance(org, AccountKind.Overdraft)).ShouldBe(-100);
            (await Balance(org, AccountKind.Revenue)).ShouldBe(100);
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
        var (org, account) = NewCustomer();
        await Post(Credit(org, account, 1_000, "kept"));

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
                (org_id, transfer_id, ordinal, account_id, account_sequence, currency, amount_micros, balance_after_micros)
            values
                ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 0,
                 '01900000-0000-7000-8000-000000000003', 1, 'USD', 5, 5),
                ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 1,
                 '01900000-0000-7000-8000-000000000004', 1, 'USD', -4, -4)
            """;

        var refusal = await Should.ThrowAsync<PostgresException>(() => Execute(database.App, sql));

        refusal.MessageText.ShouldContain("sum to zero");
    }

    [Fact]
    public async Task Is_refused_by_the_database_when_credit_would_fall_below_zero()
    {
        var (org, account) = NewCustomer();
        await Post(Credit(org, account, 1, "one"));

        var refusal = await Should.ThrowAsync<PostgresException>(
            () => Execute(database.App, "update ledger.accounts set balance_micros = -1 where kind = 'grants'"));

        refusal.ConstraintName.ShouldBe("grants_are_never_negative");
    }

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private (OrgId Org, BillingAccountId Account) NewCustomer() => (ids.Next<OrgId>(), ids.Next<BillingAccountId>());

    private static TransferRequest Credit(OrgId org, BillingAccountId account, long micros, string key) =>
        new(org, account, key, new BusinessFact.PurchasedCredit(new Money(micros, Currency.Usd)), Noon, "test");

    private static TransferRequest Usage(OrgId org, BillingAccountId account, long micros, string key) =>
        new(org, account, key, new BusinessFact.PrepaidUsage(new Money(micros, Currency.Usd)), Noon, "test");

    private async Task<IReadOnlyList<PostOutcome>> Post(params TransferRequest[] requests)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var outcomes = await ledger.Post(transaction, requests, CancellationToken.None);
        await transaction.CommitAsync();
        return outcomes;
    }

    private async Task<long> Balance(OrgId org, AccountKind kind) =>
        (await ledger.Balances(org, null, CancellationToken.None)).Single(balance => balance.Kind == kind).Balance.Micros;
}
