using System.Diagnostics;
using Quoin.Accounts;
using Quoin.Platform;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Payments;

/// <summary>
/// One seed: a customer's calls on two replicas, pages at the provider, its news, jobs and loops take turns between any two
/// calls of the provider, while calls and answers are lost, news comes late, twice, in another order or never, clocks jump
/// and replicas die. At the end everything comes to rest, and books, rows and provider must say the same.
/// </summary>
internal sealed partial class PaymentsRun : IAsyncDisposable
{
    private const int CallersMax = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly int seed;
    private readonly Random random;
    private readonly PaymentsDatabase database;
    private readonly SimulatedClock clock = new(new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SimulatedReplica[] replicas = new SimulatedReplica[2];
    private readonly List<SimulatedReplica> started = [];
    private readonly List<Caller> callers = [];
    private readonly List<string> trail = [];
    private readonly int stepsMax;
    private Simulator stripe = null!;
    private BillingAccountProfile account = null!;
    private int begun;
    private bool isFaulty = true;

    private PaymentsRun(int seed, PaymentsDatabase database, int? stepsMax)
    {
        (this.seed, this.database, random) = (seed, database, new Random(seed));
        var steps = random.Next(30, 100);
        this.stepsMax = Math.Min(steps, stepsMax ?? steps);
    }

    /// <summary>Runs a seed to its end.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="database">Where.</param>
    /// <param name="place">The seed's place among those of this run.</param>
    /// <param name="stepsMax">Ends the disturbance after so many steps; the seed's own number where it is left out.</param>
    /// <returns>All that happened, in words: the same for the same seed.</returns>
    public static async Task<IReadOnlyList<string>> Run(
        int seed, PaymentsDatabase database, int place = 1, int? stepsMax = null)
    {
        await using var run = new PaymentsRun(seed, database, stepsMax);
        var steps = 0;
        try
        {
            await run.Begin();
            if (seed % 2 == 0)
            {
                await run.Subscribe();
            }

            for (; steps < run.stepsMax; steps++)
            {
                await run.Step();
            }

            await run.ComeToRest();
            await run.Check();
            return run.trail;
        }
        catch (Exception failure) when (failure is not SeedFailedException)
        {
            throw SeedFailedException.Of(seed, place, steps, failure, run.trail);
        }
        finally
        {
            await database.PutBack();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in started)
        {
            await replica.DisposeAsync();
        }

        if (stripe is not null)
        {
            await stripe.DisposeAsync();
        }
    }

    private async Task Begin()
    {
        stripe = await Simulator.Start(new SimulatorOptions { Seed = seed, Time = clock, DeliversByItself = false });
        for (var index = 0; index < replicas.Length; index++)
        {
            await Start(index);
        }

        var outcome = await replicas[0].Get<Organisations>().Create(
            new NewOrganisation("Acme", OrganisationMode.Test, Settlement: Settlement.Prepaid), "test", CancellationToken.None);
        account = ((CreateOrganisationOutcome.Created)outcome).Organisation.DefaultBillingAccount;
        await replicas[0].Get<JobRunner>().RunDue(CancellationToken.None);

        // Of prices nobody here wants to hear.
        lastEvent = (string?)stripe.EventsAfter(null).LastOrDefault()?["id"];
    }

    private async Task Start(int index)
    {
        var name = $"{index}.{started.Count}";
        replicas[index] = await SimulatedReplica.Start(
            name, unchecked((seed * 1_000_003) + started.Count), database, clock, stripe.Address);
        started.Add(replicas[index]);
    }

    // Half of all customers have a plan before anything goes wrong.
    private async Task Subscribe()
    {
        isFaulty = false;
        var intent = new Intent("first", Wish.Plan, AnyPlan);
        intents.Add(intent);
        await Ask(intent);
        await Finish();
        stripe.PayCheckout(intent.Session!, random.Next(4) == 0 ? TestCards.FailsLater : TestCards.Pays);
        Gather();
        await CatchUp();
        await Finish();
        await RunJobs(AnyReplica);
        await Finish();
        isFaulty = true;

        async Task Finish()
        {
            while (callers.Count > 0)
            {
                await GoOn(callers[0]);
            }
        }
    }

    private async Task Step()
    {
        if (callers.Count > 0 && (callers.Count >= CallersMax || random.Next(100) < 45))
        {
            await GoOn(callers[random.Next(callers.Count)]);
        }
        else
        {
            await Act();
        }

        Gather();
    }

    // Lets a caller go on, with a call that goes wrong now and then.
    private async Task GoOn(Caller caller)
    {
        var fault = caller.IsBeforeCall && isFaulty && random.Next(100) < 30 ? NextFault() : null;
        if (fault is not null)
        {
            stripe.Add(fault);
        }

        Tell($"{caller.Number} goes on from {caller.Point}{(fault is null ? string.Empty : $", {fault.Kind} x{fault.Times}")}");
        caller.GoOn();
        await Settle(caller);
    }

    private Fault NextFault()
    {
        FaultKind[] kinds =
        [
            FaultKind.ResetBefore, FaultKind.ResetAfter, FaultKind.RateLimit, FaultKind.ErrorBefore, FaultKind.ErrorAfter,
        ];

        // Once is healed by the adapter's own repetitions; more often, the call's fate stays unknown.
        return new Fault(kinds[random.Next(kinds.Length)], Times: random.Next(3) == 0 ? 1 : 10)
        {
            IsKept = random.Next(2) == 0,
        };
    }

    private async Task Settle(Caller caller)
    {
        var watchdog = Stopwatch.StartNew();
        while (!caller.Stopped.IsCompleted)
        {
            await Task.WhenAny(caller.Stopped, Task.Delay(100));
            if (watchdog.Elapsed > Patience)
            {
                throw new TimeoutException($"Nothing was heard of {caller.Number}, {caller.What}, after {caller.Point}.");
            }
        }

        stripe.ClearFaults();
        if (!caller.IsDone)
        {
            Tell($"{caller.Number} is at {caller.Point}");
            return;
        }

        callers.Remove(caller);
        Tell($"{caller.Number} is done");
        if (caller.Failure is { } failure and not LeaseLostException)
        {
            throw new InvalidOperationException($"{caller.What} failed: {failure.Message}", failure);
        }
    }

    private async Task Begin(int replica, string what, Func<SimulatedReplica, Task> act)
    {
        var caller = new Caller(begun++, replica, what);
        callers.Add(caller);
        Tell($"{caller.Number} begins on {replicas[replica].Name}: {what}");
        var its = replicas[replica];
        caller.Begin(() => act(its));
        await Settle(caller);
    }

    // Whoever was at work there is never heard of again.
    private async Task Kill(int replica)
    {
        Tell($"replica {replicas[replica].Name} dies");
        callers.RemoveAll(caller => caller.Replica == replica);
        await Start(replica);
    }

    private void Tell(string what) => trail.Add($"{clock.GetUtcNow():dd' 'HH:mm:ss} {what}");
}
