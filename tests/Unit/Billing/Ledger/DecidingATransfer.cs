using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Unit.Billing.Ledger;

public sealed class DecidingATransfer
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly IdSource ids = new(TimeProvider.System);
    private readonly Chart chart;

    public DecidingATransfer() => chart = NewChart();

    [Fact]
    public void Burns_credit_first_and_then_overdraws()
    {
        var grant = Grant(30);

        Decide(Usage(100)).ShouldBe([(grant, -30), (chart[AccountKind.Overdraft], -70), (chart[AccountKind.Revenue], 100)]);
    }

    [Fact]
    public void Makes_postpaid_usage_receivable_where_no_credit_covers_it()
    {
        var grant = Grant(30);

        var moved = Decide(new BusinessFact.Usage(Usd(100), PaymentTerms.Postpaid));

        moved.ShouldBe([(grant, -30), (chart[AccountKind.Receivable], -70), (chart[AccountKind.Revenue], 100)]);
    }

    [Fact]
    public void Burns_by_priority_then_expiry_then_age()
    {
        var forever = Grant(10, priority: 20);
        var soon = Grant(10, priority: 20, expires: Noon.AddDays(1));
        var later = Grant(10, priority: 20, expires: Noon.AddDays(2));
        var urgent = Grant(10, priority: 5);
        var younger = Grant(10, priority: 20);

        var moved = Decide(Usage(50));

        moved.Select(move => move.Account).ShouldBe([urgent, soon, later, forever, younger, chart[AccountKind.Revenue]]);
    }

    [Fact]
    public void Burns_by_the_time_of_use_not_of_posting()
    {
        var ended = Grant(30, expires: Noon.AddMinutes(1));
        Grant(30, effective: Noon.AddMinutes(1));

        Decide(Usage(30), Noon).ShouldBe([(ended, -30), (chart[AccountKind.Revenue], 30)]);
        Decide(Usage(30), Noon.AddMinutes(1)).ShouldNotContain(move => move.Account == ended);
    }

    [Fact]
    public void Burns_restricted_credit_only_for_what_it_is_meant_for()
    {
        var restricted = Grant(100, scopes: ["model:small"]);
        var any = Grant(100);
        var usage = new BusinessFact.Usage(Usd(60), PaymentTerms.Prepaid)
        {
            Parts =
            [
                new ScopedAmount(Usd(40), new HashSet<string> { "model:large" }),
                new ScopedAmount(Usd(20), new HashSet<string> { "model:small" }),
            ],
        };

        Decide(usage).ShouldBe([(any, -40), (restricted, -20), (chart[AccountKind.Revenue], 60)], ignoreOrder: true);
    }

    [Fact]
    public void Gives_usage_back_to_where_it_was_paid_from_the_last_first()
    {
        var grant = Grant(0).Standing(0, spentMicros: 30, spentAtCount: 1);
        chart[AccountKind.Overdraft].Standing(-70, spentMicros: 70, spentAtCount: 1);

        var moved = Decide(Usage(-80));

        moved.ShouldBe([(chart[AccountKind.Revenue], -80), (chart[AccountKind.Overdraft], 70), (grant, 10)]);
    }

    [Fact]
    public void Spends_what_is_reserved_for_it_even_from_a_grant_that_expired()
    {
        var expired = Grant(50, expires: Noon.AddDays(-1)).Standing(50, heldMicros: 50);
        var other = Grant(50);
        var terms = new PostingTerms(Noon, [new Reserved(expired, 50)], CapMicros: null);

        var moved = Moves(Postings.Decide(Usage(70), terms, _ => chart));

        moved.ShouldBe([(expired, -50), (other, -20), (chart[AccountKind.Revenue], 70)]);
    }

    [Fact]
    public void Lets_the_operator_bear_what_exceeds_a_capped_hold()
    {
        var grant = Grant(100).Standing(100, heldMicros: 50);
        var terms = new PostingTerms(Noon, [new Reserved(grant, 50)], CapMicros: 50);

        var moved = Moves(Postings.Decide(Usage(70), terms, _ => chart));

        moved.ShouldBe([(chart[AccountKind.OperatorLoss], -20), (grant, -50), (chart[AccountKind.Revenue], 70)]);
    }

    [Fact]
    public void Books_what_the_provider_charges_beside_what_the_customer_pays()
    {
        var euros = NewChart(Currency.Of("EUR"));
        var usage = Usage(100) with { ProviderCost = new Money(60, Currency.Of("EUR")) };

        var moved = Moves(Postings.Decide(usage, PostingTerms.Of(Noon), currency => currency == Currency.Usd ? chart : euros));

        moved.ShouldContain((euros[AccountKind.ProviderCost], -60));
        moved.ShouldContain((euros[AccountKind.ProviderPayable], 60));
    }

    [Fact]
    public void Refuses_to_refund_more_than_the_grant_has_free()
    {
        var grant = Grant(0).Standing(100, heldMicros: 60);

        var decision = Postings.Decide(new BusinessFact.CreditRefunded(Usd(50), grant.Terms!.Id), PostingTerms.Of(Noon), _ => chart);

        decision.ShouldBe(new PostingDecision.InsufficientFunds(Usd(40)));
    }

    [Fact]
    public void Undoes_a_credit_that_was_spent_by_letting_the_customer_owe_it()
    {
        var grant = Grant(0).Standing(30);
        var id = grant.Terms!.Id;
        var reversal = new BusinessFact.Reversal(
            Usd(100),
            [new(AccountKind.Grants, Usd(-100), id), new(AccountKind.ProcessorClearing, Usd(100))],
            new TransferId(ids.Next()),
            "credit_purchased");

        var moved = Decide(reversal);

        moved.ShouldBe([(grant, -30), (chart[AccountKind.Overdraft], -70), (chart[AccountKind.ProcessorClearing], 100)]);
    }

    [Fact]
    public void Has_a_posting_for_every_fact()
    {
        var facts = typeof(BusinessFact).GetNestedTypes(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)
            .Where(type => type.IsSubclassOf(typeof(BusinessFact)))
            .Count();

        // Manual legs, reversals and adjustments carry their own; terms and sources give some facts several kinds.
        const int free = 3;
        const int furtherKinds = 1 + 1 + 1 + 3 + 3;
        Postings.All.Count.ShouldBe(facts - free + furtherKinds);
        Postings.All.Select(posting => posting.Kind).ShouldBeUnique();
    }

    [Fact]
    public void Sums_to_zero_and_never_takes_more_credit_than_there_is() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        ArbMap.Default.ArbFor<NonNegativeInt[]>(),
        ArbMap.Default.ArbFor<NonNegativeInt>(),
        (amount, credit, owed) =>
        {
            var any = NewChart();
            foreach (var one in credit)
            {
                Grant(any, one.Get, spent: one.Get);
            }

            any[AccountKind.Overdraft].Standing(-owed.Get, spentMicros: owed.Get);
            BusinessFact[] facts =
            [
                Usage(amount),
                new BusinessFact.Usage(Usd(amount), PaymentTerms.Postpaid),
                new BusinessFact.Chargeback(Usd(Math.Abs((long)amount) + 1)),
            ];
            return facts.All(fact =>
            {
                var moved = Moves(Postings.Decide(fact, PostingTerms.Of(Noon), _ => any));
                return moved.Sum(move => move.Micros) == 0
                    && moved.Where(move => move.Account.Kind == AccountKind.Grants)
                        .All(move => move.Account.BalanceMicros + move.Micros >= 0);
            });
        }).QuickCheckThrowOnFailure();

    private (ChartAccount Account, long Micros)[] Decide(BusinessFact fact, DateTimeOffset? at = null) =>
        Moves(Postings.Decide(fact, PostingTerms.Of(at ?? Noon), _ => chart));

    private static (ChartAccount Account, long Micros)[] Moves(PostingDecision decision) =>
        [.. decision.ShouldBeOfType<PostingDecision.Move>().Movements.Select(move => (move.Account, move.Micros))];

    private Chart NewChart(Currency? currency = null) =>
        new(ids.Next<OrgId>(), ids.Next<BillingAccountId>(), currency ?? Currency.Usd, ids);

    private ChartAccount Grant(
        long micros,
        int priority = 20,
        DateTimeOffset? effective = null,
        DateTimeOffset? expires = null,
        IReadOnlyList<string>? scopes = null) => Grant(chart, micros, priority, effective, expires, scopes);

    private ChartAccount Grant(
        Chart on,
        long micros,
        int priority = 20,
        DateTimeOffset? effective = null,
        DateTimeOffset? expires = null,
        IReadOnlyList<string>? scopes = null,
        long spent = 0) => on.Open(new GrantTerms(
            ids.Next<GrantId>(),
            on.BillingAccount,
            GrantSource.Promotional,
            priority,
            Usd(Math.Max(1, micros)),
            effective ?? Noon.AddDays(-30),
            expires,
            scopes ?? [],
            "test",
            Noon.AddDays(-30))).Standing(micros, spentMicros: spent);

    private static BusinessFact.Usage Usage(long micros) => new(Usd(micros), PaymentTerms.Prepaid);

    private static Money Usd(long micros) => new(micros, Currency.Usd);
}
