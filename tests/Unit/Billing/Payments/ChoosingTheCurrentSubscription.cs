using Quoin.Payments;

namespace Quoin.Tests.Unit.Billing.Payments;

public sealed class ChoosingTheCurrentSubscription
{
    private static readonly DateTimeOffset Start = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Has_none_when_all_have_ended()
    {
        CanonicalSelection.Decide([One("a", SubscriptionStatus.Canceled), One("b", SubscriptionStatus.IncompleteExpired)])
            .ShouldBeOfType<CanonicalSelection.Nothing>();
    }

    [Fact]
    public void Keeps_the_one_that_was_current_though_another_is_older()
    {
        var selected = Selected(One("young", isCurrent: true, day: 5), One("old", day: 1));

        selected.ProviderId.ShouldBe("young");
        selected.Duplicates.ShouldBe(["old"]);
        selected.IsFallback.ShouldBeFalse();
    }

    [Fact]
    public void Takes_the_oldest_when_the_current_one_has_ended_and_says_so()
    {
        var selected = Selected(One("gone", SubscriptionStatus.Canceled, isCurrent: true), One("b", day: 3), One("c", day: 2));

        selected.ProviderId.ShouldBe("c");
        selected.Duplicates.ShouldBe(["b"]);
        selected.IsFallback.ShouldBeTrue();
    }

    [Fact]
    public void Takes_the_smallest_id_of_equally_old_ones()
    {
        Selected(One("sub_b", day: 2), One("sub_a", day: 2)).ProviderId.ShouldBe("sub_a");
    }

    [Fact]
    public void Asks_when_they_were_made_before_it_chooses_by_age_and_not_otherwise()
    {
        CanonicalSelection.Decide([One("a", day: 2), One("b") with { CreatedAt = null }])
            .ShouldBeOfType<CanonicalSelection.NeedsCreation>().ProviderIds.ShouldBe(["b"]);
        Selected(One("a") with { CreatedAt = null }).ProviderId.ShouldBe("a");
        Selected(One("a", isCurrent: true), One("b") with { CreatedAt = null }).ProviderId.ShouldBe("a");
    }

    [Fact]
    public void Chooses_the_same_in_whatever_order_they_are_listed()
    {
        SubscriptionCandidate[] all = [One("a", day: 4), One("b", day: 2), One("c", SubscriptionStatus.PastDue, day: 2),
            One("d", SubscriptionStatus.Canceled)];

        foreach (var rotated in Enumerable.Range(0, all.Length).Select(by => all.Skip(by).Concat(all.Take(by)).ToArray()))
        {
            var selected = Selected(rotated);
            selected.ProviderId.ShouldBe("b");
            selected.Duplicates.ShouldBe(["a", "c"]);
        }
    }

    private static CanonicalSelection.Selected Selected(params SubscriptionCandidate[] all) =>
        CanonicalSelection.Decide(all).ShouldBeOfType<CanonicalSelection.Selected>();

    private static SubscriptionCandidate One(
        string id, SubscriptionStatus status = SubscriptionStatus.Active, bool isCurrent = false, int day = 1) =>
        new(id, status, isCurrent, Start.AddDays(day));
}
