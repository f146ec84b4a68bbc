using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.WakingUp;

public sealed class HintingAtWork(TestDatabase database) : IClassFixture<TestDatabase>
{
    // Hints travel in real time through PostgreSQL; waiting ends when one arrives, and fails the test after this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Wakes_those_who_wait_in_the_same_process()
    {
        var clock = new SettableClock();
        await using var replica = new TestReplica(database, clock);
        using var listener = replica.Get<WakeUps>().Listen("local", clock);

        var waiting = listener.Wait(Patience, default);
        replica.Get<WakeUps>().Hint("another");
        waiting.IsCompleted.ShouldBeFalse();
        replica.Get<WakeUps>().Hint("local");

        (await waiting).ShouldBeTrue();
    }

    [Fact]
    public async Task Is_remembered_once_for_who_was_busy()
    {
        var clock = new SettableClock();
        await using var replica = new TestReplica(database, clock);
        using var listener = replica.Get<WakeUps>().Listen("busy", clock);

        replica.Get<WakeUps>().Hint("busy");
        replica.Get<WakeUps>().Hint("busy");

        (await listener.Wait(Patience, default)).ShouldBeTrue();
        var second = listener.Wait(TimeSpan.FromSeconds(1), default);
        await clock.WhenWaiting();
        clock.Advance(TimeSpan.FromSeconds(1));
        (await second).ShouldBeFalse();
    }

    [Fact]
    public async Task Reaches_other_replicas_also_after_their_connection_was_cut()
    {
        await using var a = new TestReplica(database, TimeProvider.System);
        await using var b = new TestReplica(database, TimeProvider.System);
        await a.Start();
        await b.Start();
        using var listener = b.Get<WakeUps>().Listen("far", TimeProvider.System);

        (await Arrives(a.Get<WakeUps>(), listener)).ShouldBeTrue();
        await Cut();

        (await Arrives(a.Get<WakeUps>(), listener)).ShouldBeTrue();
    }

    // Repeats the hint, because one sent while nobody listens is rightly lost.
    private static async Task<bool> Arrives(WakeUps sender, WakeUpListener listener)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            sender.Hint("far");
            if (await listener.Wait(Patience / 100, default))
            {
                return true;
            }
        }

        return false;
    }

    private async Task Cut()
    {
        await using var command = database.Owner.Sql(
            """
            select count(pg_terminate_backend(pid))
            from pg_stat_activity
            where query like 'listen%'
              and datname = current_database()
            """);
        ((long)(await command.ExecuteScalarAsync())!).ShouldBeGreaterThan(0);
    }
}
