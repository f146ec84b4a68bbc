using System.Text;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Books;

/// <summary>
/// One seed: callers on a few replicas work on the books of a few organisations, one step at a time, while connections
/// break, clocks jump and requests come twice. Every answer and every balance is compared with the model's.
/// </summary>
internal sealed class BooksRun : IAsyncDisposable
{
    private const int Actors = 4;

    // Replicas cut at any of these; after the last one the work stands although nobody was told.
    private static readonly string[] CutPoints = ["lock", "locked", "write", "written", "commit", "committed"];

    private readonly Random random;
    private readonly BooksDatabase database;
    private readonly List<Replica> replicas = [];
    private readonly List<Organisation> orgs = [];
    private readonly List<Actor> actors = [.. Enumerable.Range(0, Actors).Select(number => new Actor(number))];
    private readonly Dictionary<Actor, (Replica Replica, List<Expected>? Expected)> doing = [];
    private readonly List<LedgerCommand> again = [];
    private readonly List<LedgerCommand> done = [];
    private readonly Scheduler scheduler;
    private readonly List<string> trace = [];
    private readonly Memory memory;
    private readonly int operationsMax;
    private int operations;
    private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private BooksRun(int seed, BooksDatabase database, Memory memory)
    {
        (random, this.database, this.memory) = (new Random(seed), database, memory);
        scheduler = new Scheduler(actors, database.Watch);
        operationsMax = random.Next(200, 320);
        for (var index = random.Next(2, 4); index > 0; index--)
        {
            // As soon as that, memory is often wrong.
            var flushesUntilTrusted = memory < Memory.Trusted ? int.MaxValue : (seed + index) % 4 == 0 ? 1 : 0;
            replicas.Add(new Replica(database.App, HashCode(seed, index), memory != Memory.None, flushesUntilTrusted)
            {
                Skew = TimeSpan.FromSeconds(random.Next(-90, 90)),
            });
        }

        for (var index = random.Next(1, 4); index > 0; index--)
        {
            // Seeds that failed before there was splitting do what they did.
            orgs.Add(Organisation.Of(random, database, splitsHolds: seed % 3 == 0));
        }
    }

    /// <summary>Runs a seed to its end.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="database">Where; several runs may follow each other in one.</param>
    /// <param name="memory">What replicas keep between flushes, and how much they rely on it.</param>
    /// <param name="place">The seed's place among those of this run.</param>
    /// <returns>All that happened, in words: the same for the same seed.</returns>
    public static async Task<IReadOnlyList<string>> Run(
        int seed, BooksDatabase database, Memory memory = Memory.Trusted, int place = 1)
    {
        await using var run = new BooksRun(seed, database, memory);
        try
        {
            await run.Work();
            await run.End();
            return run.trace;
        }
        catch (Exception failure) when (failure is not SeedFailedException)
        {
            throw SeedFailedException.Of(seed, place, run.operations, failure, run.trace);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }
    }

    private async Task Work()
    {
        while (true)
        {
            var ready = actors.Where(actor => scheduler.MayGo(actor) || (actor.Work is null && HasMore)).ToList();
            if (ready.Count == 0)
            {
                if (actors.TrueForAll(actor => actor.Work is null))
                {
                    return;
                }

                throw new InvalidOperationException("Everybody waits for somebody.");
            }

            // Books that somebody is at are not remembered meanwhile.
            var busy = ready.FindAll(actor => actor.Work is not null);
            var next = memory == Memory.Relied && busy.Count > 0 && random.Next(8) > 0 ? busy : ready;
            await Step(next[random.Next(next.Count)]);
        }
    }

    // Whatever was done is asked for once more, and nothing may change by it.
    private async Task End()
    {
        var before = orgs.Select(org => org.Model.Chain.Count).ToList();
        foreach (var chunk in done.ToList().Chunk(500))
        {
            var work = new Work([chunk], IsOwnTransaction: false, TakesBack: false, CutAt: null);
            var outcomes = await replicas[^1].Do(work);
            List<Expected> expected = [.. chunk.Select(command => Of(command.Org).Model.Apply(command))];
            RequireSame(work, outcomes, expected);
        }

        orgs.Select(org => org.Model.Chain.Count).ShouldBe(before);
        await BooksComparison.RequireSame(database, orgs);
        await BooksComparison.RequireSameHistory(database, orgs);
        await BooksEnd.RequireInvariants(database, orgs);
        await BooksEnd.RequireShown(replicas[0], orgs);
        await DatabaseRefusals.Require(database, orgs);
    }

    private bool HasMore => operations < operationsMax || again.Count > 0;

    private async Task Step(Actor actor)
    {
        if (actor.Work is null)
        {
            Begin(actor);
            await actor.Stopped;
            await Look(actor);
            return;
        }

        Tell($"{actor.Number} goes on from {actor.Point}");
        await scheduler.Run(actor, actor.GoOn);
        if (actor.IsParked)
        {
            Tell($"{actor.Number} waits");
            return;
        }

        var mayHaveLocks = actor.IsInside;
        await Look(actor);
        if (!mayHaveLocks || actor.IsInside)
        {
            return;
        }

        foreach (var back in await scheduler.Settle())
        {
            Tell($"{back.Number} has waited");
            await Look(back);
        }
    }

    private void Begin(Actor actor)
    {
        now += random.Next(40) == 0 ? TimeSpan.FromHours(random.Next(1, 40)) : TimeSpan.FromSeconds(random.Next(0, 120));
        var replica = replicas[memory == Memory.Relied && random.Next(6) > 0 ? 0 : random.Next(replicas.Count)];
        if (random.Next(30) == 0)
        {
            replica.Skew = TimeSpan.FromSeconds(random.Next(-4000, 4000));
        }

        foreach (var one in replicas)
        {
            one.See(now);
        }

        var work = NextWork();
        doing[actor] = (replica, null);
        Tell($"{actor.Number} begins on replica {replicas.IndexOf(replica)}: {Describe(work)}");
        actor.Begin(work, () => replica.Do(work));
    }

    private Work NextWork()
    {
        var isOwn = random.Next(4) == 0;
        var isMixed = !isOwn && orgs.Count > 1 && random.Next(3) == 0;
        var flushes = new List<IReadOnlyList<LedgerCommand>>();
        var org = orgs[random.Next(orgs.Count)];
        for (var flush = isOwn ? random.Next(1, 3) : 1; flush > 0; flush--)
        {
            var window = random.Next(4) == 0 ? random.Next(1, 16) : random.Next(1, 5);
            flushes.Add([.. Enumerable.Range(0, window).Select(_ => Next(isMixed ? orgs[random.Next(orgs.Count)] : org))]);
        }

        var mayBreak = operations < operationsMax;
        return new Work(
            flushes,
            isOwn,
            TakesBack: isOwn && mayBreak && random.Next(4) == 0,
            CutAt: mayBreak && random.Next(7) == 0 ? CutPoints[random.Next(CutPoints.Length)] : null);
    }

    private LedgerCommand Next(Organisation org)
    {
        operations++;
        var waiting = again.FindIndex(command => command.Org == org.Id);
        if (waiting >= 0 && (operations > operationsMax || random.Next(2) == 0))
        {
            var command = again[waiting];
            again.RemoveAt(waiting);
            return command;
        }

        var next = memory == Memory.Relied && random.Next(20) > 0 ? org.Traffic.NextPlain(now) : org.Traffic.Next(now);
        if (next is ExpireHold or ExpireGrant or ActivateGrant && random.Next(3) == 0)
        {
            // Due work that two replicas took: the lease of one ran out while it was at it.
            again.Add(next);
        }

        return next;
    }

    // What an actor's step came to: a commit, an end, or only the next checkpoint.
    private async Task Look(Actor actor)
    {
        Tell($"{actor.Number} is at {actor.Point}");
        if (actor.Point == "committed")
        {
            actor.IsInside = false;
            await Committed(actor);
        }
        else if (actor.Point == "done")
        {
            await Ended(actor);
        }
    }

    private async Task Committed(Actor actor)
    {
        var work = actor.Work!;
        doing[actor] = doing[actor] with { Expected = [.. work.Commands.Select(command => Of(command.Org).Model.Apply(command))] };
        await BooksComparison.RequireSame(
            database, orgs.Where(org => work.Orgs.Contains(org.Id.Value) && !scheduler.MayHaveMoved(org.Id.Value)));
    }

    private async Task Ended(Actor actor)
    {
        var work = actor.Work!;
        if (actor.Failure is { } failure)
        {
            throw new InvalidOperationException($"{Describe(work)} failed: {failure.Message}", failure);
        }

        if (actor.Outcomes is not { } outcomes)
        {
            again.AddRange(work.Commands);
        }
        else if (work.TakesBack)
        {
            RequireTakenBack(work, outcomes);
        }
        else
        {
            if (doing[actor].Expected is null)
            {
                // Nothing was written, so nothing had to be committed.
                await Committed(actor);
            }

            RequireSame(work, outcomes, doing[actor].Expected!);
        }

        actor.Rest();
    }

    private void RequireSame(Work work, IReadOnlyList<object> outcomes, List<Expected> expected)
    {
        foreach (var (index, command) in work.Commands.Index())
        {
            var org = Of(command.Org);
            var given = Given.Of(outcomes[index]);
            Tell($"{Describe(command)} → {given.Text}");
            if (expected[index].Refute(given, org.Names) is { } wrong)
            {
                throw new InvalidOperationException($"{Describe(command)}: {wrong}");
            }

            org.Traffic.Learn(command, outcomes[index]);
            if (WasDone(command, outcomes[index]))
            {
                done.Add(command);
            }

            foreach (var id in given.Ids)
            {
                orgs.Find(other => other != org)?.Traffic.Overhear(id);
            }
        }
    }

    // What was taken back was answered as if it stood, and leaves ids that lead nowhere.
    private void RequireTakenBack(Work work, IReadOnlyList<object> outcomes)
    {
        var org = Of(work.Commands.First().Org);
        var names = org.Names.Copy();
        var model = org.Model.Copy(names);
        foreach (var (index, command) in work.Commands.Index())
        {
            var given = Given.Of(outcomes[index]);
            Tell($"{Describe(command)} → {given.Text}, taken back");
            if (model.Apply(command).Refute(given, names) is { } wrong)
            {
                throw new InvalidOperationException($"{Describe(command)}, taken back: {wrong}");
            }

            if (outcomes[index] is HoldOutcome.Held { IsReplay: false } or SplitOutcome.Made { IsReplay: false })
            {
                org.Traffic.Overhear(given.Ids[0]);
            }
        }
    }

    // What has a key, or an end that comes once. A grant may be expired again when something was given back to it, and each
    // part of a hold that is given back is another one.
    private static bool WasDone(LedgerCommand command, object outcome) => command is not ReleaseHold { Part: not null }
        && outcome is PostOutcome.Posted or LinkedOutcome.Posted or GrantOutcome.Granted
            or HoldOutcome.Held or SplitOutcome.Made or CaptureOutcome.Captured or HoldChange.Done;

    private Organisation Of(OrgId id) => orgs.Find(org => org.Id == id)!;

    private void Tell(string what) => trace.Add(what);

    private string Describe(Work work)
    {
        var text = new StringBuilder();
        text.Append(work.IsOwnTransaction ? "own transaction" : "flush");
        text.Append(work.TakesBack ? ", rolled back" : string.Empty);
        text.Append(work.CutAt is { } point ? $", cut at {point}" : string.Empty);
        foreach (var flush in work.Flushes)
        {
            text.Append(" [").AppendJoin("; ", flush.Select(Describe)).Append(']');
        }

        return text.ToString();
    }

    private string Describe(LedgerCommand command) => $"{orgs.IndexOf(Of(command.Org))}:{CommandText.Of(command, Of(command.Org).Names)}";

    /// <summary>How many flushes of a run were decided from memory, and came next to where a right or a wrong guess leads.</summary>
    public static (int Right, int Wrong) Guesses(IReadOnlyList<string> trace)
    {
        var guessing = new HashSet<string>();
        var (right, wrong) = (0, 0);
        foreach (var words in trace.Select(line => line.Split(' ')).Where(words => words is [_, "is", "at", _]))
        {
            var (actor, point) = (words[0], words[3]);
            if (guessing.Remove(actor))
            {
                right += point == "committed" ? 1 : 0;
                wrong += point == "lock" ? 1 : 0;
            }

            if (point == "remembered")
            {
                guessing.Add(actor);
            }
        }

        return (right, wrong);
    }

    private static int HashCode(int seed, int index) => unchecked((seed * 397) ^ index);
}

/// <summary>What replicas keep between flushes.</summary>
internal enum Memory
{
    /// <summary>Nothing: each flush has a ledger of its own.</summary>
    None,

    /// <summary>Books, which they use once they have the lock.</summary>
    Locked,

    /// <summary>Books, which they decide upon before they have it.</summary>
    Trusted,

    /// <summary>The same, where commands seldom look at more, and come mostly to one replica.</summary>
    Relied,
}
