using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Writes what becomes of draws, a group at once: (1) the allowances are locked, then their budgets; (2) what the settled
/// ones came to becomes one hold, taken out of the allowance's, which their usage names; who lives on for long gets a
/// reservation and a hold of its own; what is free of an allowance nobody draws on any more is given back; the draws' rows
/// go. Money moves only between what is reserved and what is given back or spent; nothing new is reserved here.
/// </summary>
internal sealed class DrawFlush(
    TimeProvider time, IdSource ids, SettleSpending settling, SpendCommit commit)
{
    /// <summary>Writes draws down before they are used.</summary>
    public async Task Draw(
        NpgsqlConnection connection, IReadOnlyList<DrawWork> works, CancellationToken cancellationToken)
    {
        await using var command = DrawRows.Insert(connection, [.. works.Select(work => work.Draw)], Instant.Now(time));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Writes what became of draws and closes allowances. Work about an allowance that somebody has taken over is left to be
    /// done as for any reservation.
    /// </summary>
    public async Task Run(NpgsqlConnection connection, IReadOnlyList<SpendWork> works, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        ReservationKey[] keys = [.. works.Select(work => KeyOf(work.Allowance!)).Distinct()];
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changes = await SpendRows.Lock(transaction, keys, cancellationToken);
        var turns = works.GroupBy(work => work.Allowance!).Select(group => new AllowanceTurn(group.Key, [.. group])).ToList();
        foreach (var turn in turns.FindAll(turn => !turn.TryBegin(changes.Find(KeyOf(turn.Allowance)))))
        {
            turn.LeaveToOthers();
            turns.Remove(turn);
        }

        if (turns.Count == 0)
        {
            return;
        }

        turns.ForEach(turn => turn.Count(changes, now));
        await settling.Tell(transaction, changes.Budgets.Budgets, now, cancellationToken);
        LedgerCommand[] commands = [.. turns.SelectMany(turn => turn.Commands(ids))];
        try
        {
            await commit.Run(
                transaction, changes, commands, (batch, outcomes) => Write(batch, turns, outcomes, now), CancellationToken.None);
        }
        catch
        {
            // The connection may have been lost after the commit: the next flush finds out.
            turns.ForEach(turn => turn.MarkUnsure());
            throw;
        }

        turns.ForEach(turn => turn.MarkWritten());
    }

    private static void Write(
        NpgsqlBatch batch, List<AllowanceTurn> turns, IReadOnlyList<object> outcomes, DateTimeOffset now)
    {
        var next = 0;
        var detached = new List<DetachedDraw>();
        turns.ForEach(turn => next = turn.Hear(outcomes, next, now, detached));
        DrawRows.Delete(batch, [.. turns.SelectMany(turn => turn.Draws)]);
        if (detached.Count > 0)
        {
            DrawRows.Detach(batch, detached);
        }

        EntryWork[] entries = [.. turns.SelectMany(turn => turn.Entries)];
        SpendFlush.WriteEntries(batch, entries, areFirst: false);
    }

    private static ReservationKey KeyOf(Allowance allowance) => new(allowance.Org, allowance.Key);
}

/// <summary>What one flush does about one allowance.</summary>
internal sealed class AllowanceTurn(Allowance allowance, SpendWork[] given)
{
    private readonly List<(Draw Draw, TimeSpan HeldFor, string? Details)> detached = [];
    private readonly List<EntryWork> settled = [];
    private SpendWork[] works = given;
    private SpendReservation? stored;
    private long takenMicros;
    private long detachedMicros;
    private long freeMicros;
    private bool ends;

    public Allowance Allowance => allowance;

    /// <summary>What is to be written down.</summary>
    public IEnumerable<EntryWork> Entries => works.OfType<EntryWork>();

    /// <summary>The draws that end.</summary>
    public IEnumerable<Draw> Draws => works.Select(DrawOf).OfType<Draw>();

    private DateTimeOffset At => Draws.Select(draw => draw.At).DefaultIfEmpty(stored!.HoldExpiresAt - Limits.HoldsKeptFor).Max();

    /// <summary>Reckons up what is taken; false where the database says that somebody else has been at it.</summary>
    public bool TryBegin(SpendReservation? found)
    {
        if (found is not { State: SpendState.Held })
        {
            return false;
        }

        LeaveToOthers(allowance.Learn(found.Amount.Micros));
        foreach (var work in works)
        {
            switch (work)
            {
                case EntryWork { Entry: { Settlement: not null } } entry:
                    settled.Add(entry);
                    break;
                case EntryWork { Entry: { Draw: { } kept } }:
                    detached.Add((kept, kept.Request.HeldFor, kept.Request.Details));
                    break;
                case DetachWork lives:
                    detached.Add((lives.Draw, lives.HeldFor, lives.Details));
                    break;
            }
        }

        takenMicros = Draws.Sum(draw => draw.TakenMicros!.Value);
        detachedMicros = detached.Sum(one => one.Draw.Micros);
        if (allowance.Give(found.Amount.Micros, takenMicros) is not var (free, isEnd))
        {
            return false;
        }

        (stored, freeMicros, ends) = (found, free, isEnd);
        return true;
    }

    /// <summary>Lets all of it be done as for any reservation: whoever took the allowance over made reservations of draws.</summary>
    public void LeaveToOthers()
    {
        allowance.Abandon();
        foreach (var draw in Draws)
        {
            draw.IsDetached = true;
        }

        foreach (var work in works)
        {
            work.IsWritten = work is not EntryWork;
        }
    }

    // Draws that were written by a flush nobody was sure of are over, and so is what that flush settled; who was settled since is
    // settled as any reservation.
    private void LeaveToOthers(IReadOnlySet<Draw> over)
    {
        foreach (var work in works.Where(IsOver))
        {
            work.IsWritten = work is not EntryWork { Entry.Change: not SpendChange.Done };
        }

        works = [.. works.Where(work => !IsOver(work))];

        bool IsOver(SpendWork work) => DrawOf(work) is { } draw && over.Contains(draw);
    }

    /// <summary>Counts it in the budgets, and in the reservation.</summary>
    public void Count(SpendChanges changes, DateTimeOffset now)
    {
        changes.GiveBackPart(stored!, takenMicros - detachedMicros + freeMicros);
        foreach (var work in settled)
        {
            changes.Spend(stored!, SpendInput.Quoted(work.Entry.Settlement!.QuotedMicros));
        }

        if (ends)
        {
            SpendChanges.End(stored!, SpendState.Canceled, now);
        }
        else if (takenMicros + freeMicros > 0)
        {
            SpendChanges.Shrink(stored!, takenMicros + freeMicros);
        }
    }

    /// <summary>What the ledger does about its hold.</summary>
    public IEnumerable<LedgerCommand> Commands(IdSource ids)
    {
        var expiresAt = At + Limits.HoldsKeptFor;
        if (takenMicros > detachedMicros)
        {
            yield return new SplitHold(
                allowance.Org,
                allowance.Hold,
                $"{Limits.SettledHoldKeyPrefix}{ids.Next():n}",
                Money(takenMicros - detachedMicros),
                At,
                expiresAt,
                stored!.Reference);
        }

        foreach (var (draw, _, _) in detached)
        {
            yield return Split(allowance.Org, allowance.Hold, draw.Request.Key, Money(draw.Micros), At, draw.Request.Reference);
        }

        if (ends || freeMicros > 0)
        {
            yield return new ReleaseHold(allowance.Org, allowance.Hold, At) { Part = ends ? null : Money(freeMicros) };
        }
    }

    /// <summary>The command that gives a draw a hold of its own, as if it had been reserved by itself.</summary>
    public static SplitHold Split(
        OrgId org, HoldId from, string key, Money amount, DateTimeOffset at, string reference) =>
        new(org, from, Limits.HoldKeyPrefix + key, amount, at, at + Limits.HoldsKeptFor, reference);

    /// <summary>Takes over what the ledger said.</summary>
    /// <returns>Where the outcomes of the next one begin.</returns>
    public int Hear(IReadOnlyList<object> outcomes, int next, DateTimeOffset now, List<DetachedDraw> reserved)
    {
        if (takenMicros > detachedMicros)
        {
            var hold = HoldOf(outcomes[next++], allowance.Hold).ToString();
            foreach (var work in settled)
            {
                work.Entry.Hold = hold;
            }
        }

        var key = new ReservationKey(allowance.Org, allowance.Key);
        foreach (var (draw, heldFor, details) in detached)
        {
            var hold = HoldOf(outcomes[next++], allowance.Hold);
            var row = new StoredDraw(draw.Request.Key, draw.Micros, draw.Request.Reference, details, draw.At, now);
            reserved.Add(new DetachedDraw(key, row, hold, now + heldFor, At + Limits.HoldsKeptFor));
            draw.OwnHold = hold;
            foreach (var work in Entries.Where(work => work.Entry.Draw == draw))
            {
                work.Entry.Hold = hold.ToString();
            }
        }

        foreach (var work in settled)
        {
            work.Entry.Change = new SpendChange.Done();
        }

        return ends || freeMicros > 0 ? next + 1 : next;
    }

    /// <summary>
    /// The hold that was made of a part of another one; that one where it was ended by somebody, as by an operator, so that
    /// nothing is held any more.
    /// </summary>
    public static HoldId HoldOf(object outcome, HoldId from) => outcome is SplitOutcome.Made made ? made.Id : from;

    /// <summary>Whether it is durable is not known.</summary>
    public void MarkUnsure() => allowance.Unsure(freeMicros, Draws);

    /// <summary>It is durable.</summary>
    public void MarkWritten()
    {
        allowance.Wrote(takenMicros, freeMicros, ends);
        foreach (var draw in Draws.ToArray())
        {
            draw.IsDetached = true;
        }

        Array.ForEach(works, work => work.IsWritten = true);
    }

    private Money Money(long micros) => new(micros, allowance.Currency);

    private static Draw? DrawOf(SpendWork work) => work switch
    {
        EntryWork entry => entry.Entry.Draw,
        EndDrawWork end => end.Draw,
        DetachWork detach => detach.Draw,
        _ => null,
    };
}
