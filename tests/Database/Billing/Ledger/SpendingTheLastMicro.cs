using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>Two replicas, two hundred clients, one strict account with too little on it.</summary>
public sealed class SpendingTheLastMicro(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Clients = 200;

    private readonly IdSource ids = new(TimeProvider.System);

    [Fact]
    public async Task Never_overspends_and_answers_everyone()
    {
        await using var first = NewReplica();
        await using var second = NewReplica();
        var customer = new Customer(first, ids);
        const int each = 3;
        const int tries = 10;
        const long credit = (Clients * tries * each / 2) + 1;
        await customer.Grant(customer.Credit(credit, "credit"));

        var held = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var replica = client % 2 == 0 ? first : second;
            var won = 0;
            for (var number = 0; number < tries; number++)
            {
                var outcome = await replica.Run(customer.Hold(each, $"{client}/{number}"), CancellationToken.None);
                won += outcome is HoldOutcome.Held ? 1 : 0;
            }

            return won;
        })));

        var rest = credit - (held.Sum() * (long)each);
        rest.ShouldBeLessThan(each);
        rest.ShouldBeGreaterThanOrEqualTo(0);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(credit - rest);
    }

    [Fact]
    public async Task Starves_nobody_while_there_is_enough()
    {
        await using var first = NewReplica();
        await using var second = NewReplica();
        var customer = new Customer(first, ids);
        await customer.Grant(customer.Credit(Clients, "credit"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
            await (client % 2 == 0 ? first : second).Run(customer.Hold(1, $"{client}"), CancellationToken.None))));

        outcomes.ShouldAllBe(outcome => outcome is HoldOutcome.Held);
        (await customer.Run(customer.Hold(1, "one more"))).ShouldBe(new HoldOutcome.InsufficientFunds(Customer.Usd(0)));
    }

    [Fact]
    public async Task Turns_each_hold_into_revenue_once_whoever_asks_and_however_often()
    {
        await using var first = NewReplica();
        await using var second = NewReplica();
        var customer = new Customer(first, ids);
        await customer.Grant(customer.Credit(Clients, "credit"));
        var holds = await customer.Run([.. Enumerable.Range(0, 20).Select(number => customer.Hold(5, $"{number}"))]);

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var hold = ((HoldOutcome.Held)holds[client % holds.Count]).Id;
            var replica = client % 3 == 0 ? first : second;
            if (client % 2 == 0)
            {
                var capture = new CaptureHold(
                    customer.Org, hold, $"capture-{hold}", Customer.Usd(5), Customer.Noon, "race");
                await replica.Run(capture, CancellationToken.None);
            }
            else
            {
                await replica.Run(new ReleaseHold(customer.Org, hold, Customer.Noon), CancellationToken.None);
            }
        })));

        var revenue = await customer.Balance(AccountKind.Revenue);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
        (revenue % 5).ShouldBe(0);
        (await customer.Balance(AccountKind.Grants)).ShouldBe(Clients - revenue);
    }

    private Quoin.Ledger.Ledger NewReplica() => new(database.App, TimeProvider.System, new IdSource(TimeProvider.System));
}
