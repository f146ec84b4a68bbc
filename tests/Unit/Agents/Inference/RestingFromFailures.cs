using Quoin.Inference;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>A deployment that fails is left alone for a while, then tried by one call.</summary>
public sealed class RestingFromFailures
{
    private readonly SettableClock clock = new();
    private readonly Circuit circuit;

    public RestingFromFailures() => circuit = new Circuit(clock);

    [Fact]
    public void It_rests_after_failures_in_a_row()
    {
        Fail(Limits.FailuresInARowMax - 1);
        circuit.State.ShouldBe(CircuitState.Closed);

        Fail(1);

        circuit.State.ShouldBe(CircuitState.Open);
        circuit.TryEnter(out _).ShouldBeFalse();
        circuit.RestsFor.ShouldBe(Limits.RestFirst);
    }

    [Fact]
    public void A_success_between_failures_keeps_it_going()
    {
        Fail(Limits.FailuresInARowMax - 1);
        circuit.Succeeded(Permit());
        Fail(Limits.FailuresInARowMax - 1);

        circuit.State.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void It_rests_when_half_of_a_minutes_calls_fail()
    {
        for (var pair = 0; pair < Limits.CallsForShareLeast / 2; pair++)
        {
            circuit.State.ShouldBe(CircuitState.Closed);
            circuit.Succeeded(Permit());
            Fail(1);
        }

        circuit.State.ShouldBe(CircuitState.Open);
        circuit.Counted.ShouldBe((Limits.CallsForShareLeast, Limits.CallsForShareLeast / 2));
    }

    [Fact]
    public void Failures_of_an_hour_ago_count_no_more()
    {
        for (var pair = 0; pair < (Limits.CallsForShareLeast / 2) - 1; pair++)
        {
            circuit.Succeeded(Permit());
            Fail(1);
        }

        clock.Advance(TimeSpan.FromHours(1));
        circuit.Succeeded(Permit());
        Fail(1);

        circuit.State.ShouldBe(CircuitState.Closed);
        circuit.Counted.ShouldBe((2, 1));
    }

    [Fact]
    public void After_its_rest_one_call_tries_it()
    {
        Fail(Limits.FailuresInARowMax);
        clock.Advance(Limits.RestFirst);

        circuit.State.ShouldBe(CircuitState.HalfOpen);
        circuit.MayEnter.ShouldBeTrue();
        circuit.TryEnter(out var trial).ShouldBeTrue();

        trial.IsTrial.ShouldBeTrue();
        circuit.MayEnter.ShouldBeFalse();
        circuit.TryEnter(out _).ShouldBeFalse();
        circuit.Succeeded(trial);
        circuit.State.ShouldBe(CircuitState.Closed);
        circuit.TryEnter(out var next).ShouldBeTrue();
        next.IsTrial.ShouldBeFalse();
    }

    [Fact]
    public void A_trial_that_begins_to_answer_lets_others_in_before_it_ends()
    {
        Fail(Limits.FailuresInARowMax);
        clock.Advance(Limits.RestFirst);
        circuit.TryEnter(out var trial).ShouldBeTrue();

        var running = circuit.Began(trial);

        circuit.State.ShouldBe(CircuitState.Closed);
        circuit.TryEnter(out var next).ShouldBeTrue();
        next.IsTrial.ShouldBeFalse();
        circuit.Failed(running);
        circuit.State.ShouldBe(CircuitState.Open, "it has failed in a row all the while");
        circuit.RestsFor.ShouldBe(2 * Limits.RestFirst);
    }

    [Fact]
    public void A_trial_that_fails_makes_it_rest_for_twice_as_long_up_to_a_bound()
    {
        Fail(Limits.FailuresInARowMax);
        var rests = new List<TimeSpan>();
        for (var trial = 0; trial < 6; trial++)
        {
            rests.Add(circuit.RestsFor);
            clock.Advance(circuit.RestsFor);
            Fail(1);
        }

        rests.ShouldBe(new[] { 5, 10, 20, 40, 60, 60 }.Select(seconds => TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public void A_trial_whose_client_left_lets_the_next_one_try()
    {
        Fail(Limits.FailuresInARowMax);
        clock.Advance(Limits.RestFirst);
        circuit.TryEnter(out var trial).ShouldBeTrue();

        circuit.Left(trial);

        circuit.TryEnter(out _).ShouldBeTrue();
    }

    [Fact]
    public void A_trial_that_never_ends_keeps_nobody_out_for_ever()
    {
        Fail(Limits.FailuresInARowMax);
        clock.Advance(Limits.RestFirst);
        circuit.TryEnter(out _).ShouldBeTrue();

        clock.Advance(Limits.TrialLongest);

        circuit.TryEnter(out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(3_600, 60)]
    public void It_rests_for_as_long_as_it_asks_to_within_bounds(int asked, int rests)
    {
        circuit.Failed(Permit(), TimeSpan.FromSeconds(asked));

        circuit.RestsFor.ShouldBe(TimeSpan.FromSeconds(rests));
    }

    [Fact]
    public void Calls_made_before_it_rested_do_not_wake_it()
    {
        var early = Permit();
        Fail(Limits.FailuresInARowMax);

        circuit.Succeeded(early);

        circuit.State.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Of_a_crowd_at_the_same_instant_one_tries_it()
    {
        Fail(Limits.FailuresInARowMax);
        clock.Advance(Limits.RestFirst);

        var entered = 0;
        Parallel.For(0, 64, _ => Interlocked.Add(ref entered, circuit.TryEnter(out var _) ? 1 : 0));

        entered.ShouldBe(1);
    }

    [Fact]
    public void What_was_seen_of_it_is_told()
    {
        var watch = new DeploymentWatch(clock);
        for (var call = 1; call <= 100; call++)
        {
            watch.Began(default, TimeSpan.FromMilliseconds(call));
            watch.Answered(default, TimeSpan.FromMilliseconds(call * 10), TimeSpan.FromSeconds(1), 50);
        }

        watch.Failed(default, "429", 429, TimeSpan.FromSeconds(9));

        var health = watch.Read(new ProviderModel("openai", "gpt"));
        health.ShouldSatisfyAllConditions(
            it => it.State.ShouldBe("open"),
            it => it.CoolingUntil.ShouldBe(clock.GetUtcNow().AddSeconds(9)),
            it => it.Calls.ShouldBe(101),
            it => it.Errors.ShouldBe(1),
            it => it.FirstTokenP50Ms!.Value.ShouldBe(50, 8),
            it => it.FirstTokenP99Ms!.Value.ShouldBe(99, 14),
            it => it.LatencyP50Ms!.Value.ShouldBe(500, 80),
            it => it.TokensPerSecond!.Value.ShouldBe(50, 8),
            it => it.LastError.ShouldBe("429"));
        clock.Advance(TimeSpan.FromMinutes(Limits.HealthMinutes + 1));
        watch.Read(new ProviderModel("openai", "gpt")).LatencyP50Ms.ShouldBeNull();
    }

    private CircuitPermit Permit()
    {
        circuit.TryEnter(out var permit).ShouldBeTrue();
        return permit;
    }

    private void Fail(int times)
    {
        for (var time = 0; time < times; time++)
        {
            circuit.Failed(Permit());
        }
    }
}
