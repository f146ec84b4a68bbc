using Quoin.ConsolePages.GuardContent;
using Quoin.ConsolePages.ShowSpend;
using Quoin.Inference;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class GuardingContent
{
    [Fact]
    public void What_a_form_leaves_empty_is_not_kept_not_cached_and_not_guarded()
    {
        var policy = new ContentForm(string.Empty, string.Empty, GuardForm.Empty).ToPolicy();

        policy.ShouldBe(new ContentPolicy(Guard: new ContentGuard()));
        ContentText.Guards(policy.Guard).ShouldBeFalse();
    }

    [Fact]
    public void A_policy_comes_back_from_its_form_as_it_was()
    {
        var policy = new ContentPolicy(30, 3_600, new ContentGuard(200_000, ["project (x|y)", "z"], ["project y"], ["email"]));

        var again = ContentForm.Of(policy).ToPolicy();

        (again.DaysKept, again.CachedSeconds, again.Guard!.RequestBytesMax).ShouldBe((30, 3_600, 200_000L));
        again.Guard.Denied.ShouldBe(["project (x|y)", "z"]);
        again.Guard.Allowed.ShouldBe(["project y"]);
        again.Guard.Redacts.ShouldBe(["email"]);
    }

    [Fact]
    public void What_is_no_number_is_refused_and_not_taken_for_nothing()
    {
        var policy = new ContentForm("many", "long", GuardForm.Empty with { Bytes = "large" }).ToPolicy();

        policy.FindProblem([]).ShouldNotBeNull();
        policy.Guard!.FindProblem([]).ShouldNotBeNull();
    }

    [Fact]
    public void Spend_of_one_day_is_that_day_hour_by_hour_whatever_the_range()
    {
        var asked = new SpendQuestion("90d", "model", Team: "support", Day: new DateOnly(2026, 3, 1));

        var request = asked.Of(new DateTimeOffset(2026, 3, 9, 12, 0, 0, TimeSpan.Zero));

        (request.From, request.To).ShouldBe((
            new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero)));
        (request.Step, request.Team).ShouldBe((SummaryStep.Hour, "support"));
        asked.Without("day").DayText.ShouldBeNull();
    }
}
