using Quoin.Payments;

namespace Quoin.Tests.Unit.Billing.Payments;

public sealed class OrderingNews
{
    private static readonly DateTimeOffset At = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, "evt_a", Arrival.Newer)]
    [InlineData(-1, "evt_z", Arrival.Older)]
    [InlineData(0, "evt_b", Arrival.Older)]
    [InlineData(0, "evt_a", Arrival.Tie)]
    [InlineData(0, "evt_z", Arrival.Tie)]
    public void Goes_by_the_provider_s_second_and_knows_what_that_cannot_tell(int seconds, string id, Arrival expected)
    {
        new EventStamp(At.AddSeconds(seconds), id).After(new EventStamp(At, "evt_b")).ShouldBe(expected);
    }

    [Fact]
    public void Is_always_newer_than_nothing()
    {
        new EventStamp(At, "evt_a").After(null).ShouldBe(Arrival.Newer);
    }

    [Fact]
    public void Keeps_the_same_stamp_of_two_whichever_came_first()
    {
        var (one, other) = (new EventStamp(At, "evt_a"), new EventStamp(At, "evt_b"));

        EventStamp.Later(one, other).ShouldBe(other);
        EventStamp.Later(other, one).ShouldBe(other);
        EventStamp.Later(null, one).ShouldBe(one);
    }
}
