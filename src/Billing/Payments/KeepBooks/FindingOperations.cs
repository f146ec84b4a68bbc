using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepBooks;

/// <summary>What operators do about findings: they say what was done, once.</summary>
internal sealed class FindingOperations(NpgsqlDataSource database, IAudit audit, TimeProvider time)
{
    /// <summary>Resolves a finding.</summary>
    /// <returns>Null when the organisation has no open finding of this id.</returns>
    public async Task<FindingAnswer?> Resolve(
        OrgId org, FindingId id, string resolution, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Findings.Resolve(transaction, org, id, Instant.Now(time), actor, resolution, cancellationToken)
            is not { } resolved)
        {
            return null;
        }

        await audit.Record(
            transaction,
            new AuditEntry(org, actor, "payment_finding.resolved", resolved.Id.ToString(), resolution),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return FindingAnswer.Of(resolved);
    }
}
