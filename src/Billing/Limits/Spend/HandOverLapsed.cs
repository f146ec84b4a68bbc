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
    NpgsqlDataSource database, TimeProvider time, OrganisationClock clock, SpendFlush flush, SettleSpending settling, Jobs jobs)
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
        foreach (var reservation in changes.Reservations)
        {
            var at = await clock.Now(reservation.Key.Org, cancellationToken);
            var verdict = verdicts.GetValueOrDefault(reservation.Key, GivenBack);
            if (Carry(changes, reservation, verdict, now, at) is { } command)
            {
                commands.Add(command);
            }
        }

        var isTold = await settling.Tell(transaction, changes.Budgets.Budgets, now, cancellationToken);
        await flush.Commit(transaction, changes, commands, cancellationToken);
        if (isTold)
        {
            jobs.Hint();
        }

        return changes.Reservations.Count == Limits.LapsedAtOnce;
    }

    private static async Task<Dictionary<ReservationKey, LapseVerdict>> Verdicts(
        NpgsqlTransaction transaction,
        ISpendLapse? taking,
        IReadOnlyList<SpendReservation> reservations,
        CancellationToken cancellationToken)
    {
        SpendReservation[] lapsed = [.. reservations.Where(one => one.State == SpendState.Held)];
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
