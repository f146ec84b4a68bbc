using System.Text.Json;

namespace Quoin.Accounts;

/// <summary>One entry of the audit log, as the API shows it.</summary>
/// <param name="Sequence">Its place in its chain, from 1, without gaps.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Actor">Who: the id of a person or key, or <c>system</c>.</param>
/// <param name="Action">What: <c>key.created</c>.</param>
/// <param name="Subject">The id of what it was done to.</param>
/// <param name="Reason">Why, in the actor's words.</param>
/// <param name="Before">The state before; null for a creation.</param>
/// <param name="After">The state after; null for a removal.</param>
/// <param name="Hash">The chain's hash up to here, in hexadecimal.</param>
public sealed record AuditRecord(
    long Sequence,
    DateTimeOffset RecordedAt,
    string Actor,
    string Action,
    string Subject,
    string? Reason,
    JsonElement? Before,
    JsonElement? After,
    string Hash);
