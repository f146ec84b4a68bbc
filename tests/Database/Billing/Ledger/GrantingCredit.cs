using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class GrantingCredit : IClassFixture<TestDatabase>
{
    private readonly Customer customer;
    private readonly Quoin.Ledger.Ledger ledger;

    public GrantingCredit(TestDatabase database)
    {
        var ids = new IdSource(TimeProvider.System);
        ledger = new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids);
        customer = new Customer(ledger, ids);
    }

    [Fact]
    public async Task Repays_what_is_owed_before_it_can_be_spent()
    {
        await customer.Run(customer.Usage(70, "usage"));

        var grant = await customer.Grant(customer.Credit(100, "credit"));

        (await customer.Balance(grant)).ShouldBe(30);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(0);
        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-100);
    }

    [Fact]
    public async Task Repays_nothing_with_credit_that_is_meant_for_something()
    {
        await customer.Run(customer.Usage(70, "usage"));

        var grant = await customer.Grant(customer.Credit(100, "credit") with { Scopes = ["model:small"] });

        (await customer.Balance(grant)).ShouldBe(100);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-70);
    }

    [Theory]
    [InlineData(GrantSource.Purchased, AccountKind.ProcessorClearing)]
    [InlineData(GrantSource.Promotional, AccountKind.PromotionalCost)]
    [InlineData(GrantSource.Trial, AccountKind.PromotionalCost)]
    [InlineData(GrantSource.Plan, AccountKind.PromotionalCost)]
    public async Task Takes_the_money_from_where_its_source_says(GrantSource source, AccountKind from)
    {
        await customer.Grant(customer.Credit(100, "credit") with { Source = source });

        (await customer.Balance(from)).ShouldBe(-100);
    }

    [Fact]
    public async Task Spends_over_several_grants_in_one_transfer_with_one_leg_a_grant()
    {
        var first = await customer.Grant(customer.Credit(30, "first") with { Priority = 1 });
        var second = await customer.Grant(customer.Credit(30, "second") with { Priority = 2 });

        var posted = (PostOutcome.Posted)await customer.Run(customer.Usage(50, "usage"));

        var entries = await ledger.Entries(
            customer.Org, new EntryFilter(null, null, posted.Id), null, 10, CancellationToken.None);
        entries.Reverse().Select(entry => (entry.Account, entry.Amount.Micros, entry.BalanceAfter.Micros)).Take(2)
            .ShouldBe([(first.Account, -30, 0), (second.Account, -20, 10)]);
    }

    [Fact]
    public async Task Gets_back_what_usage_returns_even_when_nothing_was_left_and_another_process_asks()
    {
        var spent = await customer.Grant(customer.Credit(50, "spent"));
        var later = await customer.Grant(customer.Credit(50, "later"));
        await customer.Run(customer.Usage(80, "usage"));

        await customer.Run(customer.Usage(-70, "return"));

        (await customer.Balance(later)).ShouldBe(50);
        (await customer.Balance(spent)).ShouldBe(40);
        (await ledger.Grant(customer.Org, spent, CancellationToken.None))!.State.ShouldBe(GrantState.Open);
    }

    [Fact]
    public async Task Gets_nothing_back_once_it_was_undone_and_what_it_paid_is_owed()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        await customer.Run(customer.Usage(70, "usage"));
        var legs = new Leg[]
        {
            new(AccountKind.Grants, Customer.Usd(-100), grant), new(AccountKind.ProcessorClearing, Customer.Usd(100)),
        };
        var undo = new BusinessFact.Reversal(Customer.Usd(100), legs, new TransferId(grant.Value), "credit_purchased");
        await customer.Run(new PostTransfer(customer.Transfer(undo, "undo")));

        await customer.Run(customer.Usage(-70, "return"));

        (await customer.Balance(grant)).ShouldBe(0);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(0);
    }

    [Fact]
    public async Task Stays_expired_when_it_is_taken_back_afterwards()
    {
        var expiry = Customer.Noon.AddDays(1);
        var grant = await customer.Grant(customer.Credit(100, "credit") with { ExpiresAt = expiry });
        await customer.Run(new ExpireGrant(customer.Org, grant, expiry + Limits.ExpiryGrace));

        (await customer.Run(new VoidGrant(customer.Org, grant, Customer.Noon, "late"))).ShouldBe(new GrantChange.NothingToMove());
        (await ledger.Grant(customer.Org, grant, CancellationToken.None))!.State.ShouldBe(GrantState.Expired);
    }

    [Fact]
    public async Task Leaves_only_what_is_held_when_it_is_taken_back()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(40, "call"));

        var outcome = await customer.Run(new VoidGrant(customer.Org, grant, Customer.Noon, "mistake"));

        outcome.ShouldBeOfType<GrantChange.Done>().Amount.ShouldBe(Customer.Usd(60));
        (await customer.Balance(grant)).ShouldBe(40);
        (await customer.Run(customer.Hold(1, "other"))).ShouldBeOfType<HoldOutcome.InsufficientFunds>();
        await customer.Run(new CaptureHold(customer.Org, hold, "capture", Customer.Usd(40), Customer.Noon, "test"));
        (await ledger.Grant(customer.Org, grant, CancellationToken.None))!.State.ShouldBe(GrantState.Voided);
        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-40);
    }

    [Fact]
    public async Task Cannot_be_taken_back_twice()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var @void = new VoidGrant(customer.Org, grant, Customer.Noon, "mistake");

        await customer.Run(@void);

        (await customer.Run(@void)).ShouldBe(new GrantChange.NothingToMove());
        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
    }

    [Fact]
    public async Task Moves_to_breakage_only_after_its_expiry_and_the_grace_for_late_usage()
    {
        var expiry = Customer.Noon.AddDays(1);
        var grant = await customer.Grant(customer.Credit(100, "credit") with { ExpiresAt = expiry });
        var end = expiry + Limits.ExpiryGrace;

        (await customer.Run(new ExpireGrant(customer.Org, grant, end.AddTicks(-10)))).ShouldBe(new GrantChange.NotDue());
        await customer.Run(customer.Usage(30, "late"));
        var expired = await customer.Run(new ExpireGrant(customer.Org, grant, end));

        expired.ShouldBeOfType<GrantChange.Done>().Amount.ShouldBe(Customer.Usd(70));
        (await customer.Balance(AccountKind.Breakage)).ShouldBe(70);
        (await customer.Run(new ExpireGrant(customer.Org, grant, end))).ShouldBe(new GrantChange.NothingToMove());
    }

    [Fact]
    public async Task Pays_no_usage_from_after_its_expiry_though_it_is_still_there()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit") with { ExpiresAt = Customer.Noon.AddHours(1) });
        var usage = customer.Transfer(new BusinessFact.Usage(Customer.Usd(30), PaymentTerms.Prepaid), "usage");

        await customer.Run(new PostTransfer(usage with { OccurredAt = Customer.Noon.AddHours(1) }));

        (await customer.Balance(grant)).ShouldBe(100);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-30);
    }

    [Fact]
    public async Task Keeps_what_is_held_beyond_its_expiry()
    {
        var expiry = Customer.Noon.AddDays(1);
        var grant = await customer.Grant(customer.Credit(100, "credit") with { ExpiresAt = expiry });
        var hold = await customer.Held(customer.Hold(40, "call") with { ExpiresAt = Customer.Noon.AddDays(30) });
        var after = expiry + Limits.ExpiryGrace;

        var expired = await customer.Run(new ExpireGrant(customer.Org, grant, after));
        var captured = await customer.Run(
            new CaptureHold(customer.Org, hold, "capture", Customer.Usd(40), after, "test"));

        expired.ShouldBeOfType<GrantChange.Done>().Amount.ShouldBe(Customer.Usd(60));
        captured.ShouldBeOfType<CaptureOutcome.Captured>();
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(40);
        (await customer.Balance(AccountKind.Breakage)).ShouldBe(60);
    }

    [Fact]
    public async Task Is_refused_when_there_are_too_many_open_ones()
    {
        var grants = Enumerable.Range(0, Limits.OpenGrantsMax).Select(number => customer.Credit(1, $"grant-{number}"));
        await customer.Run([.. grants]);

        (await customer.Run(customer.Credit(1, "one more"))).ShouldBe(new GrantOutcome.TooManyGrants(Limits.OpenGrantsMax));
    }
}
