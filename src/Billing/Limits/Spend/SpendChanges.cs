using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>Reservations and their budgets, locked, while it is decided what becomes of them: pure.</summary>
/// <param name="reservations">The reservations, in the order of their keys.</param>
internal sealed class SpendChanges(IReadOnlyList<SpendReservation> reservations)
{
    private readonly Dictionary<ReservationKey, SpendReservation> byKey = reservations.ToDictionary(one => one.Key);

    /// <summary>The reservations.</summary>
    public IReadOnlyList<SpendReservation> Reservations => reservations;

    /// <summary>Their budgets.</summary>
    public SpendBook Budgets { get; } = new();

    /// <summary>The reservation under a key; null where there is none.</summary>
    public SpendReservation? Find(ReservationKey key) => byKey.GetValueOrDefault(key);

    /// <summary>Lets one live on.</summary>
    public SpendChange Renew(ReservationKey key, DateTimeOffset lapsesAt, string? details)
    {
        if (Find(key) is not { } found)
        {
            return new SpendChange.NotFound();
        }

        if (found.State != SpendState.Held)
        {
            return new SpendChange.AlreadyEnded(found.State);
        }

        (found.LapsesAt, found.Details, found.IsChanged) = (lapsesAt, details ?? found.Details, true);
        return new SpendChange.Done();
    }

    /// <summary>Gives one back on its budgets; its hold is the caller's.</summary>
    /// <param name="key">Which.</param>
    /// <param name="how">How it ends: canceled or lapsed.</param>
    /// <param name="now">Now, by the system's clock.</param>
    public SpendChange GiveBack(ReservationKey key, SpendState how, DateTimeOffset now)
    {
        if (Find(key) is not { } found)
        {
            return new SpendChange.NotFound();
        }

        if (!found.IsOpen)
        {
            return new SpendChange.AlreadyEnded(found.State);
        }

        foreach (var (budget, window) in BudgetsOf(found))
        {
            budget.GiveBack(window, found.Amount.Micros);
        }

        (found.State, found.EndedAt, found.IsChanged) = (how, now, true);
        return new SpendChange.Done();
    }

    /// <summary>
    /// Counts what one came to instead of what was set aside. One that lapsed counts, too: what was used is never refused.
    /// </summary>
    public SpendChange Settle(ReservationKey key, decimal quotedMicros, DateTimeOffset now)
    {
        if (Find(key) is not { } found)
        {
            return new SpendChange.NotFound();
        }

        if (found.State is SpendState.Settled or SpendState.Canceled)
        {
            return new SpendChange.AlreadyEnded(found.State);
        }

        foreach (var (budget, window) in BudgetsOf(found))
        {
            if (found.IsOpen)
            {
                budget.GiveBack(window, found.Amount.Micros);
            }

            budget.Spend(window, quotedMicros);
        }

        (found.State, found.SpentMicros, found.EndedAt, found.IsChanged) = (SpendState.Settled, quotedMicros, now, true);
        return new SpendChange.Done();
    }

    /// <summary>Lets the budgets of an allowance count so much less as reserved.</summary>
    public void GiveBackPart(SpendReservation allowance, long micros)
    {
        foreach (var (budget, window) in BudgetsOf(allowance))
        {
            budget.GiveBack(window, micros);
        }
    }

    /// <summary>Counts what something drawn on an allowance came to.</summary>
    public void Spend(SpendReservation allowance, decimal quotedMicros)
    {
        foreach (var (budget, window) in BudgetsOf(allowance))
        {
            budget.Spend(window, quotedMicros);
        }
    }

    /// <summary>Lets an allowance go on with so much less; what its budgets count is the caller's.</summary>
    public static void Shrink(SpendReservation allowance, long micros) =>
        (allowance.Amount, allowance.IsChanged) = (allowance.Amount with { Micros = allowance.Amount.Micros - micros }, true);

    /// <summary>Ends an allowance; what its budgets count is the caller's.</summary>
    public static void End(SpendReservation allowance, SpendState how, DateTimeOffset now) =>
        (allowance.State, allowance.EndedAt, allowance.IsChanged) = (how, now, true);

    /// <summary>Keeps one reserved while somebody looks into it.</summary>
    public void Review(SpendReservation found, DateTimeOffset until, DateTimeOffset holdExpiresAt) =>
        (found.State, found.LapsesAt, found.HoldExpiresAt, found.IsChanged) = (SpendState.InReview, until, holdExpiresAt, true);

    private IEnumerable<(OpenBudget Budget, DateTimeOffset Window)> BudgetsOf(SpendReservation found)
    {
        foreach (var (index, id) in found.BudgetIds.Index())
        {
            if (Budgets.Find(found.Key.Org, id) is { } budget)
            {
                yield return (budget, found.WindowStarts[index]);
            }
        }
    }
}
