using System.Collections.Concurrent;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// The second of the two clocks: what time it is for an organisation. It decides usage time checks, periods, price
/// dates, expiry, trials, renewals and schedules. For a live organisation it is the system clock; that of a test-mode
/// one can be set and advanced, by <see cref="DueWork"/>.
/// </summary>
public sealed class OrganisationClock : IDisposable
{
    private const string Channel = "platform.clocks";

    private readonly ConcurrentDictionary<OrgId, Reading> readings = new();
    private readonly NpgsqlDataSource database;
    private readonly TimeProvider time;
    private readonly WakeUps wakeUps;
    private readonly WakeUpListener moves;

    /// <summary>The clocks of one database.</summary>
    public OrganisationClock(NpgsqlDataSource database, TimeProvider time, WakeUps wakeUps)
    {
        (this.database, this.time, this.wakeUps) = (database, time, wakeUps);
        moves = wakeUps.Listen(Channel, time);
    }

    /// <summary>
    /// The time for an organisation, in UTC. A move made on another replica is seen as soon as its hint arrives, and
    /// within <see cref="ClockLimits.BelievedFor"/> in any case.
    /// </summary>
    public ValueTask<DateTimeOffset> Now(OrgId org, CancellationToken cancellationToken)
    {
        if (moves.TryTake())
        {
            readings.Clear();
        }

        var reading = readings.TryGetValue(org, out var known) && IsFresh(known) ? known : StartReading(org);
        return reading.State.IsCompletedSuccessfully
            ? ValueTask.FromResult(NowOf(reading.State.Result))
            : Wait(org, reading, cancellationToken);
    }

    private const string MakeSettableSql = """
        insert into platform.organisation_clocks (org_id)
        values ($1)
        on conflict (org_id) do nothing
        """;

    /// <summary>
    /// Gives an organisation a clock that can be moved, in the transaction that creates it in test mode.
    /// </summary>
    public static async Task MakeSettable(NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(MakeSettableSql, org.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string ReadSql = """
        select offset_ticks, stands_at, was_moved, moving_to, move_steps
        from platform.organisation_clocks
        where org_id = $1
        """;

    /// <summary>The clock as it is now, from the database; null for a live organisation.</summary>
    internal async Task<ClockState?> Read(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, org.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new ClockState(
                reader.GetInt64(0),
                reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetBoolean(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetInt32(4))
            : null;
    }

    private const string BeginSql = """
        update platform.organisation_clocks
        set moving_to = $2,
            move_steps = 0
        where org_id = $1
        """;

    /// <summary>Notes where a move wants to go, with what its caller records of it.</summary>
    internal Task Begin(
        Lease lease, ClockMove move, DateTimeOffset now, CancellationToken cancellationToken) =>
        InTransaction(
            lease,
            move.Org,
            async (transaction, token) =>
            {
                await using var command = transaction.Sql(BeginSql, move.Org.Value, move.To);
                await command.ExecuteNonQueryAsync(token);
                await (move.OnBegin?.Invoke(transaction, now, token) ?? Task.CompletedTask);
            },
            cancellationToken);

    private const string WriteSql = """
        update platform.organisation_clocks
        set offset_ticks = $2,
            stands_at = $3,
            was_moved = true,
            moving_to = case when $4 then null else moving_to end,
            move_steps = coalesce($5, move_steps)
        where org_id = $1
        """;

    /// <summary>Makes a clock stand at an instant on its way, after so many steps.</summary>
    internal Task Stand(
        Lease lease, OrgId org, DateTimeOffset instant, int steps, CancellationToken cancellationToken) =>
        Write(lease, org, instant, instant, hasArrived: false, steps, cancellationToken);

    /// <summary>Lets a clock run on from an instant short of where its move wanted to go.</summary>
    internal Task RunOn(Lease lease, OrgId org, DateTimeOffset instant, CancellationToken cancellationToken) =>
        Write(lease, org, instant, standsAt: null, hasArrived: false, steps: null, cancellationToken);

    /// <summary>Lets a clock run on from where its move wanted to go.</summary>
    internal Task Arrive(
        Lease lease, OrgId org, DateTimeOffset instant, int steps, CancellationToken cancellationToken) =>
        Write(lease, org, instant, standsAt: null, hasArrived: true, steps, cancellationToken);

    /// <summary>What a clock in some state shows.</summary>
    internal DateTimeOffset NowOf(ClockState? state) =>
        state?.StandsAt ?? time.GetUtcNow().AddTicks(state?.OffsetTicks ?? 0);

    /// <inheritdoc />
    public void Dispose() => moves.Dispose();

    private Task Write(
        Lease lease,
        OrgId org,
        DateTimeOffset instant,
        DateTimeOffset? standsAt,
        bool hasArrived,
        int? steps,
        CancellationToken cancellationToken)
    {
        var offset = (instant - time.GetUtcNow()).Ticks;
        return InTransaction(
            lease,
            org,
            async (transaction, token) =>
            {
                await using var command = transaction.Sql(WriteSql, org.Value, offset, standsAt, hasArrived, steps);
                await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);
    }

    // Only as long as the lease on moving the clock is held.
    private async Task InTransaction(
        Lease lease,
        OrgId org,
        Func<NpgsqlTransaction, CancellationToken, Task> write,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await write(transaction, cancellationToken);
        await lease.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        readings.TryRemove(org, out _);
        wakeUps.Hint(Channel);
    }

    // One reading serves all who ask meanwhile, so it is nobody's to cancel.
    private Reading StartReading(OrgId org)
    {
        if (readings.Count >= ClockLimits.RememberedMax)
        {
            readings.Clear();
        }

        var state = new Lazy<Task<ClockState?>>(() => Read(org, CancellationToken.None));
        var reading = new Reading(time.GetTimestamp(), state);
        return readings.AddOrUpdate(org, reading, (_, there) => IsFresh(there) ? there : reading);
    }

    private bool IsFresh(Reading reading) => time.GetElapsedTime(reading.ReadAt) < ClockLimits.BelievedFor;

    private async ValueTask<DateTimeOffset> Wait(OrgId org, Reading reading, CancellationToken cancellationToken)
    {
        try
        {
            return NowOf(await reading.State.WaitAsync(cancellationToken));
        }
        catch when (reading.State.IsFaulted)
        {
            readings.TryRemove(new KeyValuePair<OrgId, Reading>(org, reading));
            throw;
        }
    }

    private sealed record Reading(long ReadAt, Lazy<Task<ClockState?>> Task)
    {
        public Task<ClockState?> State => Task.Value;
    }
}

/// <summary>A settable clock as stored.</summary>
/// <param name="OffsetTicks">How far ahead of the system clock it runs.</param>
/// <param name="StandsAt">Where it stands; null while it runs.</param>
/// <param name="WasMoved">Whether it was ever moved.</param>
/// <param name="MovingTo">Where the latest move wants to go; null once it has arrived.</param>
/// <param name="MoveSteps">How many due instants the latest move has run.</param>
internal sealed record ClockState(
    long OffsetTicks, DateTimeOffset? StandsAt, bool WasMoved, DateTimeOffset? MovingTo, int MoveSteps);
