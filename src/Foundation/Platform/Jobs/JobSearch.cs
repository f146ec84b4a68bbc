using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Which jobs about organisations are looked for; what is done leaves no row.</summary>
/// <param name="NamePrefix">What their names begin with: a module's.</param>
/// <param name="Org">Of this organisation; null of all.</param>
public sealed record JobSearch(string NamePrefix, OrgId? Org)
{
    /// <summary>Only this job.</summary>
    public long? Id { get; init; }

    /// <summary>Only of this name.</summary>
    public string? Name { get; init; }

    /// <summary>Only <c>waiting</c>, <c>running</c> or <c>dead</c>.</summary>
    public string? State { get; init; }

    /// <summary>Only those whose unique key or correlation id is one of these.</summary>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>Only those asked for at this instant or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those asked for before this instant.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only those before this place: the millisecond they were asked for, and their number.</summary>
    public (DateTimeOffset At, long Number)? Before { get; init; }
}

/// <summary>A job as it stands in the queue.</summary>
/// <param name="JobId">Its number.</param>
/// <param name="Name">What kind.</param>
/// <param name="Org">The organisation it is about.</param>
/// <param name="State"><c>waiting</c>, <c>running</c> or <c>dead</c>.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastError">How the last attempt ended.</param>
/// <param name="UniqueKey">Names the work.</param>
/// <param name="CorrelationId">Of what caused it.</param>
/// <param name="EnqueuedAt">When it was asked for.</param>
public sealed record QueuedJob(
    long JobId,
    string Name,
    OrgId? Org,
    string State,
    int Attempts,
    string? LastError,
    string? UniqueKey,
    string? CorrelationId,
    DateTimeOffset EnqueuedAt);
