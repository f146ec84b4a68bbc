namespace Quoin.Platform;

/// <summary>Every way moving an organisation's clock can end, in the order they are checked.</summary>
public abstract record ClockOutcome
{
    private ClockOutcome()
    {
    }

    /// <summary>
    /// The organisation is live: its clock is the world's. <see cref="PlatformProblems.ClockIsLive"/>.
    /// </summary>
    public sealed record LiveOrganisation : ClockOutcome;

    /// <summary>
    /// Another move, or a sweep of its due work, is under way. <see cref="PlatformProblems.ClockIsBusy"/>.
    /// </summary>
    public sealed record Busy : ClockOutcome;

    /// <summary>Further than one move may go. <see cref="PlatformProblems.ClockTooFar"/>.</summary>
    /// <param name="Now">What the clock shows.</param>
    public sealed record TooFar(DateTimeOffset Now) : ClockOutcome;

    /// <summary>
    /// Once moved, a clock only goes forward: what happened has happened.
    /// <see cref="PlatformProblems.ClockWouldGoBack"/>.
    /// </summary>
    /// <param name="Now">What the clock shows.</param>
    public sealed record WouldGoBack(DateTimeOffset Now) : ClockOutcome;

    /// <summary>
    /// The clock shows the wanted instant and runs on; everything due before was done, earliest first.
    /// </summary>
    /// <param name="Now">What the clock shows.</param>
    /// <param name="Steps">How many due instants were run, all in all.</param>
    public sealed record Moved(DateTimeOffset Now, int Steps) : ClockOutcome;

    /// <summary>
    /// The patience ended first: the clock stands short of the wanted instant. Asking again goes on from there.
    /// </summary>
    /// <param name="Now">What the clock shows.</param>
    /// <param name="To">Where the move wants to go.</param>
    /// <param name="Steps">How many due instants were run so far.</param>
    public sealed record Unfinished(DateTimeOffset Now, DateTimeOffset To, int Steps) : ClockOutcome;
}
