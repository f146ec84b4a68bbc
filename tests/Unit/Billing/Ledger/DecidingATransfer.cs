using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Unit.Billing.Ledger;

public sealed class DecidingATransfer
{
    [Fact]
    public void Burns_credit_first_and_then_overdraws()
    {
        var legs = Decide(new BusinessFact.PrepaidUsage(Usd(100)), grants: 30);

        legs.ShouldBe([new(AccountKind.Grants, -30), new(AccountKind.Overdraft, -70), new(AccountKind.Revenue, 100)]);
    }

    [Fact]
    public void Gives_usage_back_to_the_overdraft_first()
    {
        var legs = Decide(new BusinessFact.PrepaidUsage(Usd(-100)), grants: 0, overdraft: -70);

        legs.ShouldBe([new(AccountKind.Revenue, -100), new(AccountKind.Overdraft, 70), new(AccountKind.Grants, 30)]);
    }

    [Fact]
    public void Repays_the_overdraft_with_later_credit()
    {
        var legs = Decide(new BusinessFact.PurchasedCredit(Usd(100)), overdraft: -70);

        legs.ShouldBe([new(AccountKind.ProcessorClearing, -100), new(AccountKind.Overdraft, 70), new(AccountKind.Grants, 30)]);
    }

    [Fact]
    public void Makes_postpaid_usage_receivable() =>
        Decide(new BusinessFact.PostpaidUsage(Usd(100)))
            .ShouldBe([new(AccountKind.Receivable, -100), new(AccountKind.Revenue, 100)]);

    [Fact]
    public void Gives_credit_in_positive_amounts_only() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Decide(new BusinessFact.PromotionalCredit(Usd(0))));

    [Fact]
    public void Sums_to_zero_and_never_takes_more_credit_than_there_is() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        ArbMap.Default.ArbFor<NonNegativeInt>(),
        ArbMap.Default.ArbFor<NonNegativeInt>(),
        (amount, grants, owed) =>
        {
            BusinessFact[] facts =
            [
                new BusinessFact.PrepaidUsage(Usd(amount)),
                new BusinessFact.PostpaidUsage(Usd(amount)),
                new BusinessFact.PromotionalCredit(Usd(Math.Abs((long)amount) + 1)),
            ];
            return facts.All(fact =>
            {
                var legs = Decide(fact, grants.Get, -owed.Get);
                var grantsAfter = grants.Get + legs.Where(leg => leg.Account == AccountKind.Grants).Sum(leg => leg.AmountMicros);
                var overdraftAfter = -owed.Get + legs.Where(leg => leg.Account == AccountKind.Overdraft).Sum(leg => leg.AmountMicros);
                return legs.Sum(leg => leg.AmountMicros) == 0
                    && grantsAfter >= 0
                    && overdraftAfter <= 0
                    && legs.All(leg => Postings.AccountsOf(fact).Contains(leg.Account));
            });
        }).QuickCheckThrowOnFailure();

    private static IReadOnlyList<Leg> Decide(BusinessFact fact, long grants = 0, long overdraft = 0) => Postings.Decide(
        fact,
        kind => kind switch
        {
            AccountKind.Grants => grants,
            AccountKind.Overdraft => overdraft,
            _ => 0,
        });

    private static Money Usd(long micros) => new(micros, Currency.Usd);
}
