using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Timing;

public sealed class TellingTheTime(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly SettableClock clock = new();
    private readonly OrgId org = new IdSource(TimeProvider.System).Next<OrgId>();

    private DateTimeOffset Now => clock.GetUtcNow();

    [Fact]
    public async Task Is_the_system_clocks_for_a_live_organisation()
    {
        await using var replica = new TestReplica(database, clock);

        (await At(replica)).ShouldBe(Now);
        clock.Advance(TimeSpan.FromMinutes(1));
        (await At(replica)).ShouldBe(Now);
    }

    [Fact]
    public async Task Cannot_be_changed_for_a_live_organisation()
    {
        await using var replica = new TestReplica(database, clock);

        (await Move(replica, Now.AddDays(1))).ShouldBeOfType<ClockOutcome.LiveOrganisation>();
        (await At(replica)).ShouldBe(Now);
    }

    [Fact]
    public async Task Is_what_a_test_mode_organisation_was_set_to_and_runs_on()
    {
        await using var replica = await Settable();
        var wanted = Now.AddDays(40);

        (await Move(replica, wanted)).ShouldBe(new ClockOutcome.Moved(wanted, 0));

        (await At(replica)).ShouldBe(wanted);
        clock.Advance(TimeSpan.FromSeconds(90));
        (await At(replica)).ShouldBe(wanted.AddSeconds(90));
    }

    [Fact]
    public async Task Can_be_set_into_the_past_once_and_then_only_goes_forward()
    {
        await using var replica = await Settable();
        var past = new DateTimeOffset(2023, 11, 16, 18, 0, 0, TimeSpan.Zero);

        (await Move(replica, past)).ShouldBe(new ClockOutcome.Moved(past, 0));
        (await Move(replica, past.AddSeconds(-1))).ShouldBe(new ClockOutcome.WouldGoBack(past));
        (await Move(replica, past.AddDays(1))).ShouldBeOfType<ClockOutcome.Moved>();
    }

    [Fact]
    public async Task Cannot_be_moved_further_than_all_due_work_could_be_run()
    {
        await using var replica = await Settable();

        (await Move(replica, Now + ClockLimits.MoveLongest + TimeSpan.FromDays(1)))
            .ShouldBe(new ClockOutcome.TooFar(Now));
    }

    [Fact]
    public async Task Is_the_same_on_another_replica_within_a_second()
    {
        await using var a = await Settable();
        await using var b = new TestReplica(database, clock);
        (await At(b)).ShouldBe(Now);
        var wanted = Now.AddDays(1);

        await Move(a, wanted);

        (await At(a)).ShouldBe(wanted, "the replica that moved it knows at once");
        clock.Advance(ClockLimits.BelievedFor);
        (await At(b)).ShouldBe(wanted + ClockLimits.BelievedFor);
    }

    [Fact]
    public async Task Is_read_from_memory_in_between()
    {
        await using var replica = await Settable();
        await At(replica);
        const string tooFar = "update platform.organisation_clocks set offset_ticks = 1e12 where org_id = $1";
        await using (var command = database.Owner.Sql(tooFar, org.Value))
        {
            await command.ExecuteNonQueryAsync();
        }

        (await At(replica)).ShouldBe(Now);
        clock.Advance(ClockLimits.BelievedFor);
        (await At(replica)).ShouldBe(Now.AddTicks(1_000_000_000_000));
    }

    private static Task<ClockOutcome> Move(TestReplica replica, OrgId org, DateTimeOffset to) =>
        replica.Get<DueWork>().MoveClock(org, to, default);

    private Task<ClockOutcome> Move(TestReplica replica, DateTimeOffset to) => Move(replica, org, to);

    private ValueTask<DateTimeOffset> At(TestReplica replica) => replica.Get<OrganisationClock>().Now(org, default);

    private async Task<TestReplica> Settable()
    {
        var replica = new TestReplica(database, clock);
        await replica.InTransaction(async transaction =>
        {
            await OrganisationClock.MakeSettable(transaction, org, default);
            return true;
        });
        return replica;
    }
}
