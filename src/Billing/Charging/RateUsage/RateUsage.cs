using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>
/// One step of the rating pump, one transaction: (1) take folded usage out of the queue, and set-aside usage that newer
/// prices may cover; (2) find its prices, as this transaction sees them; (3) lock the positions, in order; (4) decide
/// the lines; (5) post one transfer a billing account; (6) write positions, lines and what is set aside. Taking and
/// booking commit together, so usage is rated once, whatever dies when.
/// </summary>
internal sealed class RateUsage(
    NpgsqlDataSource database,
    Metering.Metering metering,
    PriceBooks prices,
    Ledger.Ledger ledger,
    Organisations organisations,
    TimeProvider time,
    IdSource ids,
    RatingMetrics metrics)
{
    /// <summary>Rates a bounded amount of what waits; false when nothing did.</summary>
    public async Task<bool> Step(PumpTurn turn, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await transaction.ProbeIndexes(cancellationToken);
        var snapshot = await prices.Current(transaction, cancellationToken);
        var taken = await Take(transaction, turn.Shards, snapshot.Revision, cancellationToken);
        if (taken.Count == 0)
        {
            return false;
        }

        var accounts = await AccountsOf(taken, cancellationToken);
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id);
        var run = new RatingRun();
        run.Price(taken, accounts, meters, snapshot);
        var positions = await RatingRows.Lock(transaction, run.Keys, snapshot, cancellationToken);
        run.Rate(positions, ids, time.GetUtcNow());

        var requests = run.Transfers(accounts, ids.Next());
        var outcomes = await ledger.Post(transaction, requests, cancellationToken);
        var transfers = requests.Zip(outcomes).ToDictionary(
            posted => new BillingAccountKey(posted.First.Org, posted.First.BillingAccount),
            posted => TransferOf(posted.Second));
        await RatingRows.Write(transaction, run.Lines, positions, transfers, cancellationToken);
        await UnpricedRows.Add(transaction, run.SetAside, snapshot.Revision, time.GetUtcNow(), cancellationToken);
        await turn.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        metrics.Rated(run.Lines.Count, run.SetAside.Count, taken.Min(usage => usage.RecordedAt));
        return true;
    }

    private async Task<List<FoldedUsage>> Take(
        NpgsqlTransaction transaction,
        IReadOnlyList<int> shards,
        long revision,
        CancellationToken cancellationToken)
    {
        List<FoldedUsage> taken = [.. await metering.TakeUnrated(transaction, shards, Limits.FoldsPerStepMax, cancellationToken)];
        taken.AddRange(await UnpricedRows.TakeBack(transaction, shards, revision, Limits.ReturnedPerStepMax, cancellationToken));
        return taken;
    }

    private async Task<IReadOnlyDictionary<BillingAccountKey, BillingAccountProfile>> AccountsOf(
        List<FoldedUsage> taken,
        CancellationToken cancellationToken)
    {
        var keys = taken.Select(usage => new BillingAccountKey(usage.Org, usage.BillingAccount)).ToHashSet();
        return await organisations.FindBillingAccounts(keys, cancellationToken);
    }

    // The key holds this run's own id, so neither a replay nor a conflict can be meant for it.
    private static TransferId TransferOf(PostOutcome outcome) => outcome is PostOutcome.Posted { IsReplay: false } posted
        ? posted.Id
        : throw new InvalidOperationException($"A rating run's transfer ended as {outcome}.");
}
