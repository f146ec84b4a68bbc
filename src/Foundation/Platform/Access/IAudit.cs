using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>One thing a person or an operator key did, for the audit log.</summary>
/// <param name="Org">The organisation it happened in; null for the platform itself.</param>
/// <param name="Actor">Who: the id of a person or key, or <c>system</c>.</param>
/// <param name="Action">What, as <c>noun.verb</c> in the past sense: <c>key.created</c>.</param>
/// <param name="Subject">The id of what it was done to.</param>
/// <param name="Reason">Why, in the actor's words; null where none is asked.</param>
/// <param name="Before">The state before, as JSON; null for a creation. Never a secret.</param>
/// <param name="After">The state after, as JSON; null for a removal. Never a secret.</param>
public sealed record AuditEntry(
    OrgId? Org,
    string Actor,
    string Action,
    string Subject,
    string? Reason = null,
    string? Before = null,
    string? After = null)
{
    /// <summary>
    /// The operator who acted as the actor; null where they acted themselves. The log fills it in for
    /// requests of an impersonated session, so nobody else has to.
    /// </summary>
    public string? Impersonator { get; init; }
}

/// <summary>Writes the audit log inside the caller's transaction: no act without its record, no record without its act.</summary>
public interface IAudit
{
    /// <summary>Adds an entry; it becomes visible when the caller commits.</summary>
    Task Record(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken);
}
