using Quoin.Payments;
using static Quoin.Payments.CheckoutStatus;

namespace Quoin.Tests.Unit.Billing.Payments;

public sealed class MovingACheckout
{
    private static readonly DateTimeOffset Now = new(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    // From, to, and where it ends; what is not here is illegal.
    private static readonly (CheckoutStatus From, CheckoutStatus To, CheckoutStatus End)[] Ways =
    [
        (Open, CompletedPendingSubscription, CompletedPendingSubscription),
        (Open, CompletedReconciled, CompletedReconciled),
        (Open, Expired, Expired),
        (Open, Abandoned, Abandoned),
        (CompletedPendingSubscription, CompletedReconciled, CompletedReconciled),
        (CompletedPendingSubscription, Abandoned, Abandoned),
        (CompletedPendingSubscription, Expired, Abandoned),
        (RecoveryVerificationPending, Open, Open),
        (RecoveryVerificationPending, CompletedPendingSubscription, CompletedPendingSubscription),
        (RecoveryVerificationPending, CompletedReconciled, CompletedReconciled),
        (RecoveryVerificationPending, Expired, Expired),
        (RecoveryVerificationPending, Abandoned, Abandoned),
    ];

    [Fact]
    public void Goes_the_ways_there_are_and_no_other()
    {
        foreach (var from in Enum.GetValues<CheckoutStatus>())
        {
            foreach (var to in Enum.GetValues<CheckoutStatus>())
            {
                CheckoutTransition expected = Ways.FirstOrDefault(way => way.From == from && way.To == to) switch
                {
                    _ when from == to || CheckoutTransition.IsTerminal(from) => new CheckoutTransition.Unchanged(from),
                    var way when way != default => new CheckoutTransition.Moved(way.End),
                    _ => new CheckoutTransition.Invalid(from, to),
                };

                CheckoutTransition.Decide(from, to).ShouldBe(expected, $"{from} → {to}");
            }
        }
    }

    [Theory]
    [InlineData(Open, 0, true)]
    [InlineData(Open, -89, true)]
    [InlineData(Open, -90, false)]
    [InlineData(CompletedPendingSubscription, -100_000, true)]
    [InlineData(RecoveryVerificationPending, 1, true)]
    [InlineData(RecoveryVerificationPending, 0, false)]
    [InlineData(CompletedReconciled, 100, false)]
    [InlineData(Expired, 100, false)]
    [InlineData(Abandoned, 100, false)]
    public void Blocks_as_long_as_somebody_may_still_pay(CheckoutStatus status, int endsInSeconds, bool blocks)
    {
        var end = Now.AddSeconds(endsInSeconds);

        CheckoutTransition.Blocks(CheckoutFlow.Subscription, status, end, Now, Grace).ShouldBe(blocks);
        CheckoutTransition.Blocks(CheckoutFlow.OneOff, status, end, Now, Grace).ShouldBeFalse();
    }

    [Fact]
    public void Blocks_where_no_end_is_known()
    {
        CheckoutTransition.Blocks(CheckoutFlow.Subscription, Open, null, Now, Grace).ShouldBeTrue();
        CheckoutTransition.Blocks(CheckoutFlow.Subscription, RecoveryVerificationPending, null, Now, Grace).ShouldBeTrue();
    }

    [Theory]
    [InlineData("active", SubscriptionStatus.Active)]
    [InlineData("past_due", SubscriptionStatus.PastDue)]
    [InlineData("incomplete_expired", SubscriptionStatus.IncompleteExpired)]
    [InlineData("ended", SubscriptionStatus.Canceled)]
    [InlineData("something_new", SubscriptionStatus.Incomplete)]
    public void Reads_an_unknown_status_on_the_safe_side(string word, SubscriptionStatus status) =>
        SubscriptionStates.Read(word).ShouldBe(status);
}
