using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>What the simulation found that single commands do not show.</summary>
public sealed class ChangingManyAtOnce : IClassFixture<TestDatabase>
{
    private readonly Customer customer;

    public ChangingManyAtOnce(TestDatabase database)
    {
        var ids = new IdSource(TimeProvider.System);
        customer = new Customer(new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids), ids);
    }

    [Fact]
    public async Task Takes_a_grant_for_ever_and_one_that_ends_in_one_flush()
    {
        var outcomes = await customer.Run(
            customer.Credit(10, "for ever"),
            customer.Credit(10, "ends") with { EffectiveAt = Customer.Noon, ExpiresAt = Customer.Noon.AddDays(1) });

        outcomes.ShouldAllBe(outcome => outcome is GrantOutcome.Granted);
    }

    [Fact]
    public async Task Takes_a_hold_that_begins_and_one_that_ends_in_one_flush()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var first = await customer.Held(customer.Hold(10, "first"));

        var outcomes = await customer.Run(
            customer.Hold(10, "second"), new ReleaseHold(customer.Org, first, Customer.Noon));

        outcomes[0].ShouldBeOfType<HoldOutcome.Held>();
        outcomes[1].ShouldBe(new HoldChange.Done());
    }

    [Fact]
    public async Task Refuses_legs_that_take_more_from_a_grant_together_than_it_has()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var legs = new[]
        {
            new Leg(AccountKind.Grants, Customer.Usd(-60), grant),
            new Leg(AccountKind.Grants, Customer.Usd(-60), grant),
            new Leg(AccountKind.OperatorLoss, Customer.Usd(120)),
        };

        var outcome = await customer.Run(new PostTransfer(
            customer.Transfer(new BusinessFact.Manual(Customer.Usd(120), legs), "manual")));

        outcome.ShouldBe(new PostOutcome.InsufficientFunds(Customer.Usd(100)));
    }
}
