using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Jobbing;

/// <summary>Each test has its own database: a runner takes whatever is due in it.</summary>
public sealed class RunningJobs : IAsyncLifetime
{
    private readonly TestDatabase database = new();
    private readonly SettableClock clock = new();
    private readonly List<string> done = [];

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Happens_after_the_commit_that_asked_for_it()
    {
        await using var replica = Replica(Remember);
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await replica.Get<Jobs>().Enqueue(transaction, new Greet("nobody"), new JobTerms(), default);
        }

        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(0);
        await Enqueue(replica, "somebody");
        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(1);
        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(0);
        done.ShouldBe(["somebody"]);
    }

    [Fact]
    public async Task Waits_until_a_job_is_due()
    {
        await using var replica = Replica(Remember);
        await Enqueue(replica, "later", new JobTerms { DueAt = clock.GetUtcNow() + TimeSpan.FromHours(1) });

        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(0);
        clock.Advance(TimeSpan.FromHours(1));
        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(1);
    }

    [Fact]
    public async Task Has_one_waiting_job_per_key()
    {
        await using var replica = Replica(Remember);

        var first = await Enqueue(replica, "once", new JobTerms { UniqueKey = "k" });
        var second = await Enqueue(replica, "once", new JobTerms { UniqueKey = "k" });

        second.ShouldBe(first);
        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(1);
        (await Enqueue(replica, "again", new JobTerms { UniqueKey = "k" })).ShouldNotBe(first);
    }

    [Fact]
    public async Task Starts_over_when_asked_for_again_while_it_ran()
    {
        TestReplica replica = null!;
        replica = Replica(async (run, payload, token) =>
        {
            done.Add(payload.Name);
            if (done.Count == 1)
            {
                await Enqueue(replica, "second", new JobTerms { UniqueKey = "k" });
            }
        });
        await using var disposing = replica;
        await Enqueue(replica, "first", new JobTerms { UniqueKey = "k" });

        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(2);

        done.ShouldBe(["first", "second"]);
        (await Count()).ShouldBe(0);
    }

    [Fact]
    public async Task Tries_again_after_growing_pauses_and_then_gives_up_visibly()
    {
        await using var replica = Replica(
            (run, _, _) => throw new InvalidOperationException($"attempt {run.Attempt} failed"),
            new JobOptions { AttemptsMax = 3, RetryFirst = TimeSpan.FromSeconds(10) });
        await Enqueue(replica, "doomed");
        var runner = replica.Get<JobRunner>();

        (await runner.RunDue(default)).ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(4));
        (await runner.RunDue(default)).ShouldBe(0);
        clock.Advance(TimeSpan.FromSeconds(6));
        (await runner.RunDue(default)).ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(20));
        (await runner.RunDue(default)).ShouldBe(1);
        clock.Advance(TimeSpan.FromDays(1));
        (await runner.RunDue(default)).ShouldBe(0);

        var dead = (await replica.Get<Jobs>().Dead(0, 10, default)).ShouldHaveSingleItem();
        dead.Attempts.ShouldBe(3);
        dead.LastError.ShouldBe("InvalidOperationException: attempt 3 failed");
        (await replica.InTransaction(one => replica.Get<Jobs>().Revive(one, dead.JobId, default))).ShouldBe(dead);
        (await runner.RunDue(default)).ShouldBe(1);
    }

    [Fact]
    public async Task Lives_on_when_asked_for_again_during_its_last_attempt()
    {
        TestReplica replica = null!;
        replica = Replica(
            async (_, payload, _) =>
            {
                done.Add(payload.Name);
                if (done.Count == 1)
                {
                    await Enqueue(replica, "second", new JobTerms { UniqueKey = "k" });
                    throw new InvalidOperationException("the only attempt failed");
                }
            },
            new JobOptions { AttemptsMax = 1, RetryFirst = TimeSpan.FromSeconds(1) });
        await using var disposing = replica;
        await Enqueue(replica, "first", new JobTerms { UniqueKey = "k" });

        await replica.Get<JobRunner>().RunDue(default);
        clock.Advance(TimeSpan.FromSeconds(2));
        await replica.Get<JobRunner>().RunDue(default);

        done.ShouldBe(["first", "second"]);
        (await Count()).ShouldBe(0);
    }

    [Fact]
    public async Task Is_taken_over_from_a_killed_replica()
    {
        await using var dead = Replica((_, _, _) => Task.CompletedTask);
        await using var alive = Replica(Remember);
        await Enqueue(alive, "orphan");
        await Claim(dead);

        (await alive.Get<JobRunner>().RunDue(default)).ShouldBe(0);
        clock.Advance(JobLimits.LeaseDuration);

        (await alive.Get<JobRunner>().RunDue(default)).ShouldBe(1);
        done.ShouldBe(["orphan"]);
    }

    [Fact]
    public async Task Is_held_no_longer_than_its_own_lease_says()
    {
        var held = TimeSpan.Zero;
        await using var replica = Replica(
            async (_, _, _) => held = await DueAt() - clock.GetUtcNow(),
            new JobOptions { Lease = _ => TimeSpan.FromSeconds(5) });
        await Enqueue(replica, "brief");

        (await replica.Get<JobRunner>().RunDue(default)).ShouldBe(1);

        held.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Keeps_who_lost_a_job_from_completing_it()
    {
        await using var other = Replica(Remember);
        await using var stalled = Replica(async (run, _, token) =>
        {
            await Overdue();
            await other.Get<JobRunner>().RunDue(token);
            await using var connection = await database.App.OpenConnectionAsync(token);
            await using var transaction = await connection.BeginTransactionAsync(token);
            await run.Complete(transaction, token);
            done.Add("must not happen");
        });
        await Enqueue(stalled, "contended");

        await stalled.Get<JobRunner>().RunDue(default);

        done.ShouldBe(["contended"]);
        (await Count()).ShouldBe(0);
    }

    [Fact]
    public async Task Completes_with_its_effects_or_not_at_all()
    {
        var fails = true;
        await using var replica = Replica(async (run, payload, token) =>
        {
            await using var connection = await database.App.OpenConnectionAsync(token);
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using var effect = transaction.Sql(
                "insert into platform.directory values ('tests.effect', $1, $2, $2)",
                OrgDirectory.HashOf(payload.Name),
                new Guid(1, 0, 0, new byte[8]));
            await effect.ExecuteNonQueryAsync(token);
            await run.Complete(transaction, token);
            if (fails)
            {
                throw new InvalidOperationException("between writing and committing");
            }

            await transaction.CommitAsync(token);
        });
        await Enqueue(replica, "effect");

        await replica.Get<JobRunner>().RunDue(default);
        (await Count()).ShouldBe(1);
        fails = false;
        clock.Advance(TimeSpan.FromSeconds(1));
        await replica.Get<JobRunner>().RunDue(default);

        (await Count()).ShouldBe(0);
        (await Count("directory")).ShouldBe(1);
    }

    [Fact]
    public async Task Repeats_at_once_what_the_database_broke_off()
    {
        var attempts = new List<int>();
        await using var replica = Replica((run, _, _) =>
        {
            attempts.Add(run.Attempt);
            return attempts.Count < 3
                ? throw new PostgresException(
                    "could not serialize access", "ERROR", "ERROR", PostgresErrorCodes.SerializationFailure)
                : Task.CompletedTask;
        });
        await Enqueue(replica, "contended");

        var running = replica.Get<JobRunner>().RunDue(default);
        while (!running.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        (await running).ShouldBe(1);
        attempts.ShouldBe([1, 1, 1], "the same attempt, repeated");
    }

    [Fact]
    public async Task Keeps_the_order_of_an_order_key_through_failures()
    {
        await using var a = Replica(FailFirstTime);
        await using var b = Replica(FailFirstTime);
        foreach (var name in new[] { "1", "2", "3" })
        {
            await Enqueue(a, name, new JobTerms { OrderKey = "line" });
        }

        await Enqueue(a, "free", new JobTerms { OrderKey = "another line" });
        for (var round = 0; round < 8; round++)
        {
            await Task.WhenAll(a.Get<JobRunner>().RunDue(default), b.Get<JobRunner>().RunDue(default));
            clock.Advance(TimeSpan.FromSeconds(2));
        }

        done.Where(name => name != "free").ShouldBe(["1", "2", "3"]);
        done.ShouldContain("free");

        Task FailFirstTime(JobRun run, Greet payload, CancellationToken token) =>
            run.Attempt == 1
                ? throw new InvalidOperationException("the first time always fails")
                : Remember(run, payload, token);
    }

    [Fact]
    public async Task Begins_a_recurring_job_again_and_again_on_one_replica_at_a_time()
    {
        var runs = 0;
        await using var a = Recurring();
        await using var b = Recurring();
        await a.Prepare();
        await b.Prepare();

        for (var hour = 0; hour < 3; hour++)
        {
            await a.Get<JobRunner>().RunDue(default);
            await b.Get<JobRunner>().RunDue(default);
            clock.Advance(TimeSpan.FromHours(1));
        }

        runs.ShouldBe(3);

        TestReplica Recurring() => new(database, clock, services => services.AddRecurringJob(
            "tests.hourly", TimeSpan.FromHours(1), (_, _) => Task.FromResult(Interlocked.Increment(ref runs))));
    }

    [Fact]
    public async Task Does_a_hundred_jobs_once_each_on_two_working_replicas()
    {
        var all = new TaskCompletionSource();
        await using var a = new TestReplica(database, TimeProvider.System, services => services.AddJob<Greet>(Collect));
        await using var b = new TestReplica(database, TimeProvider.System, services => services.AddJob<Greet>(Collect));
        await a.Start();
        await b.Start();

        for (var number = 0; number < 100; number++)
        {
            await Enqueue(a, $"{number}");
        }

        a.Get<Jobs>().Hint();
        await all.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Task.WhenAll(a.Stop(), b.Stop());

        done.Distinct().Count().ShouldBe(100);
        done.Count.ShouldBe(100);
        (await Count()).ShouldBe(3, "the recurring purges stay");

        Task Collect(JobRun run, Greet payload, CancellationToken token)
        {
            lock (done)
            {
                done.Add(payload.Name);
                if (done.Count == 100)
                {
                    all.SetResult();
                }
            }

            return Task.CompletedTask;
        }
    }

    private Task Remember(JobRun run, Greet payload, CancellationToken cancellationToken)
    {
        lock (done)
        {
            done.Add(payload.Name);
        }

        return Task.CompletedTask;
    }

    private TestReplica Replica(JobHandler<Greet> handler, JobOptions? options = null) =>
        new(database, clock, services => services.AddJob(handler, options));

    private static Task<long> Enqueue(TestReplica replica, string name, JobTerms? terms = null) =>
        replica.InTransaction(transaction =>
            replica.Get<Jobs>().Enqueue(transaction, new Greet(name), terms ?? new JobTerms(), default));

    // What a replica does that is killed right after it took a job.
    private async Task Claim(TestReplica replica)
    {
        await using var command = database.App.Sql(
            "update platform.jobs set state = 'running', attempts = 1, lease_version = 1, leased_by = $1, due_at = $2",
            replica.Get<Replica>().Name,
            clock.GetUtcNow() + JobLimits.LeaseDuration);
        await command.ExecuteNonQueryAsync();
    }

    private async Task Overdue()
    {
        await using var command = database.App.Sql("update platform.jobs set due_at = $1", clock.GetUtcNow());
        await command.ExecuteNonQueryAsync();
    }

    private async Task<DateTimeOffset> DueAt()
    {
        await using var command = database.App.Sql("select due_at from platform.jobs");
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!);
    }

    private async Task<long> Count(string table = "jobs")
    {
        await using var command = database.App.Sql($"select count(*) from platform.{table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed record Greet(string Name) : IJobPayload
    {
        public static string JobName => "tests.greet";
    }
}
