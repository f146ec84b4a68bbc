using Npgsql;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Writes what became of reservations, with what the ledger does about their holds, and commits.</summary>
internal sealed class SpendCommit(Ledger.Ledger ledger)
{
    /// <summary>Does it.</summary>
    /// <param name="transaction">In which the reservations are locked.</param>
    /// <param name="changes">What became of them.</param>
    /// <param name="commands">What the ledger does.</param>
    /// <param name="others">Adds what else is written, given one outcome for each command, in order.</param>
    /// <param name="cancellationToken">Stops it before anything is committed.</param>
    public async Task Run(
        NpgsqlTransaction transaction,
        SpendChanges changes,
        IReadOnlyList<LedgerCommand> commands,
        Action<NpgsqlBatch, IReadOnlyList<object>>? others,
        CancellationToken cancellationToken)
    {
        if (commands.Count > 0)
        {
            var company = new LedgerCompany(_ => { }, (_, _) => Task.CompletedTask, WriteAll);
            await ledger.CommitWith(transaction, commands, company, cancellationToken);
            return;
        }

        await using var batch = transaction.Batch();
        WriteAll(batch, []);

        // The driver sees the transaction end by what the server says, not by who asked for it.
        batch.Sql("commit");
        await batch.ExecuteNonQueryAsync(cancellationToken);

        void WriteAll(NpgsqlBatch written, IReadOnlyList<object> outcomes)
        {
            Write(written, changes);
            others?.Invoke(written, outcomes);
        }
    }

    /// <summary>Adds the statements that write what became of reservations.</summary>
    public static void Write(NpgsqlBatch batch, SpendChanges changes)
    {
        BudgetRows.Write(batch, changes.Budgets.Budgets);
        SpendRows.Update(batch, changes.Reservations);
    }
}
