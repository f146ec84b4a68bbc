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
/// <param name="Impersonator">The operator who acted as the actor; null where the actor acted themselves.</param>
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
    string? Impersonator,
    string Hash);

/// <summary>Which entries of an audit log.</summary>
/// <param name="Actor">Who did it, or acted as who did it: the whole id, or a person's address.</param>
/// <param name="Action">What: <c>key.created</c>, or <c>key</c> for everything that happens to keys.</param>
/// <param name="Subject">What it was done to: the whole id, or a person's address.</param>
/// <param name="From">Recorded then or later.</param>
/// <param name="To">Recorded before.</param>
/// <param name="Impersonated">Only what an operator did in somebody's stead.</param>
public sealed record AuditSearch(
    string? Actor = null,
    string? Action = null,
    string? Subject = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    bool Impersonated = false);

/// <summary>What somebody or something in an audit log is called.</summary>
/// <param name="Name">A person's name or a key's label; of the operator's people, that they are.</param>
/// <param name="Address">A person's address; null where there is none to show.</param>
public sealed record AuditName(string Name, string? Address);

/// <summary>What recomputing the end of an audit chain found.</summary>
/// <param name="From">The first entry recomputed.</param>
/// <param name="UpTo">The last entry that is as it was written; 0 where there is none.</param>
/// <param name="Head">The chain's last hash in hexadecimal; null where something was changed.</param>
/// <param name="BrokenAt">The first place where something is wrong; null where all is right.</param>
/// <param name="Why">What is wrong there.</param>
public sealed record AuditVerification(long From, long UpTo, string? Head, long? BrokenAt, string? Why);
