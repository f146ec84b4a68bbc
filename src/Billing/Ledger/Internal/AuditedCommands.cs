using Npgsql;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Carries out what an operator asks for, with its audit rows in the same transaction.</summary>
internal sealed class AuditedCommands(NpgsqlDataSource database, Ledger ledger, IAudit audit)
{
    /// <summary>Carries one command out.</summary>
    /// <param name="command">What to do.</param>
    /// <param name="audited">What to record of how it ended. None means that nothing was changed.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public async Task<TOutcome> Run<TOutcome>(
        LedgerCommand<TOutcome> command,
        Func<TOutcome, IEnumerable<AuditEntry>> audited,
        CancellationToken cancellationToken)
        where TOutcome : class
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var outcome = await ledger.RunWithin(transaction, command, cancellationToken);
        AuditEntry[] entries = [.. audited(outcome)];
        if (entries.Length == 0)
        {
            return outcome;
        }

        foreach (var entry in entries)
        {
            await audit.Record(transaction, entry, cancellationToken);
        }

        await transaction.CommitAsync(CancellationToken.None);
        return outcome;
    }
}
