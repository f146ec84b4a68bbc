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
    private readonly GroupCommit<SpendWork>[] lanes;
    private readonly GroupCommit<SpendChangeWork>[] changing;

    internal Spending(
        LimitsCache cache,
        Organisations organisations,
        OrganisationClock clock,
        SpendFlush flush,
        SettleSpending settling,
        HandOverLapsed lapsing)
    {
        (this.cache, this.organisations, this.clock) = (cache, organisations, clock);
        (this.settling, this.lapsing) = (settling, lapsing);
        var options = new GroupCommitOptions(
            Writers: 1, Limits.SpendsPerFlushMax, Limits.WorksQueuedMax, FurtherWriterWeight: int.MaxValue)
        {
            // Between what is reserved and what is next lies what it was reserved for.
            CallersReturn = false,
        };
        lanes = [.. Lanes().Select(_ => new GroupCommit<SpendWork>(options, flush.Run))];
        changing = [.. Lanes().Select(_ => new GroupCommit<SpendChangeWork>(options, flush.Change))];
    }

    /// <summary>Reserves money out of every budget of its scopes and in the ledger, or refuses, in one decision.</summary>
    /// <param name="request">What for, and how much, in the billing account's currency.</param>
    /// <param name="cancellationToken">Stops waiting; it may be reserved all the same, and lapses.</param>
    public async ValueTask<SpendOutcome> Reserve(SpendRequest request, CancellationToken cancellationToken)
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
            return await LaneOf(lanes, request.Org).Run(work, cancellationToken)
                ? work.Outcome!
                : new SpendOutcome.Unavailable();
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
    public ValueTask<SpendChange> Renew(
        OrgId org, string key, TimeSpan heldFor, string? details, CancellationToken cancellationToken)
    {
        SpendInput.RequireHeldFor(heldFor);
        SpendInput.RequireDetails(details);
        return Change(org, key, SpendTurn.Renew, heldFor, details, cancellationToken);
    }

    /// <summary>Gives a reservation back, as nothing was used: its budgets count it no longer and its hold is released.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="key">The reservation's key.</param>
    /// <param name="cancellationToken">Stops waiting; it may be given back all the same.</param>
    public ValueTask<SpendChange> Cancel(OrgId org, string key, CancellationToken cancellationToken) =>
        Change(org, key, SpendTurn.Cancel, TimeSpan.Zero, null, cancellationToken);

    /// <summary>
    /// Settles reservations in the caller's transaction: budgets count what was spent instead of what was reserved. The
    /// holds stay until the posting of the usage that names them. The budgets stay locked until the caller commits, so it
    /// does so soon, and locks nothing of the ledger before.
    /// </summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="settlements">What each came to; at most <see cref="Limits.SettlementsMax"/>, of any organisations.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of each, in order; never <see cref="SpendChange.Unavailable"/>.</returns>
    public Task<IReadOnlyList<SpendChange>> SettleWithin(
        NpgsqlTransaction transaction, IReadOnlyList<SpendSettlement> settlements, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settlements.Count, Limits.SettlementsMax, nameof(settlements));
        return settling.Within(transaction, settlements, cancellationToken);
    }

    /// <summary>
    /// Settles a reservation together with what is to be written down about it. Whatever is reserved for the organisation on
    /// this replica after this was called is decided after it.
    /// </summary>
    /// <param name="entry">What is to be written down; not again while this runs.</param>
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
        var (lane, work) = (LaneOf(lanes, entry.Org), new EntryWork(entry, journal));
        return isAwaited ? lane.Run(work, CancellationToken.None).AsTask() : lane.RunPatiently(work);
    }

    /// <summary>What waits to be reserved or settled on this replica.</summary>
    public long Waiting => lanes.Sum(lane => lane.QueuedWeight);

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
        foreach (var lane in lanes)
        {
            await lane.DisposeAsync();
        }

        foreach (var lane in changing)
        {
            await lane.DisposeAsync();
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
