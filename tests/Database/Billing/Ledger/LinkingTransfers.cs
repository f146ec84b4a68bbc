using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class LinkingTransfers : IClassFixture<TestDatabase>
{
    private readonly Customer customer;

    public LinkingTransfers(TestDatabase database)
    {
        var ids = new IdSource(TimeProvider.System);
        customer = new Customer(new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids), ids);
    }

    [Fact]
    public async Task Posts_all_of_them()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));

        var outcome = await customer.Run(Linked(Refund(grant, 60, "one"), Refund(grant, 40, "two")));

        outcome.ShouldBeOfType<LinkedOutcome.Posted>().Transfers.Count.ShouldBe(2);
        (await customer.Balance(grant)).ShouldBe(0);
    }

    [Fact]
    public async Task Posts_none_when_one_is_refused()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(20, "call"));
        var usage = customer.Transfer(new BusinessFact.Usage(Customer.Usd(20), PaymentTerms.Prepaid), "usage");

        var outcome = await customer.Run(
            Linked(usage with { Releases = [hold] }, Refund(grant, 60, "one"), Refund(grant, 60, "two")));

        outcome.ShouldBe(new LinkedOutcome.Refused(2, new PostOutcome.InsufficientFunds(Customer.Usd(20))));
        (await customer.Balance(grant)).ShouldBe(100);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(20);
        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-100);
    }

    [Fact]
    public async Task Leaves_the_keys_of_refused_ones_free()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var refused = Linked(Refund(grant, 60, "one"), Refund(grant, 60, "two"));

        var outcomes = await customer.Run(refused, new PostTransfer(Refund(grant, 50, "one")), customer.Usage(10, "usage"));

        outcomes[0].ShouldBeOfType<LinkedOutcome.Refused>();
        outcomes[1].ShouldBe(((PostOutcome.Posted)outcomes[1]) with { IsReplay = false });
        (await customer.Balance(grant)).ShouldBe(40);
    }

    private PostLinkedTransfers Linked(params TransferRequest[] transfers) => new(customer.Org, transfers);

    private TransferRequest Refund(GrantId grant, long micros, string key) =>
        customer.Transfer(new BusinessFact.CreditRefunded(Customer.Usd(micros), grant), key);
}
