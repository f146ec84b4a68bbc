using Microsoft.Extensions.DependencyInjection;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>What falls due in the books, as due work sees to it.</summary>
public sealed class EndingInTime : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly TestReplica replica;
    private readonly Customer customer;
    private readonly IDueWork due;

    public EndingInTime(TestDatabase database)
    {
        replica = new TestReplica(database, TimeProvider.System, services => services.AddLedger());
        customer = new Customer(replica.Get<Quoin.Ledger.Ledger>(), replica.Get<IdSource>());
        due = replica.Get<IDueWork>();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await replica.DisposeAsync();

    [Fact]
    public async Task Ends_holds_and_then_the_grant_they_kept_alive()
    {
        var expiry = Customer.Noon.AddMinutes(5);
        await customer.Grant(customer.Credit(100, "credit") with { ExpiresAt = expiry });
        await customer.Held(customer.Hold(100, "call") with { ExpiresAt = Customer.Noon.AddDays(3) });

        (await NextDue()).ShouldBe(Customer.Noon.AddDays(3));
        await due.RunUpTo(customer.Org, Customer.Noon.AddDays(3), CancellationToken.None);

        (await NextDue()).ShouldBeNull();
        (await customer.Balance(AccountKind.Breakage)).ShouldBe(100);
    }

    [Fact]
    public async Task Repays_overdraft_when_a_grant_takes_effect()
    {
        var effective = Customer.Noon.AddDays(1);
        await customer.Grant(customer.Credit(100, "credit") with { EffectiveAt = effective, ExpiresAt = effective.AddDays(1) });
        await customer.Run(customer.Usage(30, "usage"));

        (await NextDue()).ShouldBe(effective);
        await due.RunUpTo(customer.Org, effective, CancellationToken.None);

        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(0);
        (await customer.Balance(AccountKind.Grants)).ShouldBe(70);
        (await NextDue()).ShouldBe(effective.AddDays(1) + Limits.ExpiryGrace);
    }

    [Fact]
    public async Task Takes_back_what_a_hold_kept_of_a_voided_grant()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(40, "call"));
        await customer.Run(new VoidGrant(customer.Org, grant, Customer.Noon, "mistake"));

        await customer.Run(new ReleaseHold(customer.Org, hold, Customer.Noon));
        await due.RunUpTo(customer.Org, Customer.Noon, CancellationToken.None);

        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
        (await NextDue()).ShouldBeNull();
    }

    [Fact]
    public async Task Names_the_organisations_with_something_due()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        await customer.Held(customer.Hold(40, "call"));

        var early = await due.OrganisationsDue(Customer.Noon, null, 1_000, CancellationToken.None);
        var late = await due.OrganisationsDue(Customer.Noon.AddMinutes(10), null, 1_000, CancellationToken.None);

        early.ShouldNotContain(customer.Org);
        late.ShouldContain(customer.Org);
    }

    private Task<DateTimeOffset?> NextDue() => due.NextDue(customer.Org, CancellationToken.None);
}
