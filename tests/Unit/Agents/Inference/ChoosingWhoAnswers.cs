using Quoin.Inference;
using Quoin.Kernel;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>Which of a model's deployments is asked.</summary>
public sealed class ChoosingWhoAnswers
{
    private static readonly ChoiceOption[] Three =
    [
        new(0, 1, WeightedChoice.KeyOf("a/m")),
        new(0, 3, WeightedChoice.KeyOf("b/m")),
        new(1, 1, WeightedChoice.KeyOf("c/m")),
    ];

    [Fact]
    public void The_lowest_tier_is_asked_by_weight()
    {
        var ids = new IdSource(TimeProvider.System);

        var chosen = Enumerable.Range(0, 20_000)
            .Select(_ => WeightedChoice.Pick(Three, 0b111, WeightedChoice.KeyOf(ids.Next())))
            .CountBy(index => index)
            .ToDictionary();

        chosen.ShouldNotContainKey(2);
        chosen[1].ShouldBeInRange(14_500, 15_500);
    }

    [Fact]
    public void The_next_tier_is_asked_when_nobody_of_the_lower_is_left()
    {
        WeightedChoice.Pick(Three, 0b100, 7).ShouldBe(2);
        WeightedChoice.Pick(Three, 0b110, 7).ShouldBe(1);
        WeightedChoice.Pick(Three, 0, 7).ShouldBe(-1);
    }

    [Fact]
    public void A_session_stays_where_it_is_and_moves_only_when_that_goes()
    {
        ChoiceOption[] six = [.. Enumerable.Range(0, 6).Select(index => new ChoiceOption(0, 1, WeightedChoice.KeyOf($"p{index}/m")))];
        var sessions = Enumerable.Range(0, 600).Select(index => WeightedChoice.KeyOf($"session-{index}")).ToList();
        var before = sessions.Select(session => WeightedChoice.Pick(six, 0b111111, session)).ToList();

        var after = sessions.Select(session => WeightedChoice.Pick(six, 0b111011, session)).ToList();

        before.Distinct().Count().ShouldBe(6);
        sessions.Index().Where(one => before[one.Index] != 2).ShouldAllBe(one => after[one.Index] == before[one.Index]);
        after.ShouldNotContain(2);
    }

    [Fact]
    public void The_key_of_a_session_is_the_same_on_every_machine()
    {
        // Worked out by another program: another replica, another process, another release come to it too.
        WeightedChoice.KeyOf("session-1").ShouldBe(0x8F9D4A83E2384785UL);
    }
}
