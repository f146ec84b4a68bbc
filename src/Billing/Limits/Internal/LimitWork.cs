using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>One counter: a limit's total in one window.</summary>
/// <param name="Org">Whose.</param>
/// <param name="Code">Which limit.</param>
/// <param name="WindowStart">Which window.</param>
internal readonly record struct CounterKey(OrgId Org, string Code, DateTimeOffset WindowStart);

/// <summary>The key of a promise.</summary>
/// <param name="Org">Whose.</param>
/// <param name="Key">The caller's key.</param>
internal readonly record struct ReservationKey(OrgId Org, string Key);

/// <summary>A piece of work on counters, gathered with others'.</summary>
internal abstract class LimitWork(OrgId org) : IGroupWork
{
    public OrgId Org => org;

    public int Weight => 1;
}

/// <summary>Count an amount under a key.</summary>
internal sealed class RecordWork(
    OrgId org, string key, decimal amount, LimitTerms terms, Period window, TimeSpan? heldFor) : LimitWork(org)
{
    public ReservationKey Key { get; } = new(org, key);

    public CounterKey Counter { get; } = new(org, terms.Code, window.Start);

    public decimal Amount => amount;

    public LimitTerms Terms => terms;

    public Period Window => window;

    public DateTimeOffset? ResetsAt => terms.Interval == QuotaInterval.Standing ? null : window.End;

    /// <summary>How long it is held unless confirmed or renewed; null where it stays at once.</summary>
    public TimeSpan? HeldFor => heldFor;

    public RecordOutcome Outcome { get; set; } = null!;
}

/// <summary>How a promise is to stand from now on.</summary>
internal enum ReservationChange
{
    Release,
    Confirm,
    Renew,
}

/// <summary>Change what was promised under a key.</summary>
internal sealed class ChangeWork(OrgId org, string key, ReservationChange change, TimeSpan? heldFor) : LimitWork(org)
{
    public ReservationKey Key { get; } = new(org, key);

    public ReservationChange Change => change;

    public TimeSpan? HeldFor => heldFor;

    public ReservationOutcome Outcome { get; set; } = null!;
}

/// <summary>Give back what has expired on a counter.</summary>
internal sealed class SweepWork(CounterKey counter) : LimitWork(counter.Org)
{
    public CounterKey Counter => counter;
}

/// <summary>A promise as it is or will be stored.</summary>
internal sealed record Reservation(
    ReservationKey Key,
    CounterKey Counter,
    decimal Amount,
    decimal UsedAfter,
    bool IsMetered,
    ReservationState State,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset RecordedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset? KeepUntil)
{
    public bool IsCounted => State is ReservationState.Held or ReservationState.Recorded;
}
