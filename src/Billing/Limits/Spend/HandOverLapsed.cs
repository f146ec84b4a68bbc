using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Finds reservations nobody renewed and hands them over, in one transaction with what becomes of them: each once, on any
/// number of replicas. What was in review for too long is given back.
/// </summary>
internal sealed class HandOverLapsed(
    NpgsqlDataSource database, TimeProvider time, OrganisationClock clock, SpendCommit commit, SettleSpending settling, Jobs jobs)
{
    private static readonly LapseVerdict GivenBack = new LapseVerdict.GiveBack();

    /// <summary>Takes a number of them on.</summary>
    /// <param name="taking">Whoever reserved; null where nobody wants to hear.</param>
    /// <param name="cancellationToken">Stops it before anything is committed.</param>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> Run(ISpendLapse? taking, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changes = await SpendRows.LockLapsed(transaction, now, Limits.LapsedAtOnce, cancellationToken);
        if (changes.Reservations.Count == 0)
        {
            return false;
        }

        var verdicts = await Verdicts(transaction, taking, changes.Reservations, cancellationToken);
        var commands = new List<LedgerCommand>();
        var detached = new List<(int Command, SpendReservation Allowance, StoredDraw Draw)>();
        foreach (var reservation in changes.Reservations)
        {
            var at = await clock.Now(reservation.Key.Org, cancellationToken);
            if (IsAllowance(reservation))
            {
                var draws = await DrawRows.TakeOf(transaction, reservation.Key, cancellationToken);
                TakeOver(changes, reservation, draws, now);
                detached.AddRange(draws.Select((draw, index) => (commands.Count + index, reservation, draw)));
                commands.AddRange(Commands(reservation, draws, at));
                continue;
            }

            var verdict = verdicts.GetValueOrDefault(reservation.Key, GivenBack);
            if (Carry(changes, reservation, verdict, now, at) is { } command)
            {
                commands.Add(command);
            }
        }

        var isTold = await settling.Tell(transaction, changes.Budgets.Budgets, now, cancellationToken);
        await commit.Run(
            transaction,
            changes,
            commands,
            (batch, outcomes) => WriteDetached(batch, detached, outcomes, now),
            cancellationToken);
        if (isTold)
        {
            jobs.Hint();
        }

        return changes.Reservations.Count == Limits.LapsedAtOnce || detached.Count > 0;
    }

    private static bool IsAllowance(SpendReservation reservation) =>
        reservation.Key.Key.StartsWith(Limits.AllowanceKeyPrefix, StringComparison.Ordinal);

    // What is drawn on it becomes reservations that lapse now: whoever drew is asked about each at the next look.
    private static void TakeOver(
        SpendChanges changes, SpendReservation allowance, IReadOnlyList<StoredDraw> draws, DateTimeOffset now)
    {
        var drawn = draws.Sum(draw => draw.AmountMicros);
        if (draws.Count == Limits.DrawsAtOnce && drawn < allowance.Amount.Micros)
        {
            SpendChanges.Shrink(allowance, drawn);
            return;
        }

        changes.GiveBackPart(allowance, allowance.Amount.Micros - drawn);
        SpendChanges.End(allowance, SpendState.Lapsed, now);
    }

    private static IEnumerable<LedgerCommand> Commands(
        SpendReservation allowance, IReadOnlyList<StoredDraw> draws, DateTimeOffset at)
    {
        var (org, hold) = (allowance.Key.Org, allowance.Hold);
        foreach (var draw in draws)
        {
            var amount = allowance.Amount with { Micros = draw.AmountMicros };
            yield return AllowanceTurn.Split(org, hold, draw.Key, amount, at, draw.Reference);
        }

        if (!allowance.IsOpen)
        {
            yield return new ReleaseHold(org, hold, at);
        }
    }

    private static void WriteDetached(
        NpgsqlBatch batch,
        List<(int Command, SpendReservation Allowance, StoredDraw Draw)> detached,
        IReadOnlyList<object> outcomes,
        DateTimeOffset now)
    {
        if (detached.Count > 0)
        {
            DrawRows.Detach(batch, detached.ConvertAll(one => new DetachedDraw(
                one.Allowance.Key,
                one.Draw,
                AllowanceTurn.HoldOf(outcomes[one.Command], one.Allowance.Hold),
                now,
                one.Draw.DrawnAt + Limits.HoldsKeptFor)));
        }
    }

    private static async Task<Dictionary<ReservationKey, LapseVerdict>> Verdicts(
        NpgsqlTransaction transaction,
        ISpendLapse? taking,
        IReadOnlyList<SpendReservation> reservations,
        CancellationToken cancellationToken)
    {
        SpendReservation[] lapsed = [.. reservations.Where(one => one.State == SpendState.Held && !IsAllowance(one))];
        if (taking is null || lapsed.Length == 0)
        {
            return [];
        }

        var verdicts = await taking.HandOver(transaction, [.. lapsed.Select(Shown)], cancellationToken);
        return lapsed.Zip(verdicts).ToDictionary(pair => pair.First.Key, pair => pair.Second);
    }

    private static LapsedSpend Shown(SpendReservation one) => new(
        one.Key.Org,
        one.BillingAccount,
        one.Key.Key,
        one.Amount,
        one.Hold.ToString(),
        one.Reference,
        one.Details,
        one.ReservedAt,
        one.LapsesAt);

    private static LedgerCommand? Carry(
        SpendChanges changes, SpendReservation reservation, LapseVerdict verdict, DateTimeOffset now, DateTimeOffset at)
    {
        var org = reservation.Key.Org;
        switch (verdict)
        {
            case LapseVerdict.Settle settle:
                changes.Settle(reservation.Key, SpendInput.Quoted(settle.QuotedMicros), now);
                return null;
            case LapseVerdict.Review:
                changes.Review(reservation, now + Limits.HoldsKeptFor, at + Limits.HoldsKeptFor);
                return new RenewHold(org, reservation.Hold, at, reservation.HoldExpiresAt);
            default:
                changes.GiveBack(reservation.Key, SpendState.Lapsed, now);
                return new ReleaseHold(org, reservation.Hold, at);
        }
    }
}
