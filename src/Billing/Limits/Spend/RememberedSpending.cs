using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// One group of spending decided from memory, and written in one round trip that is its transaction: first what was settled,
/// so that it is free for what is reserved. The statements prove that nothing has moved; where something has, nothing is
/// written.
/// </summary>
/// <param name="memory">What is known of budgets.</param>
/// <param name="reserves">What is to be reserved.</param>
/// <param name="entries">What is over.</param>
/// <param name="now">Now, by the system's clock.</param>
internal sealed class RememberedSpending(
    BudgetMemory memory, IReadOnlyList<ReserveWork> reserves, IReadOnlyList<EntryWork> entries, DateTimeOffset now)
{
    private readonly SpendBook book = new();
    private readonly HashSet<(OrgId Org, SpendScope Scope)> scopes = [];
    private readonly SpendSettlement[] settled =
        [.. entries.Where(work => work.Entry.Settlement is not null).Select(work => work.Entry.Settlement!)];

    private int live;

    /// <summary>Does it; false where memory does not suffice or was wrong: then nothing was written.</summary>
    public async Task<bool> TryRun(NpgsqlConnection connection, Ledger.Ledger ledger, CancellationToken cancellationToken)
    {
        // What somebody else made of a draw only the database knows.
        var isKnown = entries.All(work => work.Entry is not { Hold: null, Drawn.OwnHold: null });
        if (!isKnown || !TryOpen() || !TrySettle())
        {
            return false;
        }

        return reserves.Count == 0
            ? await Write(connection, cancellationToken)
            : await WriteWithBooks(connection, ledger, cancellationToken);
    }

    private bool TryOpen()
    {
        foreach (var work in reserves)
        {
            var known = memory.Of(work.Org);
            foreach (var scope in work.Scopes)
            {
                if (!scopes.Add((work.Org, scope)))
                {
                    continue;
                }

                if (known?.Of(scope) is not { } budgets)
                {
                    return false;
                }

                live += budgets.Length;
                Array.ForEach(budgets, book.Open);
            }
        }

        return Array.TrueForAll(settled, TryOpen) && settled.DistinctBy(one => (one.Org, one.Key)).Count() == settled.Length;
    }

    private bool TryOpen(SpendSettlement settlement)
    {
        if (settlement.Ticket is not { } ticket)
        {
            return false;
        }

        var known = memory.Of(settlement.Org);
        foreach (var budget in ticket.BudgetIds)
        {
            if (known?.Find(budget) is not { } open)
            {
                return false;
            }

            book.Open(open);
        }

        return true;
    }

    // A threshold is told through the outbox, once in a window: that is not worth remembering.
    private bool TrySettle()
    {
        foreach (var settlement in settled)
        {
            var (ticket, quoted) = (settlement.Ticket!, SpendInput.Quoted(settlement.QuotedMicros));
            for (var index = 0; index < ticket.BudgetIds.Length; index++)
            {
                var open = book.Find(settlement.Org, ticket.BudgetIds[index])!;
                open.GiveBack(ticket.WindowStarts[index], ticket.AmountMicros);
                open.Spend(ticket.WindowStarts[index], quoted);
            }
        }

        return settled.Length == 0 || book.Budgets.All(open => open.TakeReached().Count == 0);
    }

    private async Task<bool> Write(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = connection.Batch();
        batch.ProbeIndexes();
        WriteBefore(batch);
        WriteEntries(batch);
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException miss) when (
            miss.SqlState is PostgresErrorCodes.IntegrityConstraintViolation or PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }

        MarkWritten();
        return true;
    }

    private async Task<bool> WriteWithBooks(
        NpgsqlConnection connection, Ledger.Ledger ledger, CancellationToken cancellationToken)
    {
        LedgerCommand[] holds = [.. reserves.Select(work => work.Hold(available => book.Reserve(work, available)))];
        var company = new RememberedCompany(
            WriteBefore,
            outcomes => outcomes.All(outcome => outcome is HoldOutcome.Held { IsReplay: false }),
            (batch, outcomes) =>
            {
                SpendFlush.WriteReserved(batch, reserves, outcomes, now);
                WriteEntries(batch);
            });
        if (await ledger.TryCommitRemembered(connection, holds, company, cancellationToken) is null)
        {
            return false;
        }

        MarkWritten();
        return true;
    }

    private void WriteBefore(NpgsqlBatch batch)
    {
        if (settled.Length > 0)
        {
            SpendRows.SettleRemembered(batch, settled, now);
        }

        BudgetRows.WriteRemembered(batch, book.Budgets, scopes, live);
    }

    private void WriteEntries(NpgsqlBatch batch)
    {
        foreach (var work in entries)
        {
            work.Entry.Change = work.Entry.Settlement is null ? null : new SpendChange.Done();
        }

        SpendFlush.WriteEntries(batch, entries, areFirst: true);
    }

    private void MarkWritten()
    {
        foreach (var open in book.Budgets)
        {
            open.MarkWritten();
        }
    }
}
