using System.Text.Json;
using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>Over which time a quota counts; all in UTC but the billing period, which is the account's own.</summary>
public enum QuotaInterval
{
    /// <summary>The calendar day.</summary>
    Day,

    /// <summary>The week from Monday.</summary>
    Week,

    /// <summary>The calendar month.</summary>
    Month,

    /// <summary>The calendar year.</summary>
    Year,

    /// <summary>The account's billing period.</summary>
    Period,

    /// <summary>No time: what is held at once, such as seats and running sessions.</summary>
    Standing,
}

/// <summary>What happens beyond a quota.</summary>
public enum QuotaEnforcement
{
    /// <summary>Nothing; it is shown.</summary>
    Observe,

    /// <summary>It is told, and goes on.</summary>
    Soft,

    /// <summary>It is refused.</summary>
    Hard,
}

/// <summary>Whether usage beyond a hard quota may go on for money.</summary>
public enum OveragePolicy
{
    /// <summary>No: it pauses until the interval ends.</summary>
    Pause,

    /// <summary>Yes, up to the cap.</summary>
    Allow,
}

/// <summary>What a plan lets an account do.</summary>
/// <param name="Key">Names it, such as <c>llm.tokens</c>; once in a plan.</param>
public abstract record Entitlement(string Key)
{
    /// <summary>Something that is on or off; <c>entitlement.boolean.v1</c>.</summary>
    /// <param name="Key">Names it.</param>
    /// <param name="IsEnabled">Whether it is on.</param>
    public sealed record Switch(string Key, bool IsEnabled) : Entitlement(Key);

    /// <summary>How much of something; <c>entitlement.quota.v1</c> and <c>.v2</c>.</summary>
    /// <param name="Key">Names it.</param>
    /// <param name="Limit">The most in an interval; null is unlimited, zero is none.</param>
    /// <param name="Interval">Over which time.</param>
    /// <param name="Enforcement">What happens beyond it.</param>
    public sealed record Quota(string Key, long? Limit, QuotaInterval Interval, QuotaEnforcement Enforcement)
        : Entitlement(Key)
    {
        /// <summary>The meters whose quantities sum up to what is used; none where something else counts it.</summary>
        public IReadOnlyList<string> Meters { get; init; } = [];

        /// <summary>The dimensions usage must have to count.</summary>
        public Dimensions Match { get; init; }

        /// <summary>Whether usage beyond it may go on for money.</summary>
        public OveragePolicy Overage { get; init; }

        /// <summary>The most such usage may come to in an interval, in micros of the account's currency; null is no cap.</summary>
        public long? OverageCapMicros { get; init; }
    }

    /// <summary>Names that are allowed; <c>entitlement.string_list.v1</c>.</summary>
    /// <param name="Key">Names it.</param>
    /// <param name="Values">Each once, trimmed.</param>
    public sealed record Names(string Key, IReadOnlyList<string> Values) : Entitlement(Key);

    /// <summary>
    /// What was stored has no meaning to this release: it lets nobody do anything. Never written, only found.
    /// </summary>
    /// <param name="Key">Names it.</param>
    /// <param name="SchemaVersion">The schema it claims.</param>
    /// <param name="Reason"><c>unknown_schema_version</c> or <c>invalid_payload</c>.</param>
    public sealed record Invalid(string Key, string SchemaVersion, string Reason) : Entitlement(Key);
}

/// <summary>An entitlement as JSON, by a schema of the registry.</summary>
/// <param name="Key">Names it, such as <c>llm.tokens</c>; once in a plan.</param>
/// <param name="SchemaVersion">
/// <c>entitlement.boolean.v1</c> {enabled}; <c>entitlement.quota.v1</c> {limit, interval, enforcement};
/// <c>entitlement.quota.v2</c> {limit or null, interval, enforcement, meters, match, overage, overage_cap_micros};
/// <c>entitlement.string_list.v1</c> {values}.
/// </param>
/// <param name="Value">The members of that schema and no others.</param>
public sealed record EntitlementDocument(string Key, string SchemaVersion, JsonElement Value);
