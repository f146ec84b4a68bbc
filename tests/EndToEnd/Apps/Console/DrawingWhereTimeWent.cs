using Quoin.ConsolePages.BrowseCalls;
using Quoin.Inference;
using Quoin.Kernel;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class DrawingWhereTimeWent
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_stretch_of_a_streamed_call_follows_the_one_before()
    {
        var call = Call(admitted: 10, asked: 12, responded: 40, firstByte: 50, total: 90, settledAfter: 100);

        var times = Waterfall.Of(call, trail: null);

        times.Call.Select(step => (step.StartMs, step.EndMs))
            .ShouldBe([(0m, 10m), (12m, 40m), (40m, 50m), (50m, 90m), (90m, 100m)]);
        times.After.ShouldBeEmpty();
        (times.Place(0), times.Place(50), times.Place(100)).ShouldBe(("0", "50", "100"));
    }

    [Fact]
    public void A_provider_that_failed_has_its_place_before_the_one_that_answered()
    {
        var failed = new FailedAttempt("openai", "gpt-4o", 500, "provider_unavailable", 11_000, 20_000);
        var call = Call(10, 32, 40, 50, 90, 100) with { FailedAttempts = [failed] };

        var times = Waterfall.Of(call, trail: null);

        var step = times.Call.Single(one => one.Kind == WaterfallKind.Failed);
        (step.Name, step.Note, step.StartMs, step.EndMs).ShouldBe(("openai/gpt-4o failed", "status 500", 11m, 31m));
    }

    [Fact]
    public void A_call_of_an_older_release_is_drawn_from_what_is_known_of_it()
    {
        var call = Call(null, null, null, 50, 90, 80);

        var times = Waterfall.Of(call, trail: null);

        times.Call.Select(step => (step.StartMs, step.EndMs)).ShouldBe([(0m, 50m), (50m, 90m), (90m, 90m)]);
    }

    [Fact]
    public void A_call_that_somebody_decided_about_ends_when_it_ended()
    {
        var decided = Start.AddDays(3);
        var call = Call(10, 12, 40, 50, 90, 100) with { SettledAt = decided, ReviewedAt = decided };

        var times = Waterfall.Of(call, trail: null);

        times.Call.Select(step => (step.StartMs, step.EndMs)).ShouldBe([(0m, 10m), (12m, 40m), (40m, 50m), (50m, 90m)]);
        times.Call.ShouldNotContain(step => step.Name == "Settlement");
        times.SettledMs.ShouldBe(90);
    }

    [Fact]
    public void An_answer_that_is_given_again_waits_for_nobody()
    {
        var call = Call(10, null, null, 30, 30, 40) with { AnsweredBy = null, Attempts = 0 };

        var times = Waterfall.Of(call, trail: null);

        times.Call.Select(step => (step.Name, step.StartMs, step.EndMs))
            .ShouldBe([("Admission", 0m, 10m), ("Given again", 10m, 30m), ("Settlement", 30m, 40m)]);
        (CallText.State(call), CallText.Colour(call)).ShouldBe(("Given again", "next"));
    }

    private static RequestView Call(
        decimal? admitted, decimal? asked, decimal? responded, decimal? firstByte, decimal total, int settledAfter) => new(
        new CallId(Guid.Empty),
        Start,
        Start,
        "succeeded",
        null,
        default,
        "key_1",
        null,
        null,
        null,
        [],
        "open_ai_chat",
        true,
        "demo-echo",
        "demo/demo-echo",
        new RequestUsage(1, 0, 0, 1, 0, 0, 0, false),
        Currency.Usd,
        1,
        1,
        [],
        [],
        admitted,
        asked,
        responded,
        firstByte,
        total,
        Start.AddMilliseconds(settledAfter),
        [],
        1,
        200,
        null,
        null,
        null);
}
