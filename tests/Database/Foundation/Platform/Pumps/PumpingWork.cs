using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Pumping;

public sealed class PumpingWork(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Steps_until_there_is_nothing_left()
    {
        var left = 3;
        await using var replica = Replica(new SettableClock(), "drain", 1, (_, _) => Task.FromResult(left-- > 0));

        await replica.Get<Pumps>().RunUntilIdle("drain", default);

        left.ShouldBe(-1);
    }

    [Fact]
    public async Task Divides_the_shards_among_the_replicas_that_run()
    {
        var clock = new SettableClock();
        var stepped = new SemaphoreSlim(0);
        var shardsOf = new ConcurrentDictionary<string, IReadOnlyList<int>>();
        await using var a = Replica(clock, "shared", 16, Remember("a"));
        await using var b = Replica(clock, "shared", 16, Remember("b"));
        await a.Start();
        await b.Start();

        // A step that was heard of may not wait for the clock yet; a clock that moved too early moves again.
        using var patience = new CancellationTokenSource(Patience);
        while (!IsEven())
        {
            await stepped.WaitAsync(TimeSpan.FromMilliseconds(100), patience.Token);
            clock.Advance(PumpLimits.IdleLongest);
        }

        shardsOf["a"].Intersect(shardsOf["b"]).ShouldBeEmpty();

        bool IsEven() => shardsOf.Count == 2 && shardsOf.Values.All(shards => shards.Count == 8);

        PumpStep Remember(string name) => (turn, _) =>
        {
            shardsOf[name] = turn.Shards;
            stepped.Release();
            return Task.FromResult(false);
        };
    }

    [Fact]
    public async Task Keeps_a_replica_that_lost_its_shards_from_committing()
    {
        var clock = new SettableClock();
        await using var other = Replica(clock, "fenced", 4, (_, _) => Task.FromResult(false));
        await using var stalled = Replica(clock, "fenced", 4, async (turn, token) =>
        {
            // The replica stalls in the middle of its step, for longer than its leases last.
            await Expire("fenced/%");
            await other.Get<Pumps>().RunUntilIdle("fenced", token);
            await using var connection = await database.App.OpenConnectionAsync(token);
            await using var transaction = await connection.BeginTransactionAsync(token);
            await turn.Guard(transaction, token);
            return true;
        });

        await stalled.Get<Pumps>().RunUntilIdle("fenced", default).ShouldThrowAsync<LeaseLostException>();
    }

    [Fact]
    public async Task Wakes_on_a_hint()
    {
        var hasWork = false;
        var worked = new TaskCompletionSource();
        var looked = new SemaphoreSlim(0);
        await using var replica = Replica(TimeProvider.System, "hinted", 1, Step, TimeSpan.FromMinutes(5));
        await replica.Start();
        await looked.WaitAsync(Patience);

        Volatile.Write(ref hasWork, true);
        replica.Get<WakeUps>().Hint("hinted");

        await worked.Task.WaitAsync(Patience);

        Task<bool> Step(PumpTurn turn, CancellationToken token)
        {
            looked.Release();
            if (Volatile.Read(ref hasWork))
            {
                worked.TrySetResult();
            }

            return Task.FromResult(false);
        }
    }

    [Fact]
    public async Task Gives_its_leases_back_when_it_stops()
    {
        var first = new SemaphoreSlim(0);
        var second = 0;
        await using var a = Replica(TimeProvider.System, "stopping", 1, (_, _) => Task.FromResult(first.Release() < 0));
        await a.Start();
        (await first.WaitAsync(Patience)).ShouldBeTrue();

        await a.Stop();

        await using var b = Replica(TimeProvider.System, "stopping", 1, (_, _) => Task.FromResult(second++ < 0));
        await b.Get<Pumps>().RunUntilIdle("stopping", default);
        second.ShouldBe(1);
    }

    [Fact]
    public async Task Goes_on_after_failures_and_waits_longer_each_time()
    {
        var clock = new SettableClock();
        var attempts = new ConcurrentQueue<DateTimeOffset>();
        await using var replica = Replica(clock, "failing", 1, (_, _) =>
        {
            attempts.Enqueue(clock.GetUtcNow());
            return attempts.Count <= 3 ? throw new InvalidOperationException("a bug") : Task.FromResult(false);
        });
        await replica.Start();

        while (attempts.Count < 4)
        {
            await clock.WhenWaiting();
            clock.Advance(TimeSpan.FromMilliseconds(25));
        }

        var at = attempts.Take(4).ToList();
        (at[1] - at[0]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(50));
        (at[2] - at[1]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(100));
        (at[3] - at[2]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(200));
    }

    private TestReplica Replica(
        TimeProvider clock, string name, int shards, PumpStep step, TimeSpan? idleLongest = null) =>
        new(database, clock, services => services.AddPump(new PumpOptions(name, step)
        {
            Shards = shards,
            IdleLongest = idleLongest ?? PumpLimits.IdleLongest,
        }));

    private async Task Expire(string pattern)
    {
        await using var command = database.Owner.Sql(
            "update platform.leases set expires_at = '-infinity' where name like $1", pattern);
        await command.ExecuteNonQueryAsync();
    }
}
