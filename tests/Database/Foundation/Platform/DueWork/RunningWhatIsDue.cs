using Microsoft.Extensions.DependencyInjection;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Timing;

/// <summary>Each test has its own database: a sweep looks at every organisation in it.</summary>
public sealed class RunningWhatIsDue : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly TestDatabase database = new();
    private readonly SettableClock clock = new();
    private readonly IdSource ids = new(TimeProvider.System);
    private readonly List<string> done = [];
    private readonly ScheduledWork expiry;
    private readonly ScheduledWork renewal;
    private TestReplica replica = null!;

    public RunningWhatIsDue()
    {
        expiry = new ScheduledWork("expiry", done, org => replica.Get<OrganisationClock>().Now(org, default).AsTask());
        renewal = new ScheduledWork("renewal", done, org => replica.Get<OrganisationClock>().Now(org, default).AsTask());
    }

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        replica = Replica();
    }

    public async Task DisposeAsync()
    {
        await replica.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Happens_earliest_first_across_modules_when_a_clock_is_moved()
    {
        var org = await TestOrg();
        expiry.Schedule(org, At(3, 12), 2 * Day);
        renewal.Schedule(org, At(2), 3 * Day);

        var outcome = await replica.Get<DueWork>().MoveClock(org, At(6), default);

        outcome.ShouldBe(new ClockOutcome.Moved(At(6), 4));
        done.ShouldBe(
        [
            "renewal 01-02 00:00 at 01-02 00:00",
            "expiry 01-03 12:00 at 01-03 12:00",
            "renewal 01-05 00:00 at 01-05 00:00",
            "expiry 01-05 12:00 at 01-05 12:00",
        ]);
        (await replica.Get<OrganisationClock>().Now(org, default)).ShouldBe(At(6));
    }

    [Fact]
    public async Task Follows_the_order_of_modules_at_the_same_instant()
    {
        var org = await TestOrg();
        renewal.Schedule(org, At(2), 9 * Day);
        expiry.Schedule(org, At(2), 9 * Day);

        await replica.Get<DueWork>().MoveClock(org, At(2), default);

        done.ShouldBe(["expiry 01-02 00:00 at 01-02 00:00", "renewal 01-02 00:00 at 01-02 00:00"]);
    }

    [Fact]
    public async Task Concerns_only_the_organisation_that_is_moved()
    {
        var (moved, other) = (await TestOrg(), await TestOrg());
        expiry.Schedule(moved, At(2), 9 * Day);
        expiry.Schedule(other, At(2), 9 * Day);

        await replica.Get<DueWork>().MoveClock(moved, At(3), default);

        done.Count.ShouldBe(1);
        (await replica.Get<OrganisationClock>().Now(other, default)).ShouldBe(clock.GetUtcNow());
    }

    [Fact]
    public async Task Happens_by_itself_as_time_passes()
    {
        var live = ids.Next<OrgId>();
        var test = await TestOrg();
        expiry.Schedule(live, At(1, 6), 9 * Day);
        renewal.Schedule(test, At(1, 8), 9 * Day);

        await Sweep();
        done.ShouldBeEmpty();
        clock.Advance(TimeSpan.FromHours(7));
        await Sweep();
        done.ShouldBe(["expiry 01-01 06:00 at 01-01 07:00"]);
        clock.Advance(TimeSpan.FromHours(2));
        await Sweep();

        done.ShouldBe(["expiry 01-01 06:00 at 01-01 07:00", "renewal 01-01 08:00 at 01-01 09:00"]);
    }

    [Fact]
    public async Task Goes_by_the_organisations_own_clock()
    {
        var past = await TestOrg();
        await replica.Get<DueWork>().MoveClock(past, At(1).AddYears(-2), default);
        expiry.Schedule(past, At(1).AddYears(-1), 9 * Day);

        clock.Advance(TimeSpan.FromHours(1));
        await Sweep();

        done.ShouldBeEmpty();
    }

    [Fact]
    public async Task Is_not_held_up_by_another_organisations_broken_state()
    {
        var (broken, fine) = (ids.Next<OrgId>(), ids.Next<OrgId>());
        expiry.Schedule(broken, At(1), 9 * Day);
        expiry.Schedule(fine, At(1), 9 * Day);
        expiry.Broken.Add(broken);

        await Sweep();
        done.Count.ShouldBe(1);
        expiry.Broken.Clear();
        await Sweep();

        done.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Is_shared_by_replicas_without_doing_anything_twice()
    {
        await using var other = Replica();
        for (var index = 0; index < 60; index++)
        {
            expiry.Schedule(ids.Next<OrgId>(), At(1), 9 * Day);
        }

        // Enough rounds for the two to find each other and share the shards.
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(Sweep(), Sweep(other));
            clock.Advance(LeaseLimits.Duration / 2);
        }

        done.Count.ShouldBe(60);
    }

    [Fact]
    public async Task Is_one_move_at_a_time()
    {
        var org = await TestOrg();
        var entered = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        expiry.Schedule(org, At(2), 9 * Day);
        var slow = new ScheduledWork("slow", done, async _ =>
        {
            entered.SetResult();
            await go.Task;
            return At(1);
        });
        slow.Schedule(org, At(2), 9 * Day);
        await using var first = new TestReplica(database, clock, services => services.AddSingleton<IDueWork>(slow));

        var moving = first.Get<DueWork>().MoveClock(org, At(3), default);
        await entered.Task;
        (await replica.Get<DueWork>().MoveClock(org, At(4), default)).ShouldBeOfType<ClockOutcome.Busy>();
        await Sweep();
        done.ShouldBeEmpty("the sweep leaves an organisation alone whose clock is being moved");
        go.SetResult();

        (await moving).ShouldBeOfType<ClockOutcome.Moved>();
    }

    [Fact]
    public async Task Goes_on_after_a_move_was_broken_off()
    {
        var org = await TestOrg();
        expiry.Schedule(org, At(2), Day);
        expiry.Broken.Add(org);
        await replica.Get<DueWork>().MoveClock(org, At(4), default).ShouldThrowAsync<InvalidOperationException>();
        (await replica.Get<OrganisationClock>().Now(org, default)).ShouldBe(At(2), "it stands where the work failed");

        expiry.Broken.Clear();
        var again = await replica.Get<DueWork>().MoveClock(org, At(4), default);

        again.ShouldBe(new ClockOutcome.Moved(At(4), 3));
    }

    [Fact]
    public async Task Says_how_far_it_came_when_its_patience_ends_and_goes_on_when_asked_again()
    {
        var org = await TestOrg();
        var begun = 0;
        var slow = new ScheduledWork("slow", done, async org =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return await replica.Get<OrganisationClock>().Now(org, default);
        });
        slow.Schedule(org, At(2), Day);
        await using var patient = new TestReplica(database, clock, services => services.AddSingleton<IDueWork>(slow));
        var move = new ClockMove(org, At(8))
        {
            Patience = TimeSpan.FromSeconds(2),
            OnBegin = (_, _, _) => Task.FromResult(begun++),
        };

        var first = await patient.Get<DueWork>().MoveClock(move, default);
        var between = await patient.Get<DueWork>().Read(org, default);
        var second = await patient.Get<DueWork>().MoveClock(move, default);
        var third = await patient.Get<DueWork>().MoveClock(move, default);

        first.ShouldBe(new ClockOutcome.Unfinished(At(4), At(8), 3));
        between.ShouldBe(new ClockReading(At(4), true, At(8), 3));
        second.ShouldBe(new ClockOutcome.Unfinished(At(7), At(8), 6));
        third.ShouldBe(new ClockOutcome.Moved(At(8), 7));
        begun.ShouldBe(1);
    }

    [Fact]
    public async Task Lets_a_clock_run_on_that_a_broken_move_left_standing()
    {
        var org = await TestOrg();
        expiry.Schedule(org, At(2), 9 * Day);
        expiry.Broken.Add(org);
        await replica.Get<DueWork>().MoveClock(org, At(4), default).ShouldThrowAsync<InvalidOperationException>();
        expiry.Broken.Clear();

        await Sweep();
        clock.Advance(TimeSpan.FromHours(1));

        (await replica.Get<OrganisationClock>().Now(org, default)).ShouldBe(At(2, 1));
        done.ShouldBe(["expiry 01-02 00:00 at 01-02 00:00"]);
    }

    [Fact]
    public async Task Stops_work_that_does_not_advance()
    {
        var org = await TestOrg();
        expiry.Schedule(org, At(2), TimeSpan.Zero);

        await replica.Get<DueWork>().MoveClock(org, At(4), default).ShouldThrowAsync<InvalidOperationException>();
    }

    private static DateTimeOffset At(int day, int hour = 0) => new(2026, 1, day, hour, 0, 0, TimeSpan.Zero);

    private Task Sweep(TestReplica? by = null) => (by ?? replica).Get<Pumps>().RunUntilIdle(DueWork.Channel, default);

    private TestReplica Replica() => new(database, clock, services =>
    {
        services.AddSingleton<IDueWork>(expiry);
        services.AddSingleton<IDueWork>(renewal);
    });

    private async Task<OrgId> TestOrg()
    {
        var org = ids.Next<OrgId>();
        await replica.InTransaction(async transaction =>
        {
            await OrganisationClock.MakeSettable(transaction, org, default);
            return true;
        });
        return org;
    }
}
