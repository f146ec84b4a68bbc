using Quoin.Payments;
using Shouldly;
using Xunit;

namespace Quoin.Tests.Unit.Billing.Payments;

/// <summary>One charge at a time, and never more in a month than the cap.</summary>
public sealed class DecidingAnAutoTopUp
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private static readonly AutoTopUpState Low = new(
        IsBelow: true,
        HasPending: false,
        HasMethod: true,
        AmountMinor: 1_000,
        CapMinor: 2_500,
        ChargedMinor: 0,
        SinceLast: null,
        Pause);

    [Fact]
    public void Low_credit_is_topped_up() => AutoTopUpRule.Decide(Low).ShouldBe(AutoTopUpDecision.Charge);

    [Fact]
    public void Enough_credit_is_left_alone() =>
        AutoTopUpRule.Decide(Low with { IsBelow = false, HasMethod = false }).ShouldBe(AutoTopUpDecision.Wait);

    [Fact]
    public void A_charge_on_its_way_is_waited_for() =>
        AutoTopUpRule.Decide(Low with { HasPending = true, HasMethod = false }).ShouldBe(AutoTopUpDecision.Wait);

    [Theory]
    [InlineData(299, AutoTopUpDecision.Wait)]
    [InlineData(300, AutoTopUpDecision.Charge)]
    public void What_was_charged_has_its_time_to_arrive(int seconds, AutoTopUpDecision decision) =>
        AutoTopUpRule.Decide(Low with { SinceLast = TimeSpan.FromSeconds(seconds) }).ShouldBe(decision);

    [Theory]
    [InlineData(1_500, AutoTopUpDecision.Charge)]
    [InlineData(1_501, AutoTopUpDecision.CapReached)]
    [InlineData(2_500, AutoTopUpDecision.CapReached)]
    [InlineData(long.MaxValue, AutoTopUpDecision.CapReached)]
    public void The_cap_is_never_passed(long charged, AutoTopUpDecision decision) =>
        AutoTopUpRule.Decide(Low with { ChargedMinor = charged }).ShouldBe(decision);

    [Fact]
    public void Without_a_method_it_stops() =>
        AutoTopUpRule.Decide(Low with { HasMethod = false }).ShouldBe(AutoTopUpDecision.Stop);

    [Fact]
    public void A_month_is_one_of_the_calendar_in_UTC() =>
        AutoTopUpRule.MonthOf(new DateTimeOffset(2026, 3, 1, 1, 0, 0, TimeSpan.FromHours(2))).ShouldBe(new DateOnly(2026, 2, 1));
}
