using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Pricing;

public sealed class AssigningPlans(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(At(10, 12, 7));
    private TestHost host = null!;
    private Plans plans = null!;
    private BillingAccountKey account;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", clock);
        plans = host.Get<Plans>();
        account = await NewAccount();
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Begins_in_the_quarter_hour_that_has_begun_and_prices_usage_nobody_can_have_rated()
    {
        var made = await Assign("starter");

        made.InForce.ShouldBe(new Period(At(10, 12, 0), DateTimeOffset.MaxValue));
        made.PricesInForce.Start.ShouldBe(At(10, 12, 15));
        made.Anchor.ShouldBe(At(10, 12, 0));
        (await plans.Of(account, default)).At(AssignmentKind.Plan, clock.GetUtcNow())!.Id.ShouldBe(made.Id);
    }

    [Fact]
    public async Task Is_refused_where_there_is_one_of_its_kind()
    {
        var first = await Assign("starter");

        var second = await plans.Assign(await Request("growth"), "test", default);

        second.ShouldBe(new AssignOutcome.Overlaps(first.Id));
    }

    [Fact]
    public async Task Lets_one_of_two_who_come_at_once_win()
    {
        var request = await Request("starter");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => plans.Assign(request, "test", default))));

        outcomes.OfType<AssignOutcome.Done>().Count().ShouldBe(1);
        outcomes.OfType<AssignOutcome.Overlaps>().Count().ShouldBe(7);
    }

    [Fact]
    public async Task Goes_up_now_and_down_when_the_period_ends()
    {
        var starter = await Assign("starter");
        clock.Advance(TimeSpan.FromDays(3));

        var up = await Change(starter, "growth");
        up.InForce.Start.ShouldBe(At(13, 12, 0));
        up.PricesInForce.Start.ShouldBe(At(13, 12, 15));
        up.Anchor.ShouldBe(starter.Anchor);

        var down = await Change(up, "starter");
        down.InForce.Start.ShouldBe(At(10, 12, 0).AddMonths(1));
        down.PricesInForce.Start.ShouldBe(down.InForce.Start);

        var all = await plans.Of(account, default);
        all.Assignments.Count.ShouldBe(3);
        all.PeriodAt(clock.GetUtcNow()).ShouldBe(new Period(At(10, 12, 0), At(10, 12, 0).AddMonths(1)));
        all.Assignments.Zip(all.Assignments.Skip(1)).ShouldAllBe(pair =>
            pair.First.InForce.End == pair.Second.InForce.Start && pair.First.PricesInForce.End == pair.Second.PricesInForce.Start);
    }

    [Fact]
    public async Task Goes_on_where_what_was_to_follow_is_withdrawn()
    {
        var growth = await Assign("growth");
        var down = await Change(growth, "starter");

        await Done(plans.Cancel(new AssignmentEnd(account.Org, down.Id), "test", default));

        var left = (await plans.Of(account, default)).Assignments.ShouldHaveSingleItem();
        left.Id.ShouldBe(growth.Id);
        left.InForce.End.ShouldBe(DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task Ends_with_the_period_unless_it_is_resumed()
    {
        var growth = await Assign("growth");

        var ended = await Done(plans.Cancel(new AssignmentEnd(account.Org, growth.Id), "test", default));
        ended.InForce.End.ShouldBe(At(10, 12, 0).AddMonths(1));

        var resumed = await Done(plans.Resume(account.Org, growth.Id, "test", default));
        resumed.InForce.End.ShouldBe(DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task Changes_ahead_at_the_quarter_hour_that_was_asked_for()
    {
        var starter = await Assign("starter");

        var change = new PlanChange(account.Org, starter.Id, await Plan("growth"), ChangeTime.At, At(20, 8, 30));
        var made = await Done(plans.Change(change, "test", default));

        made.InForce.Start.ShouldBe(At(20, 8, 30));
        (await plans.Change(change with { At = At(20, 8, 31) }, "test", default)).ShouldBeOfType<AssignOutcome.Refused>();
        (await plans.Change(change with { At = At(9, 8, 30) }, "test", default)).ShouldBeOfType<AssignOutcome.Refused>();
    }

    [Fact]
    public async Task Takes_a_contract_beside_a_plan()
    {
        await Assign("starter");
        var contract = new NewAssignment(account, AssignmentKind.Contract, null)
        {
            DiscountBps = 1_500,
            Commitment = new Commitment(10_000_000_000, 1.2m),
            To = At(10, 12, 0).AddYears(1),
        };

        await Done(plans.Assign(contract, "test", default));

        var all = await plans.Of(account, default);
        all.Assignments.Select(assignment => assignment.Kind).ShouldBe([AssignmentKind.Contract, AssignmentKind.Plan]);
        all.Assignments[0].Commitment.ShouldBe(contract.Commitment);
        all.Prices.ContractAt(At(10, 12, 30))!.DiscountBps.ShouldBe(1_500);
        all.Prices.ContractAt(At(10, 12, 0)).ShouldBeNull();
    }

    [Fact]
    public async Task Refuses_what_cannot_be()
    {
        var request = await Request("starter");

        (await plans.Assign(request with { From = At(10, 11, 45) }, "test", default)).ShouldBeOfType<AssignOutcome.Refused>();
        (await plans.Assign(request with { From = At(11, 0, 1) }, "test", default)).ShouldBeOfType<AssignOutcome.Refused>();
        (await plans.Assign(request with { To = At(10, 12, 0) }, "test", default)).ShouldBeOfType<AssignOutcome.Refused>();
        (await plans.Assign(request with { DiscountBps = 100 }, "test", default)).ShouldBeOfType<AssignOutcome.Refused>();
        (await plans.Assign(request with { Plan = default(PlanVersionId) }, "test", default))
            .ShouldBeOfType<AssignOutcome.NotAssignable>();
        (await plans.Assign(request with { Account = new(account.Org, default) }, "test", default))
            .ShouldBeOfType<AssignOutcome.NotFound>();
        (await plans.Cancel(new AssignmentEnd((await NewAccount()).Org, (await Assign("growth")).Id), "test", default))
            .ShouldBeOfType<AssignOutcome.NotFound>();
    }

    [Fact]
    public async Task Tells_who_listens()
    {
        await Assign("starter");

        await using var command = database.Owner.Sql(
            "select count(*) from platform.outbox where topic = $1 and org_id = $2", AssignmentChanged.Topic, account.Org.Value);
        (await command.ExecuteScalarAsync()).ShouldBe(1L);
    }

    [Fact]
    public async Task Knows_the_plans_every_installation_has()
    {
        var catalogue = await plans.Catalogue(default);

        catalogue.Families.Where(family => family.Visibility == PlanVisibility.Public).Select(family => family.Family)
            .ShouldBe(["enterprise", "growth", "starter"]);
        string[] seeded = ["internal-dev", "starter", "growth", "enterprise"];
        seeded.Select(family => catalogue.Newest(family, Currency.Usd)!.Fee.Micros / Money.MicrosPerUnit).ShouldBe([0, 49, 199, 599]);
        catalogue.Newest("enterprise", Currency.Usd)!.Entitlements.OfType<Entitlement.Quota>().Select(quota => quota.Limit)
            .ShouldBe([null, 1_000, null]);
        catalogue.Newest("starter", Currency.Usd)!.Entitlements.OfType<Entitlement.Quota>().Select(quota => quota.Limit)
            .ShouldBe([500_000, 50, 3]);
    }

    private async Task<BillingAccountKey> NewAccount()
    {
        var org = (await host.CreateOrganisation()).Profile.Id;
        var accounts = await host.Get<Organisations>().BillingAccountsOf(org, default);
        return new BillingAccountKey(org, accounts[0].Id);
    }

    private async Task<PlanVersionId> Plan(string family) => (await plans.Catalogue(default)).Newest(family, Currency.Usd)!.Id;

    private async Task<NewAssignment> Request(string family) => new(account, AssignmentKind.Plan, await Plan(family));

    private async Task<Assignment> Assign(string family) => await Done(plans.Assign(await Request(family), "test", default));

    private async Task<Assignment> Change(Assignment current, string family) =>
        await Done(plans.Change(new PlanChange(account.Org, current.Id, await Plan(family)), "test", default));

    private static async Task<Assignment> Done(Task<AssignOutcome> doing)
    {
        var outcome = await doing;
        return outcome.ShouldBeOfType<AssignOutcome.Done>(outcome.ToString()).Assignment;
    }

    private static DateTimeOffset At(int day, int hour, int minute) => new(2026, 3, day, hour, minute, 0, TimeSpan.Zero);
}
