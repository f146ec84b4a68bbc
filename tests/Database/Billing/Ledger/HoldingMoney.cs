using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class HoldingMoney : IClassFixture<TestDatabase>
{
    private readonly Customer customer;

    public HoldingMoney(TestDatabase database)
    {
        var ids = new IdSource(TimeProvider.System);
        customer = new Customer(new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids), ids);
    }

    [Fact]
    public async Task Reserves_without_moving_anything()
    {
        await customer.Grant(customer.Credit(100, "credit"));

        await customer.Held(customer.Hold(60, "call"));

        (await customer.Balance(AccountKind.Grants)).ShouldBe(100);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
    }

    [Fact]
    public async Task Is_refused_for_more_than_is_free()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        await customer.Held(customer.Hold(60, "first"));

        (await customer.Run(customer.Hold(41, "second"))).ShouldBe(new HoldOutcome.InsufficientFunds(Customer.Usd(40)));
        (await customer.Run(customer.Hold(40, "third"))).ShouldBeOfType<HoldOutcome.Held>();
    }

    [Fact]
    public async Task Is_refused_where_no_currency_was_ever_there()
    {
        (await customer.Run(customer.Hold(1, "first"))).ShouldBe(new HoldOutcome.InsufficientFunds(Customer.Usd(0)));
    }

    [Fact]
    public async Task Counts_what_is_owed_against_what_may_be_held()
    {
        await customer.Run(customer.Credit(100, "credit"), customer.Hold(100, "all"), customer.Usage(30, "unreserved"));
        var hold = await customer.Run(customer.Hold(100, "all"));

        await customer.Run(new ReleaseHold(customer.Org, ((HoldOutcome.Held)hold).Id, Customer.Noon));

        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-30);
        (await customer.Run(customer.Hold(71, "next"))).ShouldBe(new HoldOutcome.InsufficientFunds(Customer.Usd(70)));
    }

    [Fact]
    public async Task Goes_down_to_the_credit_limit_and_no_further()
    {
        var limit = new SetCreditLimit(customer.Org, customer.Account, Currency.Usd, PaymentTerms.Postpaid, Customer.Usd(50));
        await customer.Run(limit, customer.Usage(20, "owed", PaymentTerms.Postpaid));

        (await customer.Run(customer.Hold(31, "more", PaymentTerms.Postpaid)))
            .ShouldBe(new HoldOutcome.InsufficientFunds(Customer.Usd(30)));
        await customer.Held(customer.Hold(30, "all", PaymentTerms.Postpaid));
        (await customer.HeldOn(AccountKind.Receivable)).ShouldBe(30);
    }

    [Fact]
    public async Task Happens_once_a_key_and_names_the_first_when_it_says_something_else()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var first = await customer.Held(customer.Hold(60, "call"));

        (await customer.Run(customer.Hold(60, "call"))).ShouldBe(new HoldOutcome.Held(first, IsReplay: true));
        (await customer.Run(customer.Hold(61, "call"))).ShouldBe(new HoldOutcome.KeyConflict(first));
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
    }

    [Fact]
    public async Task Gives_back_what_it_reserved_when_it_is_released_and_only_once()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(60, "call"));
        var release = new ReleaseHold(customer.Org, hold, Customer.Noon);

        var outcomes = await customer.Run(release, release);

        outcomes.ShouldBe([new HoldChange.Done(), new HoldChange.AlreadyEnded(HoldState.Released)]);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task Becomes_revenue_in_part_and_gives_the_rest_back()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(60, "call"));

        var captured = await customer.Run(Capture(hold, 25));

        captured.ShouldBeOfType<CaptureOutcome.Captured>();
        (await customer.Balance(AccountKind.Grants)).ShouldBe(75);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(25);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task May_be_captured_step_by_step()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(60, "call"));

        await customer.Run(Capture(hold, 20, "one") with { IsLast = false }, Capture(hold, 20, "two") with { IsLast = false });

        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(20);
        (await customer.Run(Capture(hold, 21, "three"))).ShouldBe(new CaptureOutcome.MoreThanHeld(Customer.Usd(20)));
        (await customer.Run(Capture(hold, 20, "four") with { IsLast = false })).ShouldBeOfType<CaptureOutcome.Captured>();
        (await customer.Run(Capture(hold, 1, "five"))).ShouldBe(new CaptureOutcome.AlreadyEnded(HoldState.Captured));
    }

    [Fact]
    public async Task Is_captured_once_a_key()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(60, "call"));

        var outcomes = await customer.Run(Capture(hold, 20), Capture(hold, 20), Capture(hold, 21));

        var first = outcomes[0].ShouldBeOfType<CaptureOutcome.Captured>();
        outcomes[1].ShouldBe(first with { IsReplay = true });
        outcomes[2].ShouldBe(new CaptureOutcome.KeyConflict(first.Id));
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(20);
    }

    [Theory]
    [InlineData(OverrunPolicy.AllowNegative, 100, -20, 0)]
    [InlineData(OverrunPolicy.Cap, 40, 0, -60)]
    public async Task Lets_the_policy_decide_who_pays_for_more_than_it_has(
        OverrunPolicy policy, long paid, long overdraft, long loss)
    {
        await customer.Grant(customer.Credit(80, "credit"));
        var hold = await customer.Held(customer.Hold(40, "call") with { Overrun = policy });

        await customer.Run(Capture(hold, 100) with { MayExceed = true });

        (await customer.Balance(AccountKind.Revenue)).ShouldBe(100);
        (80 - await customer.Balance(AccountKind.Grants) - overdraft).ShouldBe(paid);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(overdraft);
        (await customer.Balance(AccountKind.OperatorLoss)).ShouldBe(loss);
    }

    [Fact]
    public async Task Is_released_by_the_usage_that_names_it_which_spends_it_first()
    {
        var held = await customer.Grant(customer.Credit(50, "held") with { Priority = 90 });
        var hold = await customer.Held(customer.Hold(50, "call"));
        var sooner = await customer.Grant(customer.Credit(50, "sooner") with { Priority = 1 });
        var usage = customer.Transfer(new BusinessFact.Usage(Customer.Usd(70), PaymentTerms.Prepaid), "usage");

        await customer.Run(new PostTransfer(usage with { Releases = [hold] }));

        (await customer.Balance(held)).ShouldBe(0);
        (await customer.Balance(sooner)).ShouldBe(30);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
        (await customer.Run(new ReleaseHold(customer.Org, hold, Customer.Noon)))
            .ShouldBe(new HoldChange.AlreadyEnded(HoldState.Released));
    }

    [Fact]
    public async Task Is_released_even_by_usage_that_costs_nothing()
    {
        await customer.Grant(customer.Credit(50, "credit"));
        var hold = await customer.Held(customer.Hold(50, "call"));
        var usage = customer.Transfer(new BusinessFact.Usage(Customer.Usd(0), PaymentTerms.Prepaid), "usage");

        await customer.Run(new PostTransfer(usage with { Releases = [hold] }));

        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task Lives_until_its_time_is_over_however_often_that_is_moved()
    {
        await customer.Grant(customer.Credit(50, "credit"));
        var hold = await customer.Held(customer.Hold(50, "call"));
        var later = Customer.Noon.AddHours(1);

        (await customer.Run(new RenewHold(customer.Org, hold, Customer.Noon, later))).ShouldBe(new HoldChange.Done());

        (await customer.Run(new ExpireHold(customer.Org, hold, later.AddTicks(-10)))).ShouldBe(new HoldChange.NotDue());
        (await customer.Run(new ExpireHold(customer.Org, hold, later))).ShouldBe(new HoldChange.Done());
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task Is_over_when_its_time_is_over_even_if_nobody_came_by()
    {
        await customer.Grant(customer.Credit(50, "credit"));
        var hold = await customer.Held(customer.Hold(50, "call"));
        var end = Customer.Noon.AddMinutes(10);

        (await customer.Run(Capture(hold, 10) with { At = end })).ShouldBe(new CaptureOutcome.AlreadyEnded(HoldState.Expired));
        (await customer.Run(new RenewHold(customer.Org, hold, end, end.AddHours(1))))
            .ShouldBe(new HoldChange.AlreadyEnded(HoldState.Expired));
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task May_begin_and_end_in_one_flush_with_others()
    {
        var ending = await customer.Grant(customer.Credit(100, "credit"));
        var first = await customer.Held(customer.Hold(10, "first"));

        var outcomes = await customer.Run(
            customer.Hold(20, "second"),
            new ReleaseHold(customer.Org, first, Customer.Noon),
            customer.Credit(5, "open-ended"),
            customer.Credit(5, "ends") with { ExpiresAt = Customer.Noon.AddDays(1), EffectiveAt = Customer.Noon },
            new VoidGrant(customer.Org, ending, Customer.Noon, "mistake"));

        outcomes.Select(outcome => outcome.GetType().Name).ShouldBe(["Held", "Done", "Granted", "Granted", "Done"]);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(20);
    }

    [Fact]
    public async Task Answers_that_there_is_no_such_hold()
    {
        var nobody = new HoldId(Guid.AllBitsSet);

        (await customer.Run(new ReleaseHold(customer.Org, nobody, Customer.Noon))).ShouldBe(new HoldChange.NotFound());
        (await customer.Run(Capture(nobody, 1))).ShouldBe(new CaptureOutcome.NotFound());
    }

    private CaptureHold Capture(HoldId hold, long micros, string key = "capture") =>
        new(customer.Org, hold, key, Customer.Usd(micros), Customer.Noon, "test");
}
