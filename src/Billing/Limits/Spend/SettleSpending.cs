using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Settles reservations in a caller's transaction: one round trip locks and reads, one writes; more where a threshold is
/// reached, once in a window.
/// </summary>
internal sealed class SettleSpending(TimeProvider time, Outbox outbox)
{
    public async Task<IReadOnlyList<SpendChange>> Within(
        NpgsqlTransaction transaction, IReadOnlyList<SpendSettlement> settlements, CancellationToken cancellationToken)
    {
        if (settlements.Count == 0)
        {
            return [];
        }

        var now = Instant.Now(time);
        ReservationKey[] keys = [.. settlements.Select(one => new ReservationKey(one.Org, one.Key))];
        var changes = await SpendRows.Lock(transaction, keys, cancellationToken);
        var outcomes = new SpendChange[keys.Length];
        foreach (var (index, settlement) in settlements.Index())
        {
            outcomes[index] = changes.Settle(keys[index], SpendInput.Quoted(settlement.QuotedMicros), now);
        }

        await Tell(transaction, changes.Budgets.Budgets, now, cancellationToken);
        if (Array.Exists(outcomes, outcome => outcome is SpendChange.Done))
        {
            await using var batch = transaction.Batch();
            SpendCommit.Write(batch, changes);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        return outcomes;
    }

    /// <summary>Tells of thresholds that budgets reached, before they are written.</summary>
    /// <returns>Whether anything was told.</returns>
    public async Task<bool> Tell(
        NpgsqlTransaction transaction, IEnumerable<OpenBudget> budgets, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isTold = false;
        foreach (var open in budgets.Where(one => one.IsChanged && one.Budget.EndedAt is null))
        {
            var budget = open.Budget;
            foreach (var percent in open.TakeReached())
            {
                var news = new BudgetReached(
                    budget.Id,
                    budget.Scope,
                    percent,
                    open.SpentMicros,
                    budget.Amount,
                    budget.Posture,
                    budget.Window.Kind == BudgetWindowKind.Total ? null : open.WindowStart,
                    open.EndsAt,
                    now);
                await outbox.Publish(transaction, budget.Org, budget.Id.ToString(), news, correlationId: null, cancellationToken);
                isTold = true;
            }
        }

        return isTold;
    }
}
