using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// One step of background work: does a bounded batch of what is due for the turn's shards, in its own transactions,
/// each guarded by <see cref="PumpTurn.Guard"/> last before its commit.
/// </summary>
/// <returns>Whether there was work: then the next step follows at once.</returns>
public delegate Task<bool> PumpStep(PumpTurn turn, CancellationToken cancellationToken);

/// <summary>How far behind a stage is.</summary>
/// <param name="Count">How many things wait.</param>
/// <param name="Oldest">Since when the oldest waits; null when nothing does.</param>
public readonly record struct StageDepth(long Count, DateTimeOffset? Oldest)
{
    /// <summary>Reads a depth from a statement whose one row says how many things wait and since when the oldest does.</summary>
    public static async Task<StageDepth> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new StageDepth(
            reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }
}

/// <summary>A pump: background work that runs on every replica, divided by leases.</summary>
/// <param name="Name">Unique; also its wake-up channel and the prefix of its leases.</param>
/// <param name="Step">What it does.</param>
public sealed record PumpOptions(string Name, PumpStep Step)
{
    /// <summary>
    /// Into how many parts the work is divided; each replica works on about shards ÷ replicas of them. With one, a
    /// single replica works at a time.
    /// </summary>
    public int Shards { get; init; } = 1;

    /// <summary>The longest wait without a hint.</summary>
    public TimeSpan IdleLongest { get; init; } = PumpLimits.IdleLongest;

    /// <summary>A pause after a step that found work, so that more gathers for the next one.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.Zero;

    /// <summary>How long a replica that died keeps its share; the host's options may shorten it.</summary>
    public Func<IServiceProvider, TimeSpan> Lease { get; init; } = _ => LeaseLimits.Duration;

    /// <summary>Reads how much waits, for metrics; asked now and then by one replica.</summary>
    public Func<IServiceProvider, CancellationToken, Task<StageDepth>>? Depth { get; init; }
}
