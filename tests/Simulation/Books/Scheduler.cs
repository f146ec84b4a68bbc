using System.Diagnostics;
using Npgsql;

namespace Quoin.Tests.Simulation.Books;

/// <summary>
/// Lets one actor go at a time. One that PostgreSQL makes wait for a lock is parked, and comes back when the lock is
/// given up: the server is asked whether it waits, so that no stop-watch decides what happens. At most one actor waits
/// for the same books; the server's order among several is not ours to repeat.
/// </summary>
internal sealed class Scheduler(IReadOnlyList<Actor> actors, NpgsqlConnection watch)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const string WaitingSql = """
        select count(*)
        from pg_stat_activity
        where datname = current_database()
            and backend_type = 'client backend'
            and wait_event_type = 'Lock'
            and cardinality(pg_blocking_pids(pid)) > 0
        """;

    // Parked with all they have decided: once they have the locks they end their transactions, too.
    private readonly HashSet<Actor> ending = [];

    private int Parked => actors.Count(actor => actor.IsParked);

    /// <summary>Whether an actor may be let go now.</summary>
    public bool MayGo(Actor actor)
    {
        if (actor.IsParked || actor.Work is null)
        {
            return false;
        }

        return actor.IsInside || !AsksForLocks(actor) || MayAsk(actor);
    }

    // One that asks with all it has decided waits for one other at most, and nobody for it: what comes back together has
    // nothing in common.
    private bool MayAsk(Actor actor)
    {
        var others = actors
            .Where(other => other != actor && other.IsInside && other.Work!.Orgs.Overlaps(actor.Work!.Orgs))
            .ToList();
        return !others.Exists(ending.Contains)
            && (actor.Point == "remembered"
                ? others.Count == 0 || (others.Count == 1 && !others[0].IsParked)
                : actor.Work!.Orgs.All(org => Inside(org) < 2));
    }

    private static bool AsksForLocks(Actor actor) => actor.Point is "lock" or "remembered";

    /// <summary>Lets an actor go on, until it stops again or waits for a lock.</summary>
    public async Task Run(Actor actor, Action go)
    {
        var point = actor.Point;
        if (AsksForLocks(actor))
        {
            actor.IsInside = true;
        }

        // Whether it is likely to wait only decides how soon the server is asked.
        var isLikelyToWait = actor.Work!.Orgs.Any(org => Inside(org) > 1) && point is "lock" or "locked" or "remembered";
        go();
        var watchdog = Stopwatch.StartNew();
        if (!isLikelyToWait)
        {
            await Task.WhenAny(actor.Stopped, Task.Delay(20));
        }

        while (!actor.Stopped.IsCompleted)
        {
            if (await CountWaiting() > Parked)
            {
                actor.IsParked = !actor.Stopped.IsCompleted;
                if (actor.IsParked && point == "remembered")
                {
                    ending.Add(actor);
                }

                return;
            }

            await Task.WhenAny(actor.Stopped, Task.Delay(1));
            RequirePatience(watchdog, $"actor {actor.Number} after '{point}'");
        }
    }

    /// <summary>Brings back the actors whose locks were given up.</summary>
    /// <returns>Those that came back, in the order of their numbers.</returns>
    public async Task<IReadOnlyList<Actor>> Settle()
    {
        var back = new List<Actor>();
        var watchdog = Stopwatch.StartNew();
        while (Parked > 0)
        {
            foreach (var actor in actors.Where(actor => actor.IsParked && actor.Stopped.IsCompleted))
            {
                actor.IsParked = false;
                ending.Remove(actor);
                back.Add(actor);
            }

            if (Parked == 0 || await CountWaiting() >= Parked)
            {
                break;
            }

            await Task.WhenAny([.. actors.Where(actor => actor.IsParked).Select(actor => actor.Stopped), Task.Delay(1)]);
            RequirePatience(watchdog, "actors that waited for a lock");
        }

        return [.. back.OrderBy(actor => actor.Number)];
    }

    /// <summary>Whether somebody whose commit nobody has looked at yet may have changed an organisation's books.</summary>
    public bool MayHaveMoved(Guid org) => ending.Any(actor => actor.Work!.Orgs.Contains(org));

    private int Inside(Guid org) => actors.Count(actor => actor.IsInside && actor.Work!.Orgs.Contains(org));

    private async Task<long> CountWaiting()
    {
        await using var command = new NpgsqlCommand(WaitingSql, watch);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static void RequirePatience(Stopwatch watchdog, string who)
    {
        if (watchdog.Elapsed > Patience)
        {
            throw new TimeoutException($"Nothing was heard of {who}.");
        }
    }
}
