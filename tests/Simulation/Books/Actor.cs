using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>The connection was cut here, on purpose.</summary>
internal sealed class ConnectionCutException(string point) : Exception($"The connection was cut at '{point}'.");

/// <summary>What a caller does in one transaction: commands in one or more flushes.</summary>
/// <param name="Flushes">The commands, flush by flush.</param>
/// <param name="IsOwnTransaction">Whether the caller brings the transaction and commits it.</param>
/// <param name="TakesBack">Whether the caller rolls its transaction back.</param>
/// <param name="CutAt">The point at which the connection is cut; null for none.</param>
internal sealed record Work(
    IReadOnlyList<IReadOnlyList<LedgerCommand>> Flushes, bool IsOwnTransaction, bool TakesBack, string? CutAt)
{
    public IEnumerable<LedgerCommand> Commands => Flushes.SelectMany(flush => flush);

    public HashSet<Guid> Orgs { get; } = [.. Flushes.SelectMany(flush => flush).Select(command => command.Org.Value)];
}

/// <summary>
/// A caller that goes on only when it is told to: it stops at each checkpoint and says so. Whoever runs the actors lets
/// one of them go at a time.
/// </summary>
internal sealed class Actor(int number)
{
    private static readonly AsyncLocal<Actor?> Current = new();
    private TaskCompletionSource stopped = New();
    private TaskCompletionSource goOn = New();

    public int Number => number;

    /// <summary>What it is doing; null when it has nothing to do.</summary>
    public Work? Work { get; private set; }

    /// <summary>Where it stopped; <c>done</c> when its work is over.</summary>
    public string Point { get; private set; } = "idle";

    /// <summary>Whether it waits for a lock that another actor has.</summary>
    public bool IsParked { get; set; }

    /// <summary>Whether it asked for the lock, and has not ended its transaction.</summary>
    public bool IsInside { get; set; }

    /// <summary>The outcomes; null when the work ended without an answer.</summary>
    public IReadOnlyList<object>? Outcomes { get; private set; }

    /// <summary>How it failed, when nobody meant it to.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Completes when it stops at its next checkpoint, or ends.</summary>
    public Task Stopped => stopped.Task;

    /// <summary>The checkpoint every ledger of the simulation is given.</summary>
    public static async ValueTask Reach(string point, CancellationToken cancellationToken)
    {
        if (Current.Value is { } actor)
        {
            await actor.Stop(point);
        }
    }

    /// <summary>Begins some work, up to its first checkpoint.</summary>
    public void Begin(Work work, Func<Task<IReadOnlyList<object>>> act)
    {
        (Work, Outcomes, Failure) = (work, null, null);
        _ = Task.Run(() => Live(act));
    }

    /// <summary>Lets it go on to its next checkpoint.</summary>
    public void GoOn()
    {
        var go = goOn;
        (goOn, stopped) = (New(), New());
        go.SetResult();
    }

    /// <summary>Makes it ready for other work.</summary>
    public void Rest() => (Work, Point, stopped, goOn, IsInside) = (null, "idle", New(), New(), false);

    private async Task Live(Func<Task<IReadOnlyList<object>>> act)
    {
        Current.Value = this;
        try
        {
            Outcomes = await act();
        }
        catch (ConnectionCutException)
        {
            Outcomes = null;
        }
        catch (Exception failure)
        {
            Failure = failure;
        }

        Point = "done";
        stopped.SetResult();
    }

    private async Task Stop(string point)
    {
        Point = point;
        var go = goOn.Task;
        stopped.SetResult();
        await go;
        if (Work!.CutAt == (point == "remembered" ? "write" : point))
        {
            throw new ConnectionCutException(point);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
