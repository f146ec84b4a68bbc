namespace Quoin.Tests.Simulation.Payments;

/// <summary>
/// Somebody at work on a replica, who stops before and after each call of the provider and goes on only when told to. Whoever
/// is never told to go on has died there.
/// </summary>
internal sealed class Caller(int number, int replica, string what)
{
    private static readonly AsyncLocal<Caller?> Current = new();
    private TaskCompletionSource stopped = New();
    private TaskCompletionSource goOn = New();

    public int Number => number;

    /// <summary>On which replica.</summary>
    public int Replica => replica;

    public string What => what;

    /// <summary>Where it stopped, such as <c>CreateCheckout</c> or <c>CreateCheckout: Done</c>.</summary>
    public string Point { get; private set; } = string.Empty;

    /// <summary>Whether the call it stopped at has not been made.</summary>
    public bool IsBeforeCall { get; private set; }

    public bool IsDone { get; private set; }

    /// <summary>How it failed, where that is nobody's doing here.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Completes when it stops, or is done.</summary>
    public Task Stopped => stopped.Task;

    /// <summary>Stops whoever makes a call of the provider, before and after it.</summary>
    public static async Task<T> Through<T>(string call, Func<Task<T>> make)
    {
        if (Current.Value is not { } caller)
        {
            return await make();
        }

        await caller.Stop(call, isBefore: true);
        var outcome = await make();
        await caller.Stop($"{call}: {outcome!.GetType().Name}", isBefore: false);
        return outcome;
    }

    /// <summary>Begins its work, up to the first stop.</summary>
    public void Begin(Func<Task> act) => _ = Task.Run(async () =>
    {
        Current.Value = this;
        try
        {
            await act();
        }
        catch (Exception failure)
        {
            Failure = failure;
        }

        (IsDone, Point) = (true, "done");
        stopped.SetResult();
    });

    /// <summary>Lets it go on to its next stop.</summary>
    public void GoOn()
    {
        var go = goOn;
        (goOn, stopped) = (New(), New());
        go.SetResult();
    }

    private async Task Stop(string point, bool isBefore)
    {
        (Point, IsBeforeCall) = (point, isBefore);
        var go = goOn.Task;
        stopped.SetResult();
        await go;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
