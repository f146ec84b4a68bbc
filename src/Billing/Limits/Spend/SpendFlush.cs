using Npgsql;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Carries groups of requests out: first what was drawn on allowances (<see cref="DrawFlush"/>), then the rest, from memory
/// where that does (<see cref="RememberedSpending"/>). Else what is over comes
/// first, in a transaction of its own, and a group of reservations is one transaction of two round trips: (1) the budgets of
/// all scopes are locked in the order of their keys, then the books; (2) it is decided, one after the other, on budgets and
/// money together; (3) holds, budgets and reservations are written and committed. Keys are the ledger's: a hold's key is
/// taken once, for ever. Everywhere the order of locks is reservations, budgets, books, journals.
/// </summary>
internal sealed class SpendFlush(
    TimeProvider time,
    Ledger.Ledger ledger,
    SettleSpending settling,
    DrawFlush draws,
    SpendCommit commit)
{
    private readonly BudgetMemory memory = new();

    /// <summary>Settles what is over, and reserves.</summary>
    public async Task Run(
        NpgsqlConnection connection, IReadOnlyList<SpendWork> works, CancellationToken cancellationToken)
    {
        // A group that failed may come again, in parts.
        SpendWork[] drawn = [.. works.Where(work => work is { IsWritten: false, Allowance: not null })];
        if (drawn.Length > 0)
        {
            memory.Forget(drawn.Select(work => work.Org));
            await draws.Run(connection, drawn, cancellationToken);
        }

        EntryWork[] entries = [.. works.OfType<EntryWork>().Where(work => !work.IsWritten)];
        ReserveWork[] reserves = [.. works.OfType<ReserveWork>()];
        if (entries.Length + reserves.Length == 0)
        {
            return;
        }

        if (await RunRemembered(connection, reserves, entries, cancellationToken))
        {
            return;
        }

        if (entries.Length > 0)
        {
            await Settle(connection, entries, cancellationToken);
        }

        if (reserves.Length > 0)
        {
            await Reserve(connection, reserves, cancellationToken);
        }
    }

    private async Task<bool> RunRemembered(
        NpgsqlConnection connection, ReserveWork[] reserves, EntryWork[] entries, CancellationToken cancellationToken)
    {
        var isWritten = false;
        try
        {
            var remembered = new RememberedSpending(memory, reserves, entries, Instant.Now(time));
            isWritten = await remembered.TryRun(connection, ledger, cancellationToken);
            return isWritten;
        }
        finally
        {
            if (isWritten)
            {
                Array.ForEach(entries, work => work.IsWritten = true);
            }
            else
            {
                // They were changed in memory, and not in the database.
                memory.Forget(entries.Select(work => work.Org).Concat(reserves.Select(work => work.Org)));
            }
        }
    }

    private async Task Settle(NpgsqlConnection connection, EntryWork[] entries, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        SpendEntry[] settled = [.. entries.Select(work => work.Entry).Where(entry => entry.Settlement is not null)];
        if (settled.Length > 0)
        {
            var changes = await settling.Within(
                transaction, Array.ConvertAll(settled, entry => entry.Settlement!), cancellationToken);
            foreach (var (entry, change) in settled.Zip(changes))
            {
                entry.Change = change;
            }
        }

        await FindHolds(transaction, entries, cancellationToken);
        await using var batch = transaction.Batch();
        WriteEntries(batch, entries, areFirst: false);

        // The driver sees the transaction end by what the server says, not by who asked for it.
        batch.Sql("commit");
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
        Array.ForEach(entries, work => work.IsWritten = true);
    }

    // Whoever took an allowance over gave what was drawn on it holds that this replica does not know.
    private static async Task FindHolds(
        NpgsqlTransaction transaction, EntryWork[] entries, CancellationToken cancellationToken)
    {
        SpendEntry[] unknown =
            [.. entries.Select(work => work.Entry).Where(entry => entry is { Hold: null, Drawn.OwnHold: null })];
        if (unknown.Length == 0)
        {
            return;
        }

        var holds = await SpendRows.Holds(
            transaction,
            Array.ConvertAll(unknown, entry => new ReservationKey(entry.Org, entry.Drawn!.Request.Key)),
            cancellationToken);
        foreach (var entry in unknown)
        {
            entry.Hold = holds.TryGetValue(new ReservationKey(entry.Org, entry.Drawn!.Request.Key), out var hold)
                ? hold.ToString()
                : null;
        }
    }

    /// <summary>Adds the statements of the journals in which entries are written down.</summary>
    public static void WriteEntries(NpgsqlBatch batch, IReadOnlyList<EntryWork> entries, bool areFirst)
    {
        foreach (var work in entries)
        {
            work.Entry.Hold ??= work.Entry.Drawn?.OwnHold?.ToString();
        }

        foreach (var journal in entries.GroupBy(work => work.Journal, work => work.Entry))
        {
            journal.Key.Write(batch, [.. journal], areFirst);
        }
    }

    private async Task Reserve(
        NpgsqlConnection connection, ReserveWork[] works, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var book = new SpendBook();
        LedgerCommand[] holds = [.. works.Select(work => work.Hold(available => book.Reserve(work, available)))];
        var company = new LedgerCompany(
            batch => BudgetRows.LockByScope(batch, works),
            (reader, token) => Read(reader, book, token),
            (batch, outcomes) =>
            {
                if (WriteReserved(batch, works, outcomes, now))
                {
                    BudgetRows.Write(batch, book.Budgets);
                }
            });
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var outcomes = await ledger.CommitWith(transaction, holds, company, cancellationToken);
        if (outcomes.All(outcome => outcome is HoldOutcome.Held { IsReplay: false }))
        {
            memory.Learn(works.SelectMany(work => work.Scopes.Select(scope => (work.Org, scope))).Distinct(), book.Budgets);
        }
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

    /// <summary>Takes over what the ledger said, and adds the statement that writes what is reserved.</summary>
    /// <returns>Whether anything is.</returns>
    public static bool WriteReserved(
        NpgsqlBatch batch, IReadOnlyList<ReserveWork> works, IReadOnlyList<object> outcomes, DateTimeOffset now)
    {
        var made = new List<(ReserveWork, Kernel.Money, HoldId)>(works.Count);
        foreach (var (work, outcome) in works.Zip(outcomes))
        {
            switch (outcome)
            {
                case HoldOutcome.Held { IsReplay: false } held:
                    var reserved = (SpendOutcome.Reserved)work.Outcome!;
                    work.Outcome = reserved with { Hold = held.Id.ToString(), Ticket = TicketOf(work, reserved.Amount, held.Id) };
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
            SpendRows.Insert(batch, [.. made], now);
        }

        return made.Count > 0;
    }

    private static SpendTicket TicketOf(ReserveWork work, Kernel.Money amount, HoldId hold) => new(
        amount.Micros,
        hold,
        [.. work.Budgets.Select(open => open.Budget.Id.Value)],
        [.. work.Budgets.Select(open => open.WindowStart)]);

    /// <summary>Renews and cancels.</summary>
    public async Task Change(
        NpgsqlConnection connection, IReadOnlyList<SpendChangeWork> works, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
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

        await commit.Run(transaction, changes, commands, null, cancellationToken);
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
}
