using Quoin.Notifications;

namespace Quoin.Tests.Unit.Foundation.Notifications;

public sealed class TryingAgain
{
    [Fact]
    public void Goes_on_for_about_three_days_with_longer_and_longer_pauses()
    {
        var pauses = Enumerable.Range(1, RetrySchedule.AttemptsMax - 1)
            .Select(attempts => RetrySchedule.After(attempts, asked: null, chance: 0)!.Value)
            .ToList();

        pauses[0].ShouldBe(TimeSpan.FromSeconds(5));
        pauses.ShouldBe(pauses.Order());
        pauses.Aggregate((left, right) => left + right).ShouldBeInRange(TimeSpan.FromHours(72), TimeSpan.FromHours(80));
        RetrySchedule.After(RetrySchedule.AttemptsMax, asked: null, chance: 0).ShouldBeNull();
    }

    [Fact]
    public void Waits_up_to_a_tenth_longer_by_chance()
    {
        RetrySchedule.After(2, asked: null, chance: 0.5).ShouldBe(TimeSpan.FromMinutes(5) * 1.05);
    }

    [Fact]
    public void Grants_a_receiver_a_longer_pause_but_no_shorter_one_and_no_endless_one()
    {
        RetrySchedule.After(1, TimeSpan.FromHours(1), chance: 0).ShouldBe(TimeSpan.FromHours(1));
        RetrySchedule.After(4, TimeSpan.FromSeconds(1), chance: 0).ShouldBe(TimeSpan.FromHours(2));
        RetrySchedule.After(1, TimeSpan.FromDays(400), chance: 0).ShouldBe(TimeSpan.FromHours(24));
    }
}
