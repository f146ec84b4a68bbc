using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting.Internal;
using Quoin.Platform;

namespace Quoin.Limiting;

/// <summary>
/// The door for money about to be spent: reserved before on every budget and in the ledger, settled after with what it
/// came to. One durable decision, never over a hard budget or a prepaid balance on any number of replicas.
/// </summary>
public sealed class Spending : IAsyncDisposable
{
    private readonly LimitsCache cache;
    private readonly Organisations organisations;
    private readonly OrganisationClock clock;
    private readonly SettleSpending settling;
    private readonly HandOverLapsed lapsing;
    private readonly Allowances allowances;
    private readonly GroupCommit<SpendWork>[] lanes;
    private readonly GroupCommit<DrawWork>[] drawing;
    private readonly GroupCommit<SpendChangeWork>[] changing;

    internal Spending(
        LimitsCache cache,
        Organisations organisations,
        OrganisationClock clock,
        NpgsqlDataSource database,
        SpendFlush flush,
        DrawFlush draws,
        Allowances allowances,
        SettleSpending settling,
        HandOverLapsed lapsing)
    {
        (this.cache, this.organisations, this.clock) = (cache, organisations, clock);
        (this.settling, this.lapsing, this.allowances) = (settling, lapsing, allowances);
        var options = new GroupCommitOptions(
            Writers: 1, Limits.SpendsPerFlushMax, Limits.WorksQueuedMax, FurtherWriterWeight: int.MaxValue)
        {
            // Between what is reserved and what is next lies what it was reserved for.
            CallersReturn = false,
            PatienceLongest = Limits.SettlementPatience,
        };
        lanes = [.. Lanes().Select(_ => new GroupCommit<SpendWork>(options, database, flush.Run))];
        changing = [.. Lanes().Select(_ => new GroupCommit<SpendChangeWork>(options, database, flush.Change))];
        drawing = [.. Lanes().Select(_ => new GroupCommit<DrawWork>(options, database, draws.Draw))];
        allowances.Start(
            async ahead => await ReserveAlone(ahead, CancellationToken.None),
            work => LaneOf(lanes, work.Org).Run(work, CancellationToken.None).AsTask());
    }

    /// <summary>Reserves money out of every budget of its scopes and in the ledger, or refuses, in one decision.</summary>
    /// <param name="request">What for, and how much, in the billing account's currency.</param>
    /// <param name="cancellationToken">Stops waiting; it may be reserved all the same, and lapses.</param>
    public async ValueTask<SpendOutcome> Reserve(SpendRequest request, CancellationToken cancellationToken)
    {
        var outcome = await Decide(request, cancellationToken);
        return outcome is SpendOutcome.Reserved reserved && !await reserved.Durable.WaitAsync(cancellationToken)
            ? new SpendOutcome.Unavailable()
            : outcome;
    }

    /// <summary>
    /// As <see cref="Reserve"/>, for callers who have something to prepare that nobody sees: what is drawn on money reserved
    /// ahead is answered as soon as it is decided, and <see cref="SpendOutcome.Reserved.Durable"/> is to be waited for.
    /// </summary>
    /// <param name="request">What for, and how much, in the billing account's currency.</param>
    /// <param name="cancellationToken">Stops waiting; it may be reserved all the same, and lapses.</param>
    public async ValueTask<SpendOutcome> Decide(SpendRequest request, CancellationToken cancellationToken)
    {
        SpendInput.Require(request);
        try
        {
            var limits = cache.Fresh(request.Org) ?? await cache.Find(request.Org, cancellationToken);
            var account = await organisations.FindBillingAccount(request.Org, request.BillingAccount, cancellationToken);
            if (limits is null || account is null)
            {
                return new SpendOutcome.Suspended(SuspendedReason.AccountClosed);
            }

            if (WhySuspended(limits, account) is { } reason)
            {
                return new SpendOutcome.Suspended(reason);
            }

            SpendInput.RequireCurrency(request, account.Currency);
            var now = SpendInput.Whole(await clock.Now(request.Org, cancellationToken));
            var work = new ReserveWork(request, account, now, limits.Plan.BillingPeriod);
            if (allowances.TryDraw(work) is { } draw && Write(draw) is { } drawn)
            {
                return drawn;
            }

            var outcome = await ReserveAlone(work, cancellationToken);
            if (outcome is SpendOutcome.BudgetExceeded or SpendOutcome.InsufficientFunds && await allowances.GiveBack(request.Org))
            {
                // What was reserved ahead here is no reason to refuse.
                outcome = await ReserveAlone(
                    new ReserveWork(request, account, now, limits.Plan.BillingPeriod), cancellationToken);
            }

            return outcome;
        }
        catch (Exception failure) when (Quotas.IsUnavailable(failure))
        {
            return new SpendOutcome.Unavailable();
        }
    }

    /// <summary>Says that the holder of a reservation lives.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="key">The reservation's key.</param>
    /// <param name="heldFor">How long from now it is believed to live.</param>
    /// <param name="details">What is to be known should it die now; null leaves what was said last.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<SpendChange> Renew(
        OrgId org, string key, TimeSpan heldFor, string? details, CancellationToken cancellationToken)
    {
        SpendInput.RequireHeldFor(heldFor);
        SpendInput.RequireDetails(details);
        return await FindWritten(org, key) is { } draw && TryDetach(draw, heldFor, details, out var detached)
            ? await Detached(draw, detached)
            : await Change(org, key, SpendTurn.Renew, heldFor, details, cancellationToken);
    }

    /// <summary>Gives a reservation back, as nothing was used: its budgets count it no longer and its hold is released.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="key">The reservation's key.</param>
    /// <param name="cancellationToken">Stops waiting; it may be given back all the same.</param>
    public async ValueTask<SpendChange> Cancel(OrgId org, string key, CancellationToken cancellationToken) =>
        await FindWritten(org, key) is { } draw && allowances.TryEnd(draw, 0)
            ? await Told(LaneOf(lanes, org).Run(new EndDrawWork(draw), cancellationToken).AsTask())
            : await Change(org, key, SpendTurn.Cancel, TimeSpan.Zero, null, cancellationToken);

    /// <summary>
    /// Settles reservations in the caller's transaction: budgets count what was spent instead of what was reserved. The
    /// holds stay until the posting of the usage that names them. The budgets stay locked until the caller commits, so it
    /// does so soon, and locks nothing of the ledger before.
    /// </summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="settlements">
    /// What each came to; at most <see cref="Limits.SettlementsMax"/>, of any organisations. What is drawn on an allowance only
    /// the replica knows that drew it, until it is renewed or taken over.
    /// </param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of each, in order; never <see cref="SpendChange.Unavailable"/>.</returns>
    public async Task<IReadOnlyList<SpendChange>> SettleWithin(
        NpgsqlTransaction transaction, IReadOnlyList<SpendSettlement> settlements, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settlements.Count, Limits.SettlementsMax, nameof(settlements));
        foreach (var settlement in settlements)
        {
            if (await FindWritten(settlement.Org, settlement.Key) is { } draw
                && TryDetach(draw, draw.Request.HeldFor, null, out var detached))
            {
                await Detached(draw, detached);
            }
        }

        return await settling.Within(transaction, settlements, cancellationToken);
    }

    /// <summary>
    /// Settles a reservation together with what is to be written down about it. Whatever is reserved for the organisation on
    /// this replica after this was called is decided after it.
    /// </summary>
    /// <param name="entry">
    /// What is to be written down; not again while this runs, and not before its reservation is durable.
    /// </param>
    /// <param name="journal">Who writes it down.</param>
    /// <param name="isAwaited">
    /// Whether somebody waits for it: then it is written at once, else together with the next who does, within milliseconds.
    /// </param>
    /// <returns>
    /// Ends when it is durable; false when too much is waiting: nothing was queued, try later. When it throws, it is not
    /// known to be durable; settling it again is safe.
    /// </returns>
    public Task<bool> Settle(SpendEntry entry, ISpendJournal journal, bool isAwaited)
    {
        if (entry.Drawn is not { } drawn)
        {
            return Queue(entry, journal, isAwaited);
        }

        // Whoever renews it at this moment has it made a reservation first, or finds it over.
        lock (drawn.Gate)
        {
            if (entry.Draw is { } draw)
            {
                allowances.TryEnd(draw, entry.Settlement is { } settlement ? Taken(draw, settlement.QuotedMicros) : draw.Micros);
            }

            return Queue(entry, journal, isAwaited);
        }
    }

    /// <summary>What waits to be reserved or settled on this replica.</summary>
    public long Waiting => lanes.Sum(lane => lane.QueuedWeight) + drawing.Sum(lane => lane.QueuedWeight);

    /// <summary>
    /// Hands reservations over that nobody renewed in time, each once on any number of replicas; a pump does this every few
    /// seconds.
    /// </summary>
    /// <param name="taking">Whoever reserved; null gives all of them back.</param>
    /// <param name="cancellationToken">Stops it before anything is committed.</param>
    /// <returns>Whether there may be more.</returns>
    public Task<bool> HandOverLapsed(ISpendLapse? taking, CancellationToken cancellationToken) =>
        lapsing.Run(taking, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await allowances.DisposeAsync();
        foreach (var lane in drawing)
        {
            await lane.DisposeAsync();
        }

        foreach (var lane in lanes)
        {
            await lane.DisposeAsync();
        }

        foreach (var lane in changing)
        {
            await lane.DisposeAsync();
        }
    }

    private async ValueTask<SpendOutcome> ReserveAlone(ReserveWork work, CancellationToken cancellationToken) =>
        await LaneOf(lanes, work.Org).Run(work, cancellationToken) ? work.Outcome! : new SpendOutcome.Unavailable();

    // Null where nothing was drawn: then it is reserved as if there were no allowance.
    private SpendOutcome.Reserved? Write(Draw draw)
    {
        var queued = LaneOf(drawing, draw.Org).Run(new DrawWork(draw), CancellationToken.None);
        if (queued is { IsCompletedSuccessfully: true, Result: false })
        {
            allowances.TryEnd(draw, 0);
            return null;
        }

        var written = Written(draw, queued.AsTask());
        draw.Written = written;
        return new SpendOutcome.Reserved(draw.Request.Most, string.Empty, draw.Balance, draw.Allowance.Budgets, [])
        {
            Ticket = draw.Allowance.Ticket.For(draw),
            Durable = written,
        };
    }

    // False where it may be written all the same, or where this process slept, and others may have taken it for dead.
    private static async Task<bool> Written(Draw draw, Task<bool> queued)
    {
        try
        {
            return await queued && draw.Allowance.IsSurelyHeld;
        }
        catch (Exception failure) when (Quotas.IsUnavailable(failure))
        {
            return false;
        }
    }

    // What is still to be written must not be taken away before.
    private async ValueTask<Draw?> FindWritten(OrgId org, string key)
    {
        if (allowances.Find(org, key) is not { } draw)
        {
            return null;
        }

        await draw.Written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return draw;
    }

    // What more than was set aside is spent is not taken from what others drew.
    private static long Taken(Draw draw, decimal quotedMicros) =>
        (long)Math.Min(draw.Micros, decimal.Ceiling(SpendInput.Quoted(quotedMicros)));

    private Task<bool> Queue(SpendEntry entry, ISpendJournal journal, bool isAwaited)
    {
        var (lane, work) = (LaneOf(lanes, entry.Org), new EntryWork(entry, journal));
        return isAwaited ? lane.Run(work, CancellationToken.None).AsTask() : lane.RunPatiently(work);
    }

    // False where it is over.
    private bool TryDetach(Draw draw, TimeSpan heldFor, string? details, out Task<bool> queued)
    {
        lock (draw.Gate)
        {
            queued = Task.FromResult(false);
            if (!allowances.TryEnd(draw, draw.Micros))
            {
                return false;
            }

            draw.IsDetached = true;
            queued = LaneOf(lanes, draw.Org).Run(new DetachWork(draw, heldFor, details), CancellationToken.None).AsTask();
            return true;
        }
    }

    // What could not be written is a draw as before: settled by its key, nobody would find it.
    private async ValueTask<SpendChange> Detached(Draw draw, Task<bool> queued)
    {
        var change = await Told(queued);
        if (change is SpendChange.Unavailable)
        {
            lock (draw.Gate)
            {
                allowances.Reopen(draw);
            }
        }

        return change;
    }

    private static async ValueTask<SpendChange> Told(Task<bool> queued)
    {
        try
        {
            return await queued ? new SpendChange.Done() : new SpendChange.Unavailable();
        }
        catch (Exception failure) when (Quotas.IsUnavailable(failure))
        {
            return new SpendChange.Unavailable();
        }
    }

    private async ValueTask<SpendChange> Change(
        OrgId org, string key, SpendTurn turn, TimeSpan heldFor, string? details, CancellationToken cancellationToken)
    {
        SpendInput.RequireKey(key);
        try
        {
            var now = SpendInput.Whole(await clock.Now(org, cancellationToken));
            var work = new SpendChangeWork(org, key, turn, now, heldFor, details);
            return await LaneOf(changing, org).Run(work, cancellationToken) ? work.Outcome! : new SpendChange.Unavailable();
        }
        catch (Exception failure) when (Quotas.IsUnavailable(failure))
        {
            return new SpendChange.Unavailable();
        }
    }

    private static SuspendedReason? WhySuspended(OrgLimits limits, BillingAccountProfile account) => limits.Status switch
    {
        _ when limits.Org.State != OrganisationState.Active => SuspendedReason.OrganisationClosed,
        _ when account.Status != BillingAccountStatus.Active => SuspendedReason.AccountClosed,
        BillingStatus.Canceled => SuspendedReason.Canceled,
        BillingStatus.PastDue => SuspendedReason.PastDue,
        _ => null,
    };

    private static IEnumerable<int> Lanes() => Enumerable.Range(0, Limits.Lanes);

    private static T LaneOf<T>(T[] lanes, OrgId org) => lanes[OrgShard.Of(org, lanes.Length)];
}
