using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Limiting;

/// <summary>What a limit says, as arithmetic.</summary>
public sealed class DecidingALimit
{
    private static readonly LimitTerms Ten = new("code", LimitKind.Quota) { Limit = 10 };

    [Theory]
    [InlineData(9, 1, true, LimitReason.WithinLimit)]
    [InlineData(10, 0, true, LimitReason.WithinLimit)]
    [InlineData(9, 2, false, LimitReason.QuotaExceeded)]
    [InlineData(11, 0, false, LimitReason.QuotaExceeded)]
    public void A_hard_limit_takes_exactly_what_fits(int used, int amount, bool isAllowed, LimitReason reason)
    {
        var answer = LimitDecision.Of(Ten, used, amount, null);

        (answer.IsAllowed, answer.Reason).ShouldBe((isAllowed, reason));
    }

    [Theory]
    [InlineData(null, null, null, 10)]
    [InlineData(0, null, 0, 0)]
    [InlineData(25, null, 25, 25)]
    [InlineData(25, QuotaEnforcement.Soft, 25, null)]
    [InlineData(null, QuotaEnforcement.Observe, 10, null)]
    public void An_override_comes_before_the_plan_and_null_is_none(
        int? limit, QuotaEnforcement? enforcement, int? expected, int? ceiling)
    {
        var effective = LimitDecision.Effective(Ten, new LimitOverride("code", limit, enforcement), BillingStatus.Active);

        effective.Limit.ShouldBe(expected ?? 10);
        effective.Ceiling.ShouldBe(ceiling);
    }

    [Fact]
    public void Past_due_loses_overage_and_canceled_loses_everything()
    {
        var paid = Ten with { Overage = OveragePolicy.Allow };
        var feature = new LimitTerms("sso", LimitKind.Boolean) { IsEnabled = true };

        LimitDecision.Effective(paid, null, BillingStatus.Active).Ceiling.ShouldBeNull();
        LimitDecision.Effective(paid, null, BillingStatus.PastDue).Ceiling.ShouldBe(10);
        LimitDecision.Effective(paid, new LimitOverride("code", 99), BillingStatus.Canceled).Ceiling.ShouldBe(0);
        LimitDecision.Effective(feature, null, BillingStatus.Canceled).IsEnabled.ShouldBeFalse();
        LimitDecision.Of(LimitDecision.Effective(feature, null, BillingStatus.Canceled), 0, 1, null).Reason
            .ShouldBe(LimitReason.SubscriptionCanceled);
    }

    [Theory]
    [InlineData("7.999999", 0)]
    [InlineData("8", 80)]
    [InlineData("9.999999", 80)]
    [InlineData("10", 100)]
    [InlineData("11", 100)]
    public void A_threshold_is_reached_at_its_very_share(string used, int percent) =>
        LimitDecision.ThresholdReached(decimal.Parse(used, null), 10).ShouldBe(percent);

    [Fact]
    public void Nothing_used_and_nothing_limited_reach_nothing()
    {
        LimitDecision.ThresholdReached(0, 0).ShouldBe(0);
        LimitDecision.ThresholdReached(5, null).ShouldBe(0);
        LimitDecision.ThresholdReached(1, 0).ShouldBe(100);
    }
}
