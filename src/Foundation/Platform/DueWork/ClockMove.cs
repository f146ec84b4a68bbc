using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>A move of a test-mode organisation's clock.</summary>
/// <param name="Org">Whose clock.</param>
/// <param name="To">What it shall show.</param>
public sealed record ClockMove(OrgId Org, DateTimeOffset To)
{
    /// <summary>How long the call may take before it says how far it came, on the system clock.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.MaxValue;

    /// <summary>
    /// Records the move, in the transaction that begins it; told what the clock showed. Not called again when the same
    /// move is finished by a later call.
    /// </summary>
    public Func<NpgsqlTransaction, DateTimeOffset, CancellationToken, Task>? OnBegin { get; init; }
}

/// <summary>What an organisation's clock shows.</summary>
/// <param name="Now">Its time.</param>
/// <param name="IsSettable">Whether it can be moved: only a test-mode organisation's can.</param>
/// <param name="MovingTo">Where a move that has not arrived wants to go; null when there is none.</param>
/// <param name="Steps">How many due instants the latest move has run.</param>
public sealed record ClockReading(DateTimeOffset Now, bool IsSettable, DateTimeOffset? MovingTo, int Steps);
