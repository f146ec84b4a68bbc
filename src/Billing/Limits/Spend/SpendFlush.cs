using Npgsql;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Carries groups of requests out. A group of reservations is one transaction of two round trips: (1) the budgets of all
/// scopes are locked in the order of their keys, then the books; (2) it is decided, one after the other, on budgets and
/// money together; (3) holds, budgets and reservations are written and committed. Keys are the ledger's: a hold's key is
/// taken once, for ever. Everywhere the order of locks is reservations, budgets, books.
/// </summary>
internal sealed class SpendFlush(NpgsqlDataSource database, TimeProvider time, Ledger.Ledger ledger)
{
    /// <summary>Reserves.</summary>
    public async Task Reserve(IReadOnlyList<ReserveWork> works, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var book = new SpendBook();
        LedgerCommand[] holds = [.. works.Select(work => work.Hold(available => book.Reserve(work, available)))];
        var company = new LedgerCompany(
            batch => BudgetRows.LockByScope(batch, works),
            (reader, token) => Read(reader, book, token),
            (batch, outcomes) => Write(batch, works, book, outcomes, now));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ledger.CommitWith(transaction, holds, company, cancellationToken);
    }

    private static async Task Read(NpgsqlDataReader reader, SpendBook book, CancellationToken cancellationToken)
    {
        book.Clear();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            book.Open(BudgetRows.Read(reader));
        }
    }

    private static void Write(
        NpgsqlBatch batch,
        IReadOnlyList<ReserveWork> works,
        SpendBook book,
        IReadOnlyList<object> outcomes,
        DateTimeOffset now)
    {
        var made = new List<(ReserveWork, Kernel.Money, HoldId)>(works.Count);
        foreach (var (work, outcome) in works.Zip(outcomes))
        {
            switch (outcome)
            {
                case HoldOutcome.Held { IsReplay: false } held:
                    var reserved = (SpendOutcome.Reserved)work.Outcome!;
                    work.Outcome = reserved with { Hold = held.Id.ToString() };
                    made.Add((work, reserved.Amount, held.Id));
                    break;
                case HoldOutcome.Held or HoldOutcome.KeyConflict:
                    work.Outcome = new SpendOutcome.KeyTaken();
                    break;
                case HoldOutcome.BalanceOverflow:
                    work.Outcome = new SpendOutcome.InsufficientFunds(Kernel.Money.Zero(work.Request.Most.Currency));
                    break;
            }
        }

        if (made.Count > 0)
        {
            BudgetRows.Write(batch, book.Budgets);
            SpendRows.Insert(batch, [.. made], now);
        }
    }

    /// <summary>Renews and cancels.</summary>
    public async Task Change(IReadOnlyList<SpendChangeWork> works, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changes = await SpendRows.Lock(transaction, [.. works.Select(work => work.Key)], cancellationToken);
        var commands = new List<LedgerCommand>();
        foreach (var work in works)
        {
            work.Outcome = work.Turn == SpendTurn.Cancel
                ? changes.GiveBack(work.Key, SpendState.Canceled, now)
                : changes.Renew(work.Key, now + work.HeldFor, work.Details);
            if (work.Outcome is SpendChange.Done && CommandOf(work, changes.Find(work.Key)!) is { } command)
            {
                commands.Add(command);
            }
        }

        await Commit(transaction, changes, commands, cancellationToken);
    }

    private static LedgerCommand? CommandOf(SpendChangeWork work, SpendReservation reservation)
    {
        if (work.Turn == SpendTurn.Cancel)
        {
            return new ReleaseHold(work.Org, reservation.Hold, work.Now);
        }

        // A hold outlives its holder by far, so it need not be renewed each time.
        if (reservation.HoldExpiresAt - work.Now >= Limits.HoldsKeptFor / 2)
        {
            return null;
        }

        reservation.HoldExpiresAt = work.Now + Limits.HoldsKeptFor;
        return new RenewHold(work.Org, reservation.Hold, work.Now, reservation.HoldExpiresAt);
    }

    /// <summary>Writes what became of reservations, with what the ledger does about their holds, and commits.</summary>
    public async Task Commit(
        NpgsqlTransaction transaction,
        SpendChanges changes,
        IReadOnlyList<LedgerCommand> commands,
        CancellationToken cancellationToken)
    {
        if (commands.Count > 0)
        {
            var company = new LedgerCompany(
                _ => { },
                (_, _) => Task.CompletedTask,
                (batch, _) => Write(batch, changes));
            await ledger.CommitWith(transaction, commands, company, cancellationToken);
            return;
        }

        await using var batch = transaction.Batch();
        Write(batch, changes);

        // The driver sees the transaction end by what the server says, not by who asked for it.
        batch.Sql("commit");
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds the statements that write what became of reservations.</summary>
    public static void Write(NpgsqlBatch batch, SpendChanges changes)
    {
        BudgetRows.Write(batch, changes.Budgets.Budgets);
        SpendRows.Update(batch, changes.Reservations);
    }
}
