using Quoin.Payments;

namespace Quoin.Tests.Unit.Billing.Payments;

public sealed class OfferingARefund
{
    private static readonly DateTimeOffset Paid = new(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RefundFacts Unspent = new(
        IsCredit: true,
        IsDisputed: false,
        IsAsked: false,
        Paid,
        LeftMinor: 2_500,
        UnspentMinor: 1_000,
        Paid.AddDays(3),
        TimeSpan.FromDays(14));

    [Fact]
    public void Is_at_most_what_is_neither_spent_nor_given_back()
    {
        RefundPolicy.Decide(Unspent).ShouldBe(new RefundEligibility.Offered(1_000, Paid.AddDays(14)));
        RefundPolicy.Decide(Unspent with { LeftMinor = 300 }).ShouldBe(new RefundEligibility.Offered(300, Paid.AddDays(14)));
    }

    [Fact]
    public void Ends_with_the_instant_the_operator_says()
    {
        RefundPolicy.Decide(Unspent with { Now = Paid.AddDays(14).AddTicks(-1) }).ShouldBeOfType<RefundEligibility.Offered>();
        Why(Unspent with { Now = Paid.AddDays(14) }).ShouldBe(RefundRefusal.TooLate);
        Why(Unspent with { AskableFor = TimeSpan.Zero }).ShouldBe(RefundRefusal.SwitchedOff);
    }

    [Fact]
    public void Says_why_it_is_not_made()
    {
        Why(Unspent with { IsCredit = false }).ShouldBe(RefundRefusal.NotCredit);
        Why(Unspent with { IsDisputed = true }).ShouldBe(RefundRefusal.Disputed);
        Why(Unspent with { IsAsked = true }).ShouldBe(RefundRefusal.Asked);
        Why(Unspent with { LeftMinor = 0 }).ShouldBe(RefundRefusal.GivenBack);
        Why(Unspent with { UnspentMinor = 0 }).ShouldBe(RefundRefusal.Spent);
        Why(Unspent with { UnspentMinor = -1 }).ShouldBe(RefundRefusal.Spent);
    }

    private static RefundRefusal Why(RefundFacts facts) =>
        RefundPolicy.Decide(facts).ShouldBeOfType<RefundEligibility.NotOffered>().Why;
}
