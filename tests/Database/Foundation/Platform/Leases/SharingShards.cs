using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Leasing;

public sealed class SharingShards(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Shards = 16;
    private readonly SettableClock clock = new();

    [Fact]
    public async Task Gives_everything_to_a_single_replica()
    {
        await using var a = new TestReplica(database, clock);
        var alone = ShardsOf(a, "alone");

        await alone.Balance(default);

        alone.Shards.ShouldBe(Enumerable.Range(0, Shards));
    }

    [Fact]
    public async Task Evens_out_when_replicas_come_and_go()
    {
        await using var a = new TestReplica(database, clock);
        await using var b = new TestReplica(database, clock);
        await using var c = new TestReplica(database, clock);
        ShardLeases[] all = [ShardsOf(a, "even"), ShardsOf(b, "even"), ShardsOf(c, "even")];

        await Rounds(all[..2]);
        all[..2].Select(leases => leases.Held.Count).ShouldBe([8, 8]);

        await Rounds(all);
        all.Select(leases => leases.Held.Count).Order().ShouldBe([5, 5, 6]);
        all.SelectMany(leases => leases.Shards).Order().ShouldBe(Enumerable.Range(0, Shards));

        await all[0].Leave(default);
        await Rounds(all[1..]);
        all[1..].Select(leases => leases.Held.Count).ShouldBe([8, 8]);
    }

    [Fact]
    public async Task Takes_over_the_shards_of_a_dead_replica_once_its_leases_end()
    {
        await using var dead = new TestReplica(database, clock);
        await using var alive = new TestReplica(database, clock);
        var (old, other) = (ShardsOf(dead, "death"), ShardsOf(alive, "death"));
        await Rounds([old, other]);

        clock.Advance(LeaseLimits.Duration - TimeSpan.FromSeconds(1));
        await other.Balance(default);
        other.Held.Count.ShouldBe(Shards / 2);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Rounds([other]);

        other.Held.Count.ShouldBe(Shards);
        (await old.Renew(default)).ShouldBeFalse();
        old.Held.ShouldBeEmpty();
    }

    private static async Task Rounds(ShardLeases[] replicas)
    {
        for (var round = 0; round < 3; round++)
        {
            foreach (var replica in replicas)
            {
                await replica.Balance(default);
            }
        }
    }

    private ShardLeases ShardsOf(TestReplica replica, string group) => new(
        database.App, replica.Get<Leases>(), clock, replica.Get<Replica>(), group, Shards, LeaseLimits.Duration);
}
