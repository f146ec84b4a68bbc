using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>What kind of limit a code names.</summary>
public enum LimitKind
{
    /// <summary>So much in a window of time; what was used stays used until the window ends.</summary>
    Quota,

    /// <summary>So many at the same time: seats, running sessions. What ends frees its place.</summary>
    Gauge,

    /// <summary>On or off.</summary>
    Boolean,

    /// <summary>A list of what is allowed.</summary>
    StringList,

    /// <summary>An entitlement this release does not know, or that is broken: it allows nothing.</summary>
    Invalid,
}

/// <summary>What a caller does when no answer can be had.</summary>
public enum WhenUnavailable
{
    /// <summary>Goes on: losing a count is cheaper than stopping.</summary>
    Allow,

    /// <summary>Stops: what is not known to be allowed is not.</summary>
    Deny,
}

/// <summary>Why something is allowed or not.</summary>
public enum LimitReason
{
    /// <summary>It stays within the limit.</summary>
    WithinLimit,

    /// <summary>There is no limit.</summary>
    Unlimited,

    /// <summary>It goes over a limit that is only observed.</summary>
    OverObservedLimit,

    /// <summary>It goes over a soft limit.</summary>
    OverSoftLimit,

    /// <summary>It goes over the limit and will be paid as overage.</summary>
    Overage,

    /// <summary>It would go over a hard limit, or over the cap of what may be paid beyond it.</summary>
    QuotaExceeded,

    /// <summary>The plan has it switched on.</summary>
    FeatureEnabled,

    /// <summary>The plan has it switched off.</summary>
    FeatureDisabled,

    /// <summary>The plan says nothing of it, or something this release does not understand.</summary>
    NotConfigured,

    /// <summary>It is a list of values, not something that can be counted.</summary>
    NotCountable,

    /// <summary>The organisation's subscription is canceled.</summary>
    SubscriptionCanceled,

    /// <summary>The answer is not available; the fail policy decided.</summary>
    Unavailable,
}

/// <summary>Where an organisation's subscription stands.</summary>
public enum BillingStatus
{
    /// <summary>In its first days, with nothing to pay.</summary>
    Trial,

    /// <summary>In good standing.</summary>
    Active,

    /// <summary>Something is not paid: the plan's limits hold, and nothing beyond them.</summary>
    PastDue,

    /// <summary>Ended: nothing may be used.</summary>
    Canceled,
}

/// <summary>A capability of the product: a code that is asked about, and what its callers do without an answer.</summary>
/// <param name="Code">The limit's code.</param>
/// <param name="WhenUnavailable">The fail policy. Codes nobody declared deny.</param>
public sealed record Capability(string Code, WhenUnavailable WhenUnavailable);

/// <summary>The terms of one limit of an organisation, before overrides and billing state.</summary>
/// <param name="Code">Its stable name: <c>sessions.running</c>.</param>
/// <param name="Kind">What kind of limit.</param>
public sealed record LimitTerms(string Code, LimitKind Kind)
{
    /// <summary>Whether a boolean is on.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>The values of a list.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>How much; null is unlimited, zero is none.</summary>
    public decimal? Limit { get; init; }

    /// <summary>Over which span.</summary>
    public QuotaInterval Interval { get; init; } = QuotaInterval.Month;

    /// <summary>What the limit does.</summary>
    public QuotaEnforcement Enforcement { get; init; } = QuotaEnforcement.Hard;

    /// <summary>What becomes of usage over a hard limit.</summary>
    public OveragePolicy Overage { get; init; }

    /// <summary>How many units beyond the limit may be paid; null is any number. Only with <see cref="OveragePolicy.Allow"/>.</summary>
    public decimal? OverageUnitsMax { get; init; }

    /// <summary>The meters whose usage counts, by key; none where what is recorded here counts.</summary>
    public IReadOnlyList<string> Meters { get; init; } = [];

    /// <summary>Whether events are counted, and not only what is recorded.</summary>
    public bool IsMetered => Meters.Count > 0;

    /// <summary>Which of the meters' usage: that with at least these dimensions.</summary>
    public Dimensions Dimensions { get; init; }

    /// <summary>Whether it allows nothing because the subscription is canceled.</summary>
    public bool IsCanceled { get; init; }

    /// <summary>Whether it counts something that can be asked for in numbers.</summary>
    public bool IsCounted => Kind is LimitKind.Quota or LimitKind.Gauge;

    /// <summary>Beyond which total a request is refused; null refuses none.</summary>
    public decimal? Ceiling => (Enforcement, Overage) switch
    {
        (not QuotaEnforcement.Hard, _) => null,
        (_, OveragePolicy.Pause) => Limit,
        _ => Limit + OverageUnitsMax,
    };
}

/// <summary>What the operator changed for one organisation.</summary>
/// <param name="Code">Which limit.</param>
/// <param name="Limit">The limit in place of the plan's; null leaves the plan's, zero is zero.</param>
/// <param name="Enforcement">The enforcement in place of the plan's; null leaves the plan's.</param>
public sealed record LimitOverride(string Code, decimal? Limit, QuotaEnforcement? Enforcement = null);

/// <summary>An answer about a limit.</summary>
/// <param name="IsAllowed">Whether so much may be used.</param>
/// <param name="Used">How much is used, without what was asked for; after a promise, with it.</param>
/// <param name="Limit">The limit; null where there is none.</param>
/// <param name="ResetsAt">When the window ends; null where it never does.</param>
/// <param name="Reason">Why.</param>
public readonly record struct LimitAnswer(
    bool IsAllowed, decimal Used, decimal? Limit, DateTimeOffset? ResetsAt, LimitReason Reason)
{
    /// <summary>How much is left; null where there is no limit.</summary>
    public decimal? Remaining => Limit is { } limit ? Math.Max(0, limit - Used) : null;
}

/// <summary>A limit as it stands.</summary>
/// <param name="Terms">Its terms, after overrides and billing state.</param>
/// <param name="Window">The window that counts now; null for a gauge and for what is not counted.</param>
/// <param name="Used">How much is used.</param>
public sealed record LimitStanding(LimitTerms Terms, Period? Window, decimal Used)
{
    /// <summary>How much of the limit is used, in percent; null where there is no limit to divide by.</summary>
    public decimal? Percent => Terms.Limit switch
    {
        null => null,
        0 => Used > 0 ? 100 : 0,
        { } limit => Used * 100 / limit,
    };
}
