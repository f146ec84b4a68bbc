using Quoin.Kernel;
using Quoin.Limiting;

namespace Quoin.Tests.Unit.Billing.Limiting;

/// <summary>The machine of a subscription.</summary>
public sealed class MovingASubscription
{
    private static readonly DateTimeOffset End = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Moves_along_the_machine_and_no_other_way()
    {
        var moves = from one in Enum.GetValues<BillingStatus>()
                    from other in Enum.GetValues<BillingStatus>()
                    where BillingState.MayMove(one, other)
                    select $"{one}>{other}";

        moves.ShouldBe(
        [
            "Trial>Active", "Trial>PastDue", "Trial>Canceled", "Active>PastDue", "Active>Canceled", "PastDue>Active",
            "PastDue>Canceled", "Canceled>Active",
        ]);
    }

    [Theory]
    [InlineData(-1, 1, BillingStatus.Trial, 1)]
    [InlineData(0, 1, BillingStatus.PastDue, 0)]
    [InlineData(0, 0, BillingStatus.Active, 0)]
    [InlineData(-864_000_000_001, 1, BillingStatus.Trial, 2)]
    [InlineData(-864_000_000_000, 1, BillingStatus.Trial, 1)]
    public void A_trial_ends_at_its_instant(long ticksFromEnd, long fee, BillingStatus status, int daysLeft)
    {
        var state = new BillingState(default, BillingStatus.Trial, "starter", End, End.AddDays(-30));
        var at = End.AddTicks(ticksFromEnd);

        state.StatusAt(at, new Money(fee, Currency.Usd)).ShouldBe(status);
        state.TrialDaysLeft(at).ShouldBe(daysLeft);
    }
}
