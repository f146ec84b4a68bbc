using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// Runs what falls due by organisations' clocks, earliest first across all modules: in the background as time passes,
/// and at once when a test-mode organisation's clock is moved.
/// </summary>
public sealed class DueWork(
    IEnumerable<IDueWork> kinds,
    OrganisationClock clock,
    Leases leases,
    NpgsqlDataSource database,
    TimeProvider time,
    ILogger<DueWork> logger)
{
    /// <summary>
    /// The sweep's name and wake-up channel: hint at it after a commit that made something due at once.
    /// </summary>
    public const string Channel = "platform.due-work";

    private readonly IReadOnlyList<IDueWork> kinds = [.. kinds];

    /// <summary>
    /// Sets a test-mode organisation's clock. Until the first move it may be set anywhere; from then on it goes
    /// forward. On the way it stands at each due instant while what is due there is run. A move that was broken off is
    /// finished by asking for it again.
    /// </summary>
    /// <param name="org">Whose clock.</param>
    /// <param name="to">What it shall show.</param>
    /// <param name="cancellationToken">Breaks the move off; the clock runs on from where it is.</param>
    public Task<ClockOutcome> MoveClock(OrgId org, DateTimeOffset to, CancellationToken cancellationToken) =>
        MoveClock(new ClockMove(org, to), cancellationToken);

    /// <summary>As the other, with a patience and a record of the move.</summary>
    /// <param name="move">Whose clock, where to, how long it may take.</param>
    /// <param name="cancellationToken">Breaks the move off; the clock runs on from where it is.</param>
    public async Task<ClockOutcome> MoveClock(ClockMove move, CancellationToken cancellationToken)
    {
        if (await clock.Read(move.Org, cancellationToken) is null)
        {
            return new ClockOutcome.LiveOrganisation();
        }

        // As PostgreSQL keeps it, so that a move asked for again is known to be the same.
        move = move with { To = move.To.AddTicks(-(move.To.Ticks % TimeSpan.TicksPerMicrosecond)) };
        ClockOutcome outcome = new ClockOutcome.Busy();
        await leases.TryRun(
            LeaseName(move.Org),
            LeaseLimits.Duration,
            async (lease, token) => outcome = await Move(lease, move, token),
            cancellationToken);
        return outcome;
    }

    /// <summary>What an organisation's clock shows, and how far a move of it has come.</summary>
    public async Task<ClockReading> Read(OrgId org, CancellationToken cancellationToken)
    {
        var state = await clock.Read(org, cancellationToken);
        return new ClockReading(clock.NowOf(state), state is not null, state?.MovingTo, state?.MoveSteps ?? 0);
    }

    /// <summary>Runs what is due now for the organisations of some shards: one step of the background sweep.</summary>
    /// <returns>Whether anything was run.</returns>
    internal async Task<bool> Sweep(IReadOnlyCollection<int> shards, CancellationToken cancellationToken)
    {
        if (kinds.Count == 0)
        {
            return false;
        }

        var now = time.GetUtcNow();
        var worked = false;
        foreach (var org in await Settable(cancellationToken))
        {
            worked |= IsOf(shards, org) && await RunFor(org, isSettable: true, cancellationToken);
        }

        foreach (var kind in kinds)
        {
            await foreach (var org in Due(kind, now, cancellationToken))
            {
                // One with a clock of its own had its turn: here it would be run by the wrong one.
                var isLive = IsOf(shards, org) && await clock.Read(org, cancellationToken) is null;
                worked |= isLive && await RunFor(org, isSettable: false, cancellationToken);
            }
        }

        return worked;
    }

    private async Task<ClockOutcome> Move(Lease lease, ClockMove move, CancellationToken cancellationToken)
    {
        var (org, to) = (move.Org, move.To);
        var state = (await clock.Read(org, cancellationToken))!;
        var now = clock.NowOf(state);
        if ((to - now).Duration() > ClockLimits.MoveLongest)
        {
            return new ClockOutcome.TooFar(now);
        }

        if (to < now && state.WasMoved)
        {
            return new ClockOutcome.WouldGoBack(now);
        }

        var isSame = state.MovingTo == to;
        if (!isSame)
        {
            await clock.Begin(lease, move, now, cancellationToken);
        }

        return await RunUpTo(lease, move, isSame ? state.MoveSteps : 0, cancellationToken);
    }

    private async Task<ClockOutcome> RunUpTo(
        Lease lease, ClockMove move, int steps, CancellationToken cancellationToken)
    {
        var (org, to) = (move.Org, move.To);
        var (started, last) = (time.GetTimestamp(), steps + DueWorkLimits.StepsPerMoveMax);
        while (true)
        {
            var now = clock.NowOf(await clock.Read(org, cancellationToken));
            if (to < now || await Earliest(org, to, cancellationToken) is not { } due)
            {
                await clock.Arrive(lease, org, to, steps, cancellationToken);
                return new ClockOutcome.Moved(to, steps);
            }

            if (steps == last || time.GetElapsedTime(started) > move.Patience)
            {
                await clock.Stand(lease, org, now, steps, cancellationToken);
                return new ClockOutcome.Unfinished(now, to, steps);
            }

            // What was overdue already is run at the present: the clock does not go back for it.
            await clock.Stand(lease, org, due.At > now ? due.At : now, steps, cancellationToken);
            await Run(due, org, cancellationToken);
            steps++;
        }
    }

    private async Task<bool> RunFor(OrgId org, bool isSettable, CancellationToken cancellationToken)
    {
        try
        {
            if (!isSettable)
            {
                return await RunDue(org, cancellationToken) > 0;
            }

            var steps = 0;
            await leases.TryRun(
                LeaseName(org),
                LeaseLimits.Duration,
                async (lease, token) =>
                {
                    // Only a move makes a clock stand, and moves hold the lease: this one was broken off.
                    if (await clock.Read(org, token) is { StandsAt: { } instant })
                    {
                        await clock.RunOn(lease, org, instant, token);
                    }

                    steps = await RunDue(org, token);
                },
                cancellationToken);
            return steps > 0;
        }
        catch (Exception failure) when (!TransientFailure.Is(failure) && !cancellationToken.IsCancellationRequested)
        {
            // One organisation's broken state must not hold up the others; it is tried again at the next sweep.
            Log.DueWorkFailed(logger, org, failure);
            return false;
        }
    }

    private async Task<int> RunDue(OrgId org, CancellationToken cancellationToken)
    {
        var now = clock.NowOf(await clock.Read(org, cancellationToken));
        for (var steps = 0; steps < DueWorkLimits.StepsPerSweepMax; steps++)
        {
            if (await Earliest(org, now, cancellationToken) is not { } due)
            {
                return steps;
            }

            await Run(due, org, cancellationToken);
        }

        return DueWorkLimits.StepsPerSweepMax;
    }

    // Kinds due at the same instant run in the order they were registered, which is that of the modules.
    private async Task<(IDueWork Kind, DateTimeOffset At)?> Earliest(
        OrgId org, DateTimeOffset until, CancellationToken cancellationToken)
    {
        (IDueWork Kind, DateTimeOffset At)? earliest = null;
        foreach (var kind in kinds)
        {
            if (await kind.NextDue(org, cancellationToken) is { } at && at <= until && !(earliest?.At <= at))
            {
                earliest = (kind, at);
            }
        }

        return earliest;
    }

    private static async Task Run(
        (IDueWork Kind, DateTimeOffset At) due, OrgId org, CancellationToken cancellationToken)
    {
        await due.Kind.RunUpTo(org, due.At, cancellationToken);
        if (await due.Kind.NextDue(org, cancellationToken) <= due.At)
        {
            throw new InvalidOperationException(
                $"{due.Kind.Name} ran up to {due.At:O} for {org} and is still due then.");
        }
    }

    private static async IAsyncEnumerable<OrgId> Due(
        IDueWork kind,
        DateTimeOffset now,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        OrgId? after = null;
        while (true)
        {
            var page = await kind.OrganisationsDue(now, after, DueWorkLimits.PageSize, cancellationToken);
            foreach (var org in page)
            {
                yield return org;
            }

            if (page.Count < DueWorkLimits.PageSize)
            {
                yield break;
            }

            after = page[^1];
        }
    }

    private const string SettableSql = """
        select org_id
        from platform.organisation_clocks
        order by org_id
        """;

    private async Task<IReadOnlyList<OrgId>> Settable(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(SettableSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var orgs = new List<OrgId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            orgs.Add(new OrgId(reader.GetGuid(0)));
        }

        return orgs;
    }

    private static bool IsOf(IReadOnlyCollection<int> shards, OrgId org) =>
        shards.Contains(OrgShard.Of(org, DueWorkLimits.Shards));

    private static string LeaseName(OrgId org) => $"clock/{org}";
}
