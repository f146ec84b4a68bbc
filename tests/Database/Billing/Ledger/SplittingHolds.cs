using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>A part of a hold that becomes one of its own, or is given back while the rest stays reserved.</summary>
public sealed class SplittingHolds : IClassFixture<TestDatabase>
{
    private readonly TestDatabase database;
    private readonly Quoin.Ledger.Ledger ledger;
    private readonly IdSource ids;
    private readonly Customer customer;

    public SplittingHolds(TestDatabase database)
    {
        this.database = database;
        ids = new IdSource(TimeProvider.System);
        ledger = new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids);
        customer = new Customer(ledger, ids);
    }

    [Fact]
    public async Task Leaves_what_is_reserved_in_all_as_it_was()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        var call = await Made(Split(ahead, 25));

        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
        (await customer.Balance(AccountKind.Grants)).ShouldBe(100);
        (await Left(ahead)).ShouldBe(35);
        (await Left(call)).ShouldBe(25);
    }

    [Fact]
    public async Task Moves_the_part_from_the_amount_of_one_to_that_of_the_other()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        var call = await Made(Split(ahead, 25));

        (await Shown(ahead)).Amount.ShouldBe(Customer.Usd(35));
        (await Shown(call)).Amount.ShouldBe(Customer.Usd(25));
    }

    [Fact]
    public async Task Goes_on_by_the_terms_of_the_hold_it_came_from_until_a_time_of_its_own()
    {
        await customer.Run(Limit(100));
        var ahead = await customer.Held(customer.Hold(60, "ahead", PaymentTerms.Postpaid) with { Overrun = OverrunPolicy.Cap });
        var end = Customer.Noon.AddHours(2);

        var call = await Shown(await Made(Split(ahead, 25) with { ExpiresAt = end, Reference = "a call" }));

        (call.Terms, call.Overrun, call.BillingAccount).ShouldBe((PaymentTerms.Postpaid, OverrunPolicy.Cap, customer.Account));
        (call.Key, call.Reference, call.State, call.ExpiresAt).ShouldBe(("call", "a call", HoldState.Open, end));
        (await Shown(ahead)).ExpiresAt.ShouldBe(Customer.Noon.AddMinutes(10));
    }

    [Fact]
    public async Task Is_released_by_the_usage_that_names_it_which_leaves_the_rest_reserved()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var call = await Made(Split(ahead, 25));
        var usage = customer.Transfer(new BusinessFact.Usage(Customer.Usd(20), PaymentTerms.Prepaid), "usage");

        await customer.Run(new PostTransfer(usage with { Releases = [call] }));

        (await customer.Balance(AccountKind.Grants)).ShouldBe(80);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(35);
        (await Shown(call)).State.ShouldBe(HoldState.Released);
        (await Shown(ahead)).State.ShouldBe(HoldState.Open);
    }

    [Fact]
    public async Task Caps_usage_at_what_was_split_off()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead") with { Overrun = OverrunPolicy.Cap });
        var call = await Made(Split(ahead, 25));
        var usage = customer.Transfer(new BusinessFact.Usage(Customer.Usd(40), PaymentTerms.Prepaid), "usage");

        await customer.Run(new PostTransfer(usage with { Releases = [call] }));

        (await customer.Balance(AccountKind.Grants)).ShouldBe(75);
        (await customer.Balance(AccountKind.OperatorLoss)).ShouldBe(-15);
    }

    [Fact]
    public async Task Is_captured_and_released_apart_from_the_hold_it_came_from()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var call = await Made(Split(ahead, 25));

        await customer.Run(
            new CaptureHold(customer.Org, call, "capture", Customer.Usd(20), Customer.Noon, "test"),
            new ReleaseHold(customer.Org, ahead, Customer.Noon));

        (await Shown(call)).State.ShouldBe(HoldState.Captured);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(20);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task Takes_parts_that_span_grants_in_the_order_in_which_they_are_spent()
    {
        var first = await customer.Grant(customer.Credit(30, "first") with { Priority = 1 });
        var second = await customer.Grant(customer.Credit(40, "second") with { Priority = 2 });
        await customer.Run(Limit(50, PaymentTerms.Prepaid));
        var ahead = await customer.Held(customer.Hold(100, "ahead"));

        var one = await Made(Split(ahead, 20, "one"));
        var two = await Made(Split(ahead, 30, "two"));

        (await Parts(one)).ShouldBe([(first.Account, 20)]);
        (await Parts(two)).ShouldBe([(first.Account, 10), (second.Account, 20)]);
        (await Parts(ahead)).Select(part => part.Micros).ShouldBe([20, 30]);
        (await Parts(ahead))[0].Account.ShouldBe(second.Account);
    }

    [Fact]
    public async Task Splits_what_was_split_off_again()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var call = await Made(Split(ahead, 25));

        var step = await Made(Split(call, 10, "step"));

        (await Left(ahead), await Left(call), await Left(step)).ShouldBe((35, 15, 10));
    }

    [Fact]
    public async Task Splits_several_times_in_one_flush()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        var outcomes = await customer.Run(Split(ahead, 25, "one"), Split(ahead, 30, "two"), Split(ahead, 6, "three"));

        outcomes[0].ShouldBeOfType<SplitOutcome.Made>();
        outcomes[1].ShouldBeOfType<SplitOutcome.Made>();
        outcomes[2].ShouldBe(new SplitOutcome.MoreThanHeld(Customer.Usd(5)));
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
    }

    [Fact]
    public async Task Leaves_a_hold_of_which_nothing_is_left_open_until_it_is_released()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        await Made(Split(ahead, 60));

        (await Shown(ahead)).State.ShouldBe(HoldState.Open);
        (await customer.Run(Split(ahead, 1, "more"))).ShouldBe(new SplitOutcome.MoreThanHeld(Customer.Usd(0)));
        (await customer.Run(new ReleaseHold(customer.Org, ahead, Customer.Noon))).ShouldBe(new HoldChange.Done());
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
    }

    [Fact]
    public async Task Happens_once_a_key()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var call = await Made(Split(ahead, 25));

        (await customer.Run(Split(ahead, 25))).ShouldBe(new SplitOutcome.Made(call, IsReplay: true));
        (await Left(ahead)).ShouldBe(35);
    }

    [Fact]
    public async Task Happens_once_a_key_within_one_flush_too()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        var outcomes = await customer.Run(Split(ahead, 25), Split(ahead, 25));

        outcomes[1].ShouldBe(outcomes[0].ShouldBeOfType<SplitOutcome.Made>() with { IsReplay = true });
        (await Left(ahead)).ShouldBe(35);
    }

    [Fact]
    public async Task Is_answered_with_the_first_outcome_after_both_have_ended()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var call = await Made(Split(ahead, 25));
        await customer.Run(Release(call), Release(ahead));

        var later = Split(ahead, 25) with { At = Customer.Noon.AddHours(1), ExpiresAt = Customer.Noon.AddHours(2) };

        (await customer.Run(later)).ShouldBe(new SplitOutcome.Made(call, IsReplay: true));
    }

    [Fact]
    public async Task Names_the_first_when_its_key_says_something_else()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var other = await customer.Held(customer.Hold(30, "other"));
        var call = await Made(Split(ahead, 25));

        (await customer.Run(Split(ahead, 26))).ShouldBe(new SplitOutcome.KeyConflict(call));
        (await customer.Run(Split(other, 25))).ShouldBe(new SplitOutcome.KeyConflict(call));
        (await customer.Run(Split(ahead, 25) with { Reference = "another" })).ShouldBe(new SplitOutcome.KeyConflict(call));
        (await Left(ahead)).ShouldBe(35);
    }

    [Fact]
    public async Task Shares_its_keys_with_holds_made_anew()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var call = await Made(Split(ahead, 25));

        (await customer.Run(Split(ahead, 25, "ahead"))).ShouldBe(new SplitOutcome.KeyConflict(ahead));
        (await customer.Run(customer.Hold(25, "call"))).ShouldBe(new HoldOutcome.KeyConflict(call));
    }

    [Fact]
    public async Task Answers_that_there_is_no_such_hold()
    {
        var nobody = new HoldId(Guid.AllBitsSet);

        (await customer.Run(Split(nobody, 1))).ShouldBe(new SplitOutcome.NotFound());
    }

    [Fact]
    public async Task Does_not_find_the_hold_of_another_organisation()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var stranger = new Customer(ledger, ids);

        (await customer.Run(Split(ahead, 25) with { Org = stranger.Org })).ShouldBe(new SplitOutcome.NotFound());
        (await Left(ahead)).ShouldBe(60);
    }

    [Fact]
    public async Task Is_refused_for_more_than_is_left()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        await Made(Split(ahead, 25));

        (await customer.Run(Split(ahead, 36, "more"))).ShouldBe(new SplitOutcome.MoreThanHeld(Customer.Usd(35)));
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
    }

    [Fact]
    public async Task Is_refused_in_another_currency()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        (await customer.Run(Split(ahead, 25) with { Amount = new Money(25, Currency.Of("EUR")) }))
            .ShouldBe(new SplitOutcome.OtherCurrency(Currency.Usd));
        (await Left(ahead)).ShouldBe(60);
    }

    [Fact]
    public async Task Is_refused_once_the_hold_was_released()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        await customer.Run(Release(ahead));

        (await customer.Run(Split(ahead, 25))).ShouldBe(new SplitOutcome.AlreadyEnded(HoldState.Released));
    }

    [Fact]
    public async Task Is_refused_when_the_holds_time_is_over_even_if_nobody_came_by()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var end = Customer.Noon.AddMinutes(10);

        (await customer.Run(Split(ahead, 25) with { At = end, ExpiresAt = end.AddHours(1) }))
            .ShouldBe(new SplitOutcome.AlreadyEnded(HoldState.Expired));
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task Outlives_the_hold_it_came_from()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        await Made(Split(ahead, 25) with { ExpiresAt = Customer.Noon.AddHours(1) });

        var ended = await customer.Run(new ExpireHold(customer.Org, ahead, Customer.Noon.AddMinutes(10)));

        ended.ShouldBe(new HoldChange.Done());
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(25);
    }

    [Fact]
    public async Task Gives_back_a_part_and_goes_on_with_the_rest()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        (await customer.Run(Release(ahead, 25))).ShouldBe(new HoldChange.Done());

        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(35);
        (await Shown(ahead)).State.ShouldBe(HoldState.Open);
        (await customer.Run(customer.Hold(65, "what is free"))).ShouldBeOfType<HoldOutcome.Held>();
    }

    [Fact]
    public async Task Gives_back_parts_in_the_order_in_which_they_are_spent()
    {
        await customer.Grant(customer.Credit(30, "first") with { Priority = 1 });
        var second = await customer.Grant(customer.Credit(40, "second") with { Priority = 2 });
        var ahead = await customer.Held(customer.Hold(70, "ahead"));

        await customer.Run(Release(ahead, 45));

        (await Parts(ahead)).ShouldBe([(second.Account, 25)]);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(61)]
    public async Task Ends_when_all_of_it_is_given_back_as_a_part(long micros)
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));

        var outcomes = await customer.Run(Release(ahead, micros), Release(ahead, micros));

        outcomes.ShouldBe([new HoldChange.Done(), new HoldChange.AlreadyEnded(HoldState.Released)]);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(0);
    }

    [Fact]
    public async Task Gives_back_nothing_in_another_currency()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var euros = Release(ahead) with { Part = new Money(60, Currency.Of("EUR")) };

        (await customer.Run(euros)).ShouldBe(new HoldChange.OtherCurrency(Currency.Usd));
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
    }

    [Fact]
    public async Task Leaves_books_that_verify_clean()
    {
        await customer.Grant(customer.Credit(30, "first") with { Priority = 1 });
        await customer.Grant(customer.Credit(70, "second") with { Priority = 2 });
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var whole = await customer.Held(customer.Hold(20, "whole"));
        var call = await Made(Split(ahead, 25));
        await Made(Split(whole, 20, "all of it"));
        var capture = new CaptureHold(customer.Org, ahead, "capture", Customer.Usd(4), Customer.Noon, "test") { IsLast = false };

        await customer.Run(Release(ahead, 10), capture, Release(call, 5));

        (await new Auditor(database, customer).Findings()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Leaves_books_that_verify_clean_when_all_of_it_has_ended()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var ahead = await customer.Held(customer.Hold(60, "ahead"));
        var call = await Made(Split(ahead, 60));
        var usage = customer.Transfer(new BusinessFact.Usage(Customer.Usd(70), PaymentTerms.Prepaid), "usage");

        await customer.Run(Release(call, 5), new PostTransfer(usage with { Releases = [call] }), Release(ahead));

        (await new Auditor(database, customer).Findings()).ShouldBeEmpty();
    }

    private SplitHold Split(HoldId from, long micros, string key = "call") =>
        new(customer.Org, from, key, Customer.Usd(micros), Customer.Noon, Customer.Noon.AddMinutes(10), "test");

    private ReleaseHold Release(HoldId hold, long? micros = null) =>
        new(customer.Org, hold, Customer.Noon) { Part = micros is { } part ? Customer.Usd(part) : null };

    private SetCreditLimit Limit(long micros, PaymentTerms terms = PaymentTerms.Postpaid) =>
        new(customer.Org, customer.Account, Currency.Usd, terms, Customer.Usd(micros));

    private async Task<HoldId> Made(SplitHold command) => (await customer.Run(command)).ShouldBeOfType<SplitOutcome.Made>().Id;

    private async Task<Hold> Shown(HoldId hold) => (await ledger.Hold(customer.Org, hold, CancellationToken.None)).ShouldNotBeNull();

    private async Task<long> Left(HoldId hold) => (await Shown(hold)).Parts.Sum(part => part.Micros);

    private async Task<(AccountId Account, long Micros)[]> Parts(HoldId hold) =>
        [.. (await Shown(hold)).Parts.Select(part => (part.Account, part.Micros))];
}
