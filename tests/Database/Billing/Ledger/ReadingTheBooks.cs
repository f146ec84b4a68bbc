using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class ReadingTheBooks : IClassFixture<TestDatabase>
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Quoin.Ledger.Ledger ledger;
    private readonly Customer customer;

    public ReadingTheBooks(TestDatabase database)
    {
        var ids = new IdSource(clock);
        ledger = new Quoin.Ledger.Ledger(database.App, clock, ids);
        customer = new Customer(ledger, ids);
    }

    [Fact]
    public async Task Tells_what_stood_on_each_account_at_any_instant()
    {
        var start = clock.GetUtcNow();
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        for (var hour = 1; hour <= 3; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await customer.Run(customer.Usage(10, $"first-{hour}"), customer.Usage(10, $"second-{hour}"));
        }

        async Task<long?> At(DateTimeOffset instant) =>
            (await ledger.BalancesAt(customer.Org, customer.Account, instant, CancellationToken.None))
                .SingleOrDefault(balance => balance.Id == grant.Account)?.Balance.Micros;

        (await At(start.AddTicks(-10))).ShouldBeNull();
        (await At(start)).ShouldBe(100);
        (await At(start.AddHours(2))).ShouldBe(60);
        (await At(start.AddHours(2).AddTicks(-10))).ShouldBe(80);
        (await At(start.AddYears(1))).ShouldBe(40);
    }

    [Fact]
    public async Task Balances_debits_with_credits_in_each_currency()
    {
        var euros = new Money(7, Currency.Of("EUR"));
        await customer.Run(
            customer.Credit(100, "credit"),
            new PostTransfer(customer.Transfer(
                new BusinessFact.Usage(Customer.Usd(130), PaymentTerms.Prepaid) { ProviderCost = euros }, "usage")));

        var lines = await ledger.TrialBalance(customer.Org, clock.GetUtcNow(), CancellationToken.None);

        lines.Select(line => line.Kind).ShouldBe(
        [
            AccountKind.ProviderCost, AccountKind.ProviderPayable,
            AccountKind.Grants, AccountKind.Overdraft, AccountKind.Revenue, AccountKind.ProcessorClearing,
        ]);
        foreach (var currency in lines.GroupBy(line => line.Debit.Currency))
        {
            currency.Sum(line => line.Debit.Micros).ShouldBe(currency.Sum(line => line.Credit.Micros));
        }
    }

    [Fact]
    public async Task States_an_account_entry_by_entry()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        clock.Advance(TimeSpan.FromHours(1));
        var start = clock.GetUtcNow();
        await customer.Run(customer.Usage(10, "inside"));
        clock.Advance(TimeSpan.FromHours(1));
        await customer.Run(customer.Usage(20, "after"));

        var entries = new List<Entry>();
        await foreach (var entry in ledger.Statement(
            customer.Org, grant.Account, new Period(start, start.AddHours(1)), CancellationToken.None))
        {
            entries.Add(entry);
        }

        var only = entries.ShouldHaveSingleItem();
        (only.BalanceAfter - only.Amount).ShouldBe(Customer.Usd(100));
        only.BalanceAfter.ShouldBe(Customer.Usd(90));
    }

    [Fact]
    public async Task Pages_through_a_statement_newest_first()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        clock.Advance(TimeSpan.FromHours(1));
        var period = new Period(clock.GetUtcNow(), clock.GetUtcNow().AddHours(1));
        await customer.Run(customer.Usage(10, "first"), customer.Usage(20, "second"));
        clock.Advance(TimeSpan.FromHours(1));
        await customer.Run(customer.Usage(30, "after"));

        async Task<Entry[]> Page(EntryPosition? before) =>
            [.. await ledger.Entries(customer.Org, grant.Account, period, before, 1, CancellationToken.None)];

        var newest = (await Page(null)).ShouldHaveSingleItem();
        var older = (await Page(newest.Position)).ShouldHaveSingleItem();
        (newest.Key, older.Key).ShouldBe(("second", "first"));
        (await Page(older.Position)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Says_what_was_spent_of_a_grant()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        await customer.Run(customer.Usage(10, "used"));

        var found = (await ledger.Grant(customer.Org, grant, CancellationToken.None))!;

        (found.Balance, found.Spent).ShouldBe((Customer.Usd(90), Customer.Usd(10)));
    }

    [Fact]
    public async Task Finds_transfers_by_what_is_known_of_them()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit") with { Reference = "100% off_er" });
        await customer.Run(customer.Usage(10, "small"), customer.Usage(50, "large"));

        async Task<string[]> Keys(TransferFilter filter) =>
            [.. (await ledger.Transfers(customer.Org, filter, null, 10, CancellationToken.None)).Select(one => one.Key)];

        (await Keys(new TransferFilter())).ShouldBe(["large", "small", "credit"]);
        (await Keys(new TransferFilter { Kind = "usage_prepaid" })).ShouldBe(["large", "small"]);
        (await Keys(new TransferFilter { Key = "small" })).ShouldBe(["small"]);
        (await Keys(new TransferFilter { Reference = "100% OFF_" })).ShouldBe(["credit"]);
        (await Keys(new TransferFilter { Reference = "%" })).ShouldBe(["credit"]);
        (await Keys(new TransferFilter { Account = grant.Account, MovedMicrosMin = 50 })).ShouldBe(["large", "credit"]);
        (await Keys(new TransferFilter { To = clock.GetUtcNow() })).ShouldBeEmpty();
        (await Keys(new TransferFilter { BillingAccount = new BillingAccountId(Guid.AllBitsSet) })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Shows_holds_and_grants_as_they_stand()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit") with { Scopes = ["model:a", "odd,\"one\""] });
        var hold = await customer.Held(customer.Hold(40, "call") with { Scopes = new HashSet<string> { "model:a" } });

        var shownHold = await ledger.Hold(customer.Org, hold, CancellationToken.None);
        var shownGrant = await ledger.Grant(customer.Org, grant, CancellationToken.None);

        shownHold!.Parts.ShouldBe([new HoldPart(grant.Account, 40)]);
        shownHold.State.ShouldBe(HoldState.Open);
        shownGrant!.Terms.Scopes.ShouldBe(["model:a", "odd,\"one\""]);
        (shownGrant.Balance.Micros, shownGrant.Held.Micros, shownGrant.State).ShouldBe((100, 40, GrantState.Open));
        (await ledger.Hold(new OrgId(Guid.AllBitsSet), hold, CancellationToken.None)).ShouldBeNull();
        (await ledger.Grant(new OrgId(Guid.AllBitsSet), grant, CancellationToken.None)).ShouldBeNull();
    }
}
