using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class CorrectingATransfer(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Ann = "usr_ann";
    private const string Ben = "usr_ben";

    private TestHost host = null!;
    private Corrections corrections = null!;
    private Customer customer = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        corrections = host.Get<Corrections>();
        customer = Customer.Of(host.Get<Quoin.Ledger.Ledger>(), await host.CreateOrganisation(Settlement.Prepaid));
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Gives_back_what_usage_took_and_names_it()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var usage = await Posted(customer.Usage(30, "usage"));

        var reversal = await Reversed(usage);

        (await customer.Balance(grant)).ShouldBe(100);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(0);
        var transfer = await Transfer(reversal);
        transfer.Reverses.ShouldBe(usage);
        transfer.Kind.ShouldBe("reversal");
        transfer.Reference.ShouldBe($"reversal of {usage}: it was wrong");
        (await Transfer(usage)).ReversedBy.ShouldBe(reversal);
    }

    [Fact]
    public async Task Makes_credit_that_was_spent_meanwhile_an_overdraft()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        await customer.Run(customer.Usage(70, "usage"));

        await Reversed(new TransferId(grant.Value));

        (await customer.Balance(grant)).ShouldBe(0);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-70);
        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(70);
    }

    [Fact]
    public async Task Makes_overdraft_that_the_credit_repaid_owed_again()
    {
        await customer.Run(customer.Usage(50, "usage"));
        var grant = await customer.Grant(customer.Credit(80, "credit"));
        (await customer.Balance(grant)).ShouldBe(30);

        await Reversed(new TransferId(grant.Value));

        (await customer.Balance(grant)).ShouldBe(0);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-50);
        (await customer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
    }

    [Fact]
    public async Task Leaves_what_a_hold_reserves_of_the_credit()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        await customer.Held(customer.Hold(60, "call"));

        await Reversed(new TransferId(grant.Value));

        (await customer.Balance(grant)).ShouldBe(60);
        (await customer.HeldOn(AccountKind.Grants)).ShouldBe(60);
        (await customer.Balance(AccountKind.Overdraft)).ShouldBe(-60);
    }

    [Fact]
    public async Task Undoes_a_capture()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var hold = await customer.Held(customer.Hold(60, "call"));
        var capture = await customer.Run(
            new CaptureHold(customer.Org, hold, "capture", Customer.Usd(60), Customer.Noon, "test"));

        await Reversed(((CaptureOutcome.Captured)capture).Id);

        (await customer.Balance(AccountKind.Grants)).ShouldBe(100);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(0);
    }

    [Fact]
    public async Task Undoes_postpaid_usage_with_its_providers_cost()
    {
        var fact = new BusinessFact.Usage(Customer.Usd(40), PaymentTerms.Postpaid)
        {
            ProviderCost = new Money(9, Currency.Of("EUR")),
        };
        var usage = await Posted(new PostTransfer(customer.Transfer(fact, "usage")));

        await Reversed(usage);

        (await customer.Balance(AccountKind.Receivable)).ShouldBe(0);
        (await customer.Balance(AccountKind.ProviderPayable)).ShouldBe(0);
        (await customer.Balance(AccountKind.ProviderCost)).ShouldBe(0);
    }

    [Fact]
    public async Task Undoes_a_debit_over_more_grants_than_a_person_may_write_legs()
    {
        const int grants = Quoin.Ledger.Limits.LegsMax + 10;
        await customer.Run([.. Enumerable.Range(0, grants).Select(index => customer.Credit(1, $"credit-{index}"))]);
        var usage = await Posted(customer.Usage(grants, "usage"));

        await Reversed(usage);

        (await customer.Balance(AccountKind.Grants)).ShouldBe(grants);
    }

    public static TheoryData<string> Facts => [.. FactsByName.Keys];

    private static Dictionary<string, BusinessFact> FactsByName { get; } = new()
    {
        ["plan_period"] = new BusinessFact.PlanPeriod(Customer.Usd(20)),
        ["tax_charged"] = new BusinessFact.TaxCharged(Customer.Usd(20)),
        ["payment_received"] = new BusinessFact.PaymentReceived(Customer.Usd(20)),
        ["payment_refunded"] = new BusinessFact.PaymentRefunded(Customer.Usd(20)),
        ["chargeback"] = new BusinessFact.Chargeback(Customer.Usd(20)),
        ["chargeback_reversed"] = new BusinessFact.ChargebackReversed(Customer.Usd(20)),
        ["processor_fee"] = new BusinessFact.ProcessorFee(Customer.Usd(20)),
        ["payout"] = new BusinessFact.Payout(Customer.Usd(20)),
        ["credit_note"] = new BusinessFact.CreditNote(Customer.Usd(20)),
        ["write_off"] = new BusinessFact.WriteOff(Customer.Usd(20), PaymentTerms.Prepaid),
        ["rounding_difference"] = new BusinessFact.RoundingDifference(Customer.Usd(20)),
        ["usage_given_back"] = new BusinessFact.Usage(Customer.Usd(-20), PaymentTerms.Prepaid),
        ["manual"] = new BusinessFact.Manual(
            Customer.Usd(20), [new Leg(AccountKind.Bank, Customer.Usd(20)), new Leg(AccountKind.Fees, Customer.Usd(-20))]),
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public async Task Brings_every_account_back_to_where_it_was(string fact)
    {
        await customer.Run(customer.Credit(50, "credit"), customer.Usage(30, "usage"));
        var before = await Balances();
        var transfer = await Posted(new PostTransfer(customer.Transfer(FactsByName[fact], fact)));
        (await Balances()).ShouldNotBe(before);

        await Reversed(transfer);

        (await Balances()).ShouldBe(before);
    }

    [Fact]
    public async Task Can_be_undone_itself()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var usage = await Posted(customer.Usage(30, "usage"));
        var reversal = await Reversed(usage);

        await Reversed(reversal);
        await customer.Run(customer.Usage(-10, "given back"));

        (await customer.Balance(grant)).ShouldBe(80);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(20);
    }

    [Fact]
    public async Task Happens_once_a_transfer()
    {
        await customer.Grant(customer.Credit(100, "credit"));
        var usage = await Posted(customer.Usage(30, "usage"));
        var first = await Requested(usage, "first");

        (await Request(usage, "second")).ShouldBe(Refused(new CorrectionRefusal.AlreadyRequested(first.Id)));
        await corrections.Reject(customer.Org, first.Id, "no", Ben, CancellationToken.None);
        var reversal = await Reversed(usage, "third");

        (await Request(usage, "fourth")).ShouldBe(Refused(new CorrectionRefusal.AlreadyReversed(reversal)));
        (await customer.Balance(AccountKind.Grants)).ShouldBe(100);
    }

    [Fact]
    public async Task Is_asked_for_once_a_key()
    {
        var usage = await Posted(customer.Usage(30, "usage"));
        var first = await Requested(usage, "key");

        var again = (await Request(usage, "key")).ShouldBeOfType<CorrectionRequestOutcome.Requested>();
        var other = await corrections.Request(
            customer.Org, Asked(usage, "key") with { Evidence = "other" }, Ann, CancellationToken.None);

        again.IsReplay.ShouldBeTrue();
        again.Correction.Id.ShouldBe(first.Id);
        other.ShouldBe(new CorrectionRequestOutcome.KeyConflict(first.Id));
    }

    [Fact]
    public async Task Is_never_decided_by_who_asked_and_only_they_take_it_back()
    {
        var usage = await Posted(customer.Usage(30, "usage"));
        var correction = await Requested(usage, "key");

        (await Approve(correction.Id, Ann)).ShouldBe(new CorrectionDecisionOutcome.SecondPersonNeeded());
        (await corrections.Reject(customer.Org, correction.Id, "no", Ann, CancellationToken.None))
            .ShouldBe(new CorrectionDecisionOutcome.SecondPersonNeeded());
        (await corrections.Withdraw(customer.Org, correction.Id, "no", Ben, CancellationToken.None))
            .ShouldBe(new CorrectionDecisionOutcome.RequesterNeeded());
        var withdrawn = await corrections.Withdraw(customer.Org, correction.Id, "mistaken", Ann, CancellationToken.None);

        withdrawn.ShouldBeOfType<CorrectionDecisionOutcome.Decided>().Correction.State.ShouldBe(CorrectionState.Withdrawn);
        (await Approve(correction.Id, Ben)).ShouldBeOfType<CorrectionDecisionOutcome.AlreadyDecided>();
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(30);
    }

    [Fact]
    public async Task Is_not_decided_by_another_key_of_the_same_person()
    {
        var ann = host.Get<IdSource>().Next<UserId>().ToString();
        var hers = await OperatorKey(ann);
        var itsOwn = await OperatorKey(hers);
        var bens = await OperatorKey(host.Get<IdSource>().Next<UserId>().ToString());
        var usage = await Posted(customer.Usage(30, "usage"));
        var asked = await corrections.Request(customer.Org, Asked(usage, "key"), hers, CancellationToken.None);
        var correction = ((CorrectionRequestOutcome.Requested)asked).Correction;

        (await Approve(correction.Id, ann)).ShouldBe(new CorrectionDecisionOutcome.SecondPersonNeeded());
        (await Approve(correction.Id, itsOwn)).ShouldBe(new CorrectionDecisionOutcome.SecondPersonNeeded());
        (await Approve(correction.Id, bens)).ShouldBeOfType<CorrectionDecisionOutcome.Decided>();
    }

    [Theory]
    [InlineData("usr_ann", "usr_ben")]
    [InlineData("usr_ben", "usr_ann")]
    public async Task Is_kept_from_who_asked_by_the_database_too(string actor, string origin)
    {
        var usage = await Posted(customer.Usage(30, "usage"));
        var correction = await Requested(usage, "key");

        await ShouldBeRefused(
            $"""
            update ledger.corrections
            set state = 'posted', decided_by = '{actor}', decided_by_origin = '{origin}', decided_at = requested_at,
                decision_reason = 'mine', transfer_id = original_transfer_id
            where correction_id = $1
            """,
            correction.Id);
    }

    [Theory]
    [InlineData("delete from ledger.corrections where correction_id = $1")]
    [InlineData("update ledger.corrections set reason = 'other' where correction_id = $1")]
    [InlineData("update ledger.corrections set legs = '[]', kind = 'adjustment' where correction_id = $1")]
    public async Task Stays_as_it_was_asked_even_for_the_owner(string statement)
    {
        var usage = await Posted(customer.Usage(30, "usage"));
        var correction = await Requested(usage, "key");

        await ShouldBeRefused(statement, correction.Id);
    }

    [Fact]
    public async Task Stays_as_it_was_decided_even_for_the_owner()
    {
        var usage = await Posted(customer.Usage(30, "usage"));
        var correction = await Requested(usage, "key");
        await Approve(correction.Id, Ben);

        await ShouldBeRefused("update ledger.corrections set decision_reason = 'other' where correction_id = $1", correction.Id);
    }

    [Fact]
    public async Task Has_one_live_reversal_by_the_database_too()
    {
        var usage = await Posted(customer.Usage(30, "usage"));
        var correction = await Requested(usage, "key");

        await ShouldBeRefused(
            """
            insert into ledger.corrections
            select org_id, original_transfer_id, 'other', kind, original_transfer_id, billing_account_id, legs, reason, evidence,
                state, requested_by, requested_by_origin, requested_at
            from ledger.corrections
            where correction_id = $1
            """,
            correction.Id);
    }

    [Fact]
    public async Task Posts_once_when_many_approve_on_two_replicas()
    {
        await using var replica = await TestHost.Start(database, "api");
        await customer.Grant(customer.Credit(100, "credit"));
        var usage = await Posted(customer.Usage(30, "usage"));
        var correction = await Requested(usage, "key");
        Corrections[] doors = [corrections, replica.Get<Corrections>()];

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(index => doors[index % 2].Approve(
            customer.Org, correction.Id, "yes", $"usr_{index % 4}", CancellationToken.None)));

        var decided = outcomes.OfType<CorrectionDecisionOutcome.Decided>().ToList();
        decided.Count(one => !one.IsReplay).ShouldBe(1);
        decided.Select(one => one.Correction.Posted).Distinct().Count().ShouldBe(1);
        outcomes.Except(decided).ShouldAllBe(outcome => outcome is CorrectionDecisionOutcome.AlreadyDecided);
        (await customer.Balance(AccountKind.Grants)).ShouldBe(100);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(0);
    }

    [Fact]
    public async Task Is_asked_for_once_when_many_ask_on_two_replicas()
    {
        await using var replica = await TestHost.Start(database, "api");
        var usage = await Posted(customer.Usage(30, "usage"));
        Corrections[] doors = [corrections, replica.Get<Corrections>()];

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(index =>
            doors[index % 2].Request(customer.Org, Asked(usage, $"key-{index}"), Ann, CancellationToken.None)));

        var asked = outcomes.OfType<CorrectionRequestOutcome.Requested>().Single();
        outcomes.Except([asked]).ShouldAllBe(
            outcome => outcome == Refused(new CorrectionRefusal.AlreadyRequested(asked.Correction.Id)));
    }

    [Fact]
    public async Task Adjusts_by_legs_of_its_own_and_never_overspends_a_grant()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var usage = await Posted(customer.Usage(30, "usage"));

        var tooMuch = await Adjusting(usage, grant, 71);
        var refused = await Approve(tooMuch.Id, Ben);
        var right = await Adjusting(usage, grant, 70);
        var approved = await Approve(right.Id, Ben);

        refused.ShouldBe(new CorrectionDecisionOutcome.NotPosted(new PostOutcome.InsufficientFunds(Customer.Usd(70))));
        (await corrections.Find(customer.Org, tooMuch.Id, CancellationToken.None))!.State.ShouldBe(CorrectionState.Requested);
        var posted = await Transfer(approved.ShouldBeOfType<CorrectionDecisionOutcome.Decided>().Correction.Posted!.Value);
        posted.Metadata["corrects"].ShouldBe(usage.ToString());
        (await customer.Balance(grant)).ShouldBe(0);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(100);
    }

    [Fact]
    public async Task Undoes_an_adjusted_transfer_only_after_its_adjustment()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var usage = await Posted(customer.Usage(30, "usage"));
        var adjusting = await Adjusting(usage, grant, 5);
        var open = await Requested(usage, "asked before");
        var adjusted = (CorrectionDecisionOutcome.Decided)await Approve(adjusting.Id, Ben);
        var adjustment = adjusted.Correction.Posted!.Value;

        (await Approve(open.Id, Ben)).ShouldBe(
            new CorrectionDecisionOutcome.Refused(new CorrectionRefusal.Adjusted(adjustment)));
        await Reversed(adjustment);
        (await Approve(open.Id, Ben)).ShouldBeOfType<CorrectionDecisionOutcome.Decided>();

        (await customer.Balance(grant)).ShouldBe(100);
        (await customer.Balance(AccountKind.Revenue)).ShouldBe(0);
    }

    [Fact]
    public async Task Cannot_revive_a_grant_that_has_ended_nor_undo_nothing()
    {
        var grant = await customer.Grant(customer.Credit(100, "credit"));
        var voided = (GrantChange.Done)await customer.Run(new VoidGrant(customer.Org, grant, Customer.Noon, "test"));
        var nothing = await Posted(customer.Usage(0, "free"));

        (await Request(voided.Transfer, "revive"))
            .ShouldBe(Refused(new CorrectionRefusal.NotReversible("grant_voided_purchased")));
        (await Request(nothing, "nothing")).ShouldBe(Refused(new CorrectionRefusal.MovedNothing()));
    }

    [Fact]
    public async Task Leaves_an_audit_row_for_each_step()
    {
        using var api = await LedgerApi.Open(host);
        var theirs = Customer.Of(host.Get<Quoin.Ledger.Ledger>(), api.Org);
        var usage = ((PostOutcome.Posted)await theirs.Run(theirs.Usage(30, "usage"))).Id;
        var asked = await corrections.Request(theirs.Org, Asked(usage, "key"), Ann, CancellationToken.None);
        var correction = ((CorrectionRequestOutcome.Requested)asked).Correction;
        await corrections.Approve(theirs.Org, correction.Id, "checked", Ben, CancellationToken.None);

        var requested = (await api.Audited("correction.requested")).Single();
        var approved = (await api.Audited("correction.approved")).Single();

        ((string)requested["actor"]!).ShouldBe(Ann);
        ((string)requested["reason"]!).ShouldBe("it was wrong");
        ((string)approved["actor"]!).ShouldBe(Ben);
        ((string)approved["subject"]!).ShouldBe(correction.Id.ToString());
        ((string)approved["after"]!["posted_transfer"]!).ShouldStartWith("tr_");
    }

    private static NewCorrection Asked(TransferId transfer, string key) =>
        new(transfer, CorrectionKind.Reversal, key, "it was wrong", "ticket 7", []);

    private static CorrectionRequestOutcome Refused(CorrectionRefusal why) => new CorrectionRequestOutcome.Refused(why);

    private Task<CorrectionRequestOutcome> Request(TransferId transfer, string key) =>
        corrections.Request(customer.Org, Asked(transfer, key), Ann, CancellationToken.None);

    private async Task<Correction> Requested(TransferId transfer, string key) =>
        (await Request(transfer, key)).ShouldBeOfType<CorrectionRequestOutcome.Requested>().Correction;

    private Task<CorrectionDecisionOutcome> Approve(CorrectionId correction, string actor) =>
        corrections.Approve(customer.Org, correction, "checked", actor, CancellationToken.None);

    private async Task<TransferId> Reversed(TransferId transfer, string? key = null)
    {
        var correction = await Requested(transfer, key ?? $"reverse {transfer}");
        var decided = (await Approve(correction.Id, Ben)).ShouldBeOfType<CorrectionDecisionOutcome.Decided>();
        return decided.Correction.Posted!.Value;
    }

    private async Task<Correction> Adjusting(TransferId transfer, GrantId grant, long micros)
    {
        Leg[] legs =
        [
            new(AccountKind.Grants, Customer.Usd(-micros), grant),
            new(AccountKind.Revenue, Customer.Usd(micros)),
        ];
        var asked = Asked(transfer, $"adjust {micros}") with { Kind = CorrectionKind.Adjustment, Legs = legs };
        var outcome = await corrections.Request(customer.Org, asked, Ann, CancellationToken.None);
        return outcome.ShouldBeOfType<CorrectionRequestOutcome.Requested>().Correction;
    }

    private async Task<TransferId> Posted(PostTransfer command) =>
        (await customer.Run(command)).ShouldBeOfType<PostOutcome.Posted>().Id;

    private async Task<Transfer> Transfer(TransferId transfer) =>
        (await host.Get<Quoin.Ledger.Ledger>().Transfer(customer.Org, transfer, CancellationToken.None))!;

    private async Task<string> Balances()
    {
        var balances = await host.Get<Quoin.Ledger.Ledger>().Balances(customer.Org, null, CancellationToken.None);
        return string.Join(", ", balances.Where(one => !one.Balance.IsZero).Select(one => $"{one.Kind} {one.Balance.Micros}"));
    }

    private async Task<string> OperatorKey(string maker)
    {
        var created = await host.Get<Keys>().CreateForOperator(
            new NewOperatorKey("test", [OperatorRole.Admin]), maker, CancellationToken.None);
        return ((CreateKeyOutcome.Created)created).Key.Key.Id.ToString();
    }

    private async Task ShouldBeRefused(string statement, CorrectionId correction)
    {
        await using var command = database.Owner.Sql(statement, correction.Value);
        var refusal = await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        refusal.SqlState.ShouldStartWith("23");
    }
}
