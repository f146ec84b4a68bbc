using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.GroupCommit;

public sealed class GatheringWork
{
    private static readonly IdSource Ids = new(TimeProvider.System);
    private static readonly GroupCommitOptions OneWriter =
        new(Writers: 1, MaxGroupWeight: 4, MaxQueuedWeight: 100, FurtherWriterWeight: 50);

    private static readonly GroupCommitOptions Patient =
        OneWriter with { MaxGroupWeight = 100, PatienceLongest = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Flushes_what_gathered_while_the_writer_was_busy_as_one_group()
    {
        var gate = new TaskCompletionSource();
        var groups = new List<int>();
        await using var commit = new GroupCommit<Work>(OneWriter with { MaxGroupWeight = 100 }, async (works, _) =>
        {
            groups.Add(works.Count);
            await gate.Task;
        });
        var org = Ids.Next<OrgId>();
        var first = commit.Run(new Work(org), CancellationToken.None).AsTask();
        await Until(() => groups.Count == 1);
        var others = Enumerable.Range(0, 10).Select(_ => commit.Run(new Work(org), CancellationToken.None).AsTask()).ToArray();

        gate.SetResult();
        await Task.WhenAll([first, .. others]);

        groups.ShouldBe([1, 10]);
    }

    [Fact]
    public async Task Keeps_work_that_can_wait_for_the_next_that_cannot()
    {
        var groups = new List<Work[]>();
        await using var commit = new GroupCommit<Work>(Patient, (works, _) =>
        {
            groups.Add([.. works]);
            return Task.CompletedTask;
        });
        var org = Ids.Next<OrgId>();
        Work[] patient = [new Work(org), new Work(org)];
        var urgent = new Work(org);

        var waiting = patient.Select(commit.RunPatiently).ToArray();
        await commit.Run(urgent, CancellationToken.None);

        (await Task.WhenAll(waiting)).ShouldBe([true, true]);
        groups.ShouldHaveSingleItem().ShouldBe([.. patient, urgent]);
    }

    [Fact]
    public async Task Flushes_work_that_can_wait_alone_when_nothing_else_comes_or_it_stops()
    {
        var groups = new List<int>();
        Task Note(IReadOnlyList<Work> works)
        {
            groups.Add(works.Count);
            return Task.CompletedTask;
        }

        await using var soon = new GroupCommit<Work>(
            Patient with { PatienceLongest = TimeSpan.FromMilliseconds(1) }, (works, _) => Note(works));
        (await soon.RunPatiently(new Work(Ids.Next<OrgId>()))).ShouldBeTrue();

        var never = new GroupCommit<Work>(Patient, (works, _) => Note(works));
        var left = never.RunPatiently(new Work(Ids.Next<OrgId>()));
        await never.DisposeAsync();

        (await left).ShouldBeTrue();
        groups.ShouldBe([1, 1]);
    }

    [Fact]
    public async Task Lets_organisations_take_turns()
    {
        var gate = new TaskCompletionSource();
        var groups = new List<OrgId[]>();
        await using var commit = new GroupCommit<Work>(OneWriter, async (works, _) =>
        {
            groups.Add([.. works.Select(work => work.Org)]);
            await gate.Task;
        });
        var (loud, quiet) = (Ids.Next<OrgId>(), Ids.Next<OrgId>());
        var running = new List<Task> { commit.Run(new Work(loud), CancellationToken.None).AsTask() };
        await Until(() => groups.Count == 1);
        running.AddRange(Enumerable.Range(0, 20).Select(_ => commit.Run(new Work(loud), CancellationToken.None).AsTask()));
        running.Add(commit.Run(new Work(quiet), CancellationToken.None).AsTask());

        gate.SetResult();
        await Task.WhenAll(running);

        groups[1].ShouldContain(quiet);
    }

    [Fact]
    public async Task Fails_a_poisoned_piece_alone()
    {
        var poison = new Work(Ids.Next<OrgId>());
        var stored = new List<Work>();
        var gate = new TaskCompletionSource();
        await using var commit = new GroupCommit<Work>(OneWriter with { MaxGroupWeight = 100 }, async (works, _) =>
        {
            await gate.Task;
            if (works.Contains(poison))
            {
                throw new PostgresException("bad bytes", "ERROR", "ERROR", PostgresErrorCodes.DataException);
            }

            stored.AddRange(works);
        });
        var good = Enumerable.Range(0, 9).Select(_ => new Work(Ids.Next<OrgId>())).ToArray();
        var running = good.Select(work => commit.Run(work, CancellationToken.None).AsTask()).ToArray();
        var poisoned = commit.Run(poison, CancellationToken.None).AsTask();

        gate.SetResult();
        await Task.WhenAll(running);

        await Should.ThrowAsync<PostgresException>(() => poisoned);
        stored.ShouldBe(good, ignoreOrder: true);
    }

    [Fact]
    public async Task Starts_over_when_it_lost_a_deadlock()
    {
        var attempts = 0;
        await using var commit = new GroupCommit<Work>(OneWriter, (_, _) => ++attempts < 3
            ? throw new PostgresException("deadlock", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected)
            : Task.CompletedTask);

        var done = await commit.Run(new Work(Ids.Next<OrgId>()), CancellationToken.None);

        done.ShouldBeTrue();
        attempts.ShouldBe(3);
    }

    [Fact]
    public async Task Refuses_what_the_queue_cannot_hold()
    {
        var gate = new TaskCompletionSource();
        var flushes = 0;
        await using var commit = new GroupCommit<Work>(OneWriter with { MaxQueuedWeight = 2 }, (_, _) =>
        {
            flushes++;
            return gate.Task;
        });
        var org = Ids.Next<OrgId>();
        var first = commit.Run(new Work(org), CancellationToken.None).AsTask();
        await Until(() => flushes == 1);
        Task<bool>[] waiting =
        [
            commit.Run(new Work(org), CancellationToken.None).AsTask(),
            commit.Run(new Work(org), CancellationToken.None).AsTask(),
        ];

        var refused = await commit.Run(new Work(org), CancellationToken.None);

        refused.ShouldBeFalse();
        gate.SetResult();
        (await Task.WhenAll([first, .. waiting])).ShouldAllBe(isDone => isDone);
    }

    [Fact]
    public async Task Flushes_everything_before_it_stops_and_takes_nothing_after()
    {
        var stored = 0;
        var commit = new GroupCommit<Work>(OneWriter, (works, _) =>
        {
            stored += works.Count;
            return Task.CompletedTask;
        });
        var running = Enumerable.Range(0, 50)
            .Select(_ => commit.Run(new Work(Ids.Next<OrgId>()), CancellationToken.None).AsTask())
            .ToArray();

        await commit.DisposeAsync();

        (await Task.WhenAll(running)).ShouldAllBe(isDone => isDone);
        stored.ShouldBe(50);
        (await commit.Run(new Work(Ids.Next<OrgId>()), CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Waits_for_nobody_who_tarries_after_being_told()
    {
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var commit = new GroupCommit<Work>(OneWriter, async (_, _) => await Task.Yield());
        var org = Ids.Next<OrgId>();
        var tarrying = Task.Run(async () =>
        {
            await commit.Run(new Work(org), CancellationToken.None);
            mayGoOn.Task.Wait();
        });

        (await commit.Run(new Work(org), CancellationToken.None)).ShouldBeTrue();
        (await commit.Run(new Work(org), CancellationToken.None)).ShouldBeTrue();
        mayGoOn.SetResult();

        await tarrying;
    }

    [Fact]
    public async Task Loses_and_repeats_nothing_under_a_crowd_of_callers()
    {
        var stored = new List<Work>();
        var works = Enumerable.Range(0, 5_000).Select(index => new Work(new OrgId(new Guid(index % 7, 0, 0, new byte[8])))).ToArray();
        await using (var commit = new GroupCommit<Work>(new GroupCommitOptions(3, 50, 10_000, 20), async (group, _) =>
        {
            await Task.Yield();
            lock (stored)
            {
                stored.AddRange(group);
            }
        }))
        {
            await Parallel.ForEachAsync(works, async (work, token) => (await commit.Run(work, token)).ShouldBeTrue());
        }

        stored.ShouldBe(works, ignoreOrder: true);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }

    private sealed class Work(OrgId org) : IGroupWork
    {
        public OrgId Org => org;

        public int Weight => 1;
    }
}
