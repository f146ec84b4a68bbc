using System.Collections.Frozen;
using Npgsql;
using Quoin.Kernel;
using Quoin.Limiting.Internal;
using Quoin.Platform;

namespace Quoin.Limiting;

/// <summary>
/// The door to limits: may this be used? <see cref="Check(OrgId, string, decimal, CancellationToken)"/> is advice, at
/// most a second old and never waiting for others; <see cref="CheckAndRecord"/> is the promise: counted durably, and
/// never one unit over on any number of replicas.
/// </summary>
public sealed class Quotas : IAsyncDisposable
{
    private readonly LimitsCache cache;
    private readonly LimitsReader reader;
    private readonly GroupCommit<LimitWork>[] lanes;
    private readonly FrozenDictionary<string, Capability> capabilities;

    internal Quotas(
        LimitsCache cache,
        LimitsReader reader,
        NpgsqlDataSource database,
        LimitFlush flush,
        IEnumerable<Capability> capabilities)
    {
        (this.cache, this.reader) = (cache, reader);
        this.capabilities = capabilities.ToFrozenDictionary(one => one.Code, StringComparer.Ordinal);
        var options = new GroupCommitOptions(
            Writers: 1, Limits.WorksPerFlushMax, Limits.WorksQueuedMax, FurtherWriterWeight: int.MaxValue);
        lanes = [.. Enumerable.Range(0, Limits.Lanes).Select(_ => new GroupCommit<LimitWork>(options, database, flush.Run))];
    }

    /// <summary>Whether so much more may be used: advice, from memory where it is less than a second old.</summary>
    /// <param name="org">Whose limit.</param>
    /// <param name="code">Which limit. One the plan does not know allows nothing.</param>
    /// <param name="amount">How much is wanted; zero asks whether anything is over the limit already.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<LimitAnswer> Check(OrgId org, string code, decimal amount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, Limits.AmountMax);
        return cache.Fresh(org) is { } limits
            ? new ValueTask<LimitAnswer>(limits.Answer(code, amount))
            : CheckAnew(org, code, amount, null, cancellationToken);
    }

    /// <summary>As the other, with a fail policy of the caller's own.</summary>
    /// <param name="org">Whose limit.</param>
    /// <param name="code">Which limit.</param>
    /// <param name="amount">How much is wanted.</param>
    /// <param name="policy">What to answer when no answer can be had.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<LimitAnswer> Check(
        OrgId org, string code, decimal amount, WhenUnavailable policy, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, Limits.AmountMax);
        return cache.Fresh(org) is { } limits
            ? new ValueTask<LimitAnswer>(limits.Answer(code, amount))
            : CheckAnew(org, code, amount, policy, cancellationToken);
    }

    /// <summary>
    /// Counts an amount, if the limit allows it: when this returns it is durable, and counts for every replica. The same
    /// key counts once and gets the same answer again.
    /// </summary>
    /// <param name="org">Whose limit.</param>
    /// <param name="code">Which limit; changed terms are seen within a second.</param>
    /// <param name="amount">How much; positive.</param>
    /// <param name="key">The natural key of what is about to happen.</param>
    /// <param name="heldFor">
    /// How long it counts unless it is confirmed, renewed or released: who dies gives it back. Null counts for good,
    /// except on a metered limit, where <see cref="Limits.HeldUsually"/> is held until the usage has come as events.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; it may be counted all the same, and the key makes repeating safe.</param>
    public async ValueTask<RecordOutcome> CheckAndRecord(
        OrgId org, string code, decimal amount, string key, TimeSpan? heldFor, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(amount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, Limits.AmountMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount.Scale, Limits.AmountScaleMax, nameof(amount));
        RequireKey(key);
        RequireHeldFor(heldFor);
        try
        {
            var limits = cache.Fresh(org) ?? await cache.Find(org, cancellationToken);
            if (limits?.Find(code) is not { Terms.IsCounted: true } standing)
            {
                return new RecordOutcome.Refused(
                    limits?.Answer(code, amount) ?? new LimitAnswer(false, 0, null, null, LimitReason.NotConfigured));
            }

            var work = new RecordWork(
                org,
                key,
                amount,
                standing.Terms,
                standing.Window ?? LimitWindows.Standing,
                heldFor ?? (standing.Terms.IsMetered ? Limits.HeldUsually : null));
            return await LaneOf(org).Run(work, cancellationToken) ? work.Outcome : Unavailable(code);
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            return Unavailable(code);
        }
    }

    /// <summary>
    /// Gives back what was counted under a key: what it was for failed or ended. Repeating it changes nothing.
    /// </summary>
    public ValueTask<ReservationOutcome> Release(OrgId org, string key, CancellationToken cancellationToken) =>
        Change(new ChangeWork(org, RequireKey(key), ReservationChange.Release, null), cancellationToken);

    /// <summary>
    /// Says that what was counted under a key did happen: it counts for good. On a metered limit it is given back, as
    /// its usage has been counted by the meter; so confirm after the event was accepted.
    /// </summary>
    public ValueTask<ReservationOutcome> Confirm(OrgId org, string key, CancellationToken cancellationToken) =>
        Change(new ChangeWork(org, RequireKey(key), ReservationChange.Confirm, null), cancellationToken);

    /// <summary>Says that the holder of a key lives: it counts for so long from now, and no shorter than before.</summary>
    public ValueTask<ReservationOutcome> Renew(OrgId org, string key, TimeSpan heldFor, CancellationToken cancellationToken)
    {
        RequireHeldFor(heldFor);
        return Change(new ChangeWork(org, RequireKey(key), ReservationChange.Renew, heldFor), cancellationToken);
    }

    /// <summary>All limits of an organisation as they stand now, from the database; null where there is no such one.</summary>
    public async Task<BillingSummary?> Summary(OrgId org, CancellationToken cancellationToken) =>
        await reader.Read(org, cancellationToken) is { } limits
            ? new BillingSummary(
                limits.State with { Status = limits.Status },
                limits.Plan,
                limits.State.TrialDaysLeft(limits.Now),
                [.. limits.Standings],
                limits.Overrides)
            : null;

    /// <summary>Gives back what has expired on some counters.</summary>
    internal async Task Sweep(IReadOnlyList<CounterKey> counters, CancellationToken cancellationToken) =>
        await Task.WhenAll(counters.Select(one => LaneOf(one.Org).Run(new SweepWork(one), cancellationToken).AsTask()));

    /// <summary>Reads an organisation's limits anew next time.</summary>
    internal void Forget(OrgId org) => cache.Forget(org);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in lanes)
        {
            await lane.DisposeAsync();
        }
    }

    private async ValueTask<LimitAnswer> CheckAnew(
        OrgId org, string code, decimal amount, WhenUnavailable? policy, CancellationToken cancellationToken)
    {
        try
        {
            return (await cache.Find(org, cancellationToken))?.Answer(code, amount)
                ?? new LimitAnswer(false, 0, null, null, LimitReason.NotConfigured);
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            var isAllowed = (policy ?? PolicyOf(code)) == WhenUnavailable.Allow;
            return new LimitAnswer(isAllowed, 0, null, null, LimitReason.Unavailable);
        }
    }

    private async ValueTask<ReservationOutcome> Change(ChangeWork work, CancellationToken cancellationToken)
    {
        try
        {
            return await LaneOf(work.Org).Run(work, cancellationToken) ? work.Outcome : new ReservationOutcome.Unavailable();
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            return new ReservationOutcome.Unavailable();
        }
    }

    private GroupCommit<LimitWork> LaneOf(OrgId org) => lanes[OrgShard.Of(org, lanes.Length)];

    private RecordOutcome.Unavailable Unavailable(string code) => new(PolicyOf(code) == WhenUnavailable.Allow);

    private WhenUnavailable PolicyOf(string code) =>
        capabilities.TryGetValue(code, out var known) ? known.WhenUnavailable : WhenUnavailable.Deny;

    // The database is away, or so slow that a gate cannot wait for it. Anything else is a bug and is thrown.
    internal static bool IsUnavailable(Exception failure) =>
        failure is TimeoutException or NpgsqlException { IsTransient: true }
        || (failure is NpgsqlException and not PostgresException)
        || TransientFailure.Is(failure);

    private static string RequireKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, Limits.KeyLettersMax, nameof(key));
        return key;
    }

    private static void RequireHeldFor(TimeSpan? heldFor)
    {
        if (heldFor is { } span)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(span, Limits.HeldShortest, nameof(heldFor));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(span, Limits.HeldLongest, nameof(heldFor));
        }
    }
}

/// <summary>What an organisation is on and how far it has used it.</summary>
/// <param name="State">Where its subscription stands now.</param>
/// <param name="Plan">Its plan.</param>
/// <param name="TrialDaysLeft">Days of the trial that are left, begun ones whole.</param>
/// <param name="Limits">Its limits, by code.</param>
/// <param name="Overrides">What the operator changed.</param>
public sealed record BillingSummary(
    BillingState State,
    PlanTerms Plan,
    int TrialDaysLeft,
    IReadOnlyList<LimitStanding> Limits,
    IReadOnlyList<LimitOverride> Overrides);
