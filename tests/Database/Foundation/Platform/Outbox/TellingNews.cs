using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Telling;

/// <summary>Each test has its own database: a runner delivers whatever is published in it.</summary>
public sealed class TellingNews : IAsyncLifetime
{
    private readonly TestDatabase database = new();
    private readonly SettableClock clock = new();
    private readonly OrgId org = new(new Guid(7, 0, 0, new byte[8]));
    private readonly List<string> heard = [];

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Reaches_each_subscriber_of_the_topic()
    {
        await using var replica = await Replica("tests.first", "tests.second");

        var id = await Publish(replica, "k", "hello");
        await replica.Get<JobRunner>().RunDue(default);

        heard.Order().ShouldBe(["tests.first hears hello", "tests.second hears hello"]);
        id.ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task Says_where_when_and_why()
    {
        OutboxMessage<ThingHappened>? received = null;
        await using var replica = new TestReplica(database, clock, services => services.AddSubscriber<ThingHappened>(
            "tests.details", (message, _, _) => Task.FromResult(received = message)));
        await replica.Prepare();

        var id = await Publish(replica, "thing-1", "hello");
        await replica.Get<JobRunner>().RunDue(default);

        received.ShouldBe(new OutboxMessage<ThingHappened>(
            id, org, "thing-1", "corr-1", clock.GetUtcNow(), new ThingHappened("hello")));
    }

    [Fact]
    public async Task Skips_nothing_that_commits_late()
    {
        await using var replica = await Replica("tests.late");
        await using var connection = await database.App.OpenConnectionAsync();
        await using var slow = await connection.BeginTransactionAsync();
        await replica.Get<Outbox>().Publish(slow, org, "slow", new ThingHappened("early, late"), null, default);

        await Publish(replica, "quick", "late, early");
        await replica.Get<JobRunner>().RunDue(default);
        heard.ShouldBe(["tests.late hears late, early"]);
        await slow.CommitAsync();
        await replica.Get<JobRunner>().RunDue(default);

        heard.ShouldBe(["tests.late hears late, early", "tests.late hears early, late"]);
    }

    [Fact]
    public async Task Says_nothing_of_what_was_rolled_back()
    {
        await using var replica = await Replica("tests.rollback");
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await replica.Get<Outbox>().Publish(transaction, org, "k", new ThingHappened("never"), null, default);
        }

        await replica.Get<JobRunner>().RunDue(default);
        heard.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keeps_the_order_of_one_key_when_telling_fails_but_holds_up_no_other()
    {
        var isDown = true;
        await using var replica = new TestReplica(database, clock, services => services.AddSubscriber<ThingHappened>(
            "tests.flaky",
            (message, _, _) =>
            {
                if (isDown && message.Key == "a")
                {
                    throw new InvalidOperationException("not now");
                }

                heard.Add(message.Event.What);
                return Task.CompletedTask;
            }));
        await replica.Prepare();
        await Publish(replica, "a", "a1");
        await Publish(replica, "a", "a2");
        await Publish(replica, "b", "b1");

        await replica.Get<JobRunner>().RunDue(default);
        heard.ShouldBe(["b1"]);
        isDown = false;
        clock.Advance(TimeSpan.FromMinutes(1));
        await replica.Get<JobRunner>().RunDue(default);

        heard.ShouldBe(["b1", "a1", "a2"]);
    }

    [Fact]
    public async Task Gives_up_on_one_delivery_visibly_and_goes_on_with_the_next()
    {
        await using var replica = new TestReplica(database, clock, services => services.AddSubscriber<ThingHappened>(
            "tests.poisoned",
            (message, _, _) =>
            {
                heard.Add(message.Event.What);
                return message.Event.What == "poison"
                    ? throw new InvalidOperationException("cannot digest")
                    : Task.CompletedTask;
            },
            new JobOptions { AttemptsMax = 2 }));
        await replica.Prepare();
        await Publish(replica, "k", "poison");
        await Publish(replica, "k", "food");

        for (var round = 0; round < 3; round++)
        {
            await replica.Get<JobRunner>().RunDue(default);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        heard.ShouldBe(["poison", "poison", "food"]);
        (await replica.Get<Jobs>().Dead(0, 10, default)).ShouldHaveSingleItem().Org.ShouldBe(org);
    }

    [Fact]
    public async Task Also_reaches_a_subscriber_that_only_another_release_knows()
    {
        await using var newer = await Replica("tests.newer");
        await using var older = new TestReplica(database, clock);
        await older.Prepare();

        await Publish(older, "k", "from the older release");
        await older.Get<JobRunner>().RunDue(default);
        heard.ShouldBeEmpty();
        await newer.Get<JobRunner>().RunDue(default);

        heard.ShouldBe(["tests.newer hears from the older release"]);
    }

    [Fact]
    public async Task Forgets_told_news_after_a_week_and_untold_news_never()
    {
        await using var replica = await Replica("tests.purged");
        await Publish(replica, "k", "told");
        await replica.Get<JobRunner>().RunDue(default);
        await Publish(replica, "k", "untold");
        await Postpone();

        clock.Advance(OutboxLimits.KeptFor + TimeSpan.FromHours(2));
        await replica.Get<JobRunner>().RunDue(default);

        await using var command = database.App.Sql("select payload ->> 'what' from platform.outbox");
        (await command.ExecuteScalarAsync()).ShouldBe("untold");
    }

    private async Task<TestReplica> Replica(params string[] subscribers)
    {
        var replica = new TestReplica(database, clock, services =>
        {
            foreach (var name in subscribers)
            {
                services.AddSubscriber<ThingHappened>(name, (message, _, _) =>
                {
                    heard.Add($"{name} hears {message.Event.What}");
                    return Task.CompletedTask;
                });
            }
        });
        await replica.Prepare();
        return replica;
    }

    private Task<Guid> Publish(TestReplica replica, string key, string what) =>
        replica.InTransaction(transaction =>
            replica.Get<Outbox>().Publish(transaction, org, key, new ThingHappened(what), "corr-1", default));

    private async Task Postpone()
    {
        await using var command = database.App.Sql(
            "update platform.jobs set due_at = 'infinity' where name = 'tests.purged'");
        await command.ExecuteNonQueryAsync();
    }

    private sealed record ThingHappened(string What) : IOutboxEvent
    {
        public static string Topic => "tests.thing_happened";
    }
}
