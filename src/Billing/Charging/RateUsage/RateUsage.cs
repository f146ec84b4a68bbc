using Microsoft.Extensions.Logging;
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
/// the lines; (5) write positions; (6) post one transfer a billing account; (7) write lines and what is set aside. Taking and
/// booking commit together, so usage is rated once, whatever dies when. When a step throws, and not because the
/// database is away, it is taken once more and rated apart, so that only the organisations that make it throw are set
/// aside.
/// </summary>
internal sealed class RateUsage(
    NpgsqlDataSource database,
    Metering.Metering metering,
    UsageTrail trail,
    PriceBooks prices,
    Plans plans,
    Ledger.Ledger ledger,
    Organisations organisations,
    TimeProvider time,
    IdSource ids,
    RatingMetrics metrics,
    QuarantineNews news,
    Jobs jobs,
    ILogger<RateUsage> logger)
{
    private readonly Suspects suspects = new(time);
    private readonly PositionMemory memory = new();

    /// <summary>Rates a bounded amount of what waits; false when nothing did.</summary>
    public async Task<bool> Step(PumpTurn turn, CancellationToken cancellationToken)
    {
        var isApart = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Step(turn, isApart, cancellationToken);
            }
            catch (PositionMovedException) when (attempt < Limits.AttemptsMax)
            {
                // Positions that were remembered are forgotten by now: next time they are read.
            }
            catch (Exception failure) when (!isApart && IsOfTheUsage(failure))
            {
                Log.StepFailed(logger, failure);
                isApart = true;
            }
        }
    }

    private async Task<bool> Step(PumpTurn turn, bool isApart, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await transaction.ProbeIndexes(cancellationToken);
        var snapshot = await prices.Current(transaction, cancellationToken);
        var (taken, holds) = await Take(transaction, turn.Shards, snapshot.Revision, cancellationToken);
        if (taken.Count == 0)
        {
            return false;
        }

        var step = new StepResult(taken.Min(usage => usage.RecordedAt), holds);
        if (isApart || taken.Exists(usage => suspects.Has(usage.Org)))
        {
            await RateApart(transaction, taken, snapshot, step, cancellationToken);
        }
        else
        {
            await Rate(transaction, taken, snapshot, step, cancellationToken);
        }

        var now = time.GetUtcNow();
        await UnpricedRows.Add(transaction, step.SetAside, snapshot.Revision, now, cancellationToken);
        var isToldOf = await news.Tell(transaction, step.SetAside, now, cancellationToken);
        await turn.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memory.Put(step.Positions);
        if (isToldOf)
        {
            jobs.Hint();
        }

        metrics.Rated(step.Lines, step.SetAside.Count, step.Oldest);
        return true;
    }

    private async Task<(List<FoldedUsage> Usage, ILookup<OrgId, NamedHold> Holds)> Take(
        NpgsqlTransaction transaction,
        IReadOnlyList<int> shards,
        long revision,
        CancellationToken cancellationToken)
    {
        var unrated = await metering.TakeUnrated(transaction, shards, Limits.FoldsPerStepMax, cancellationToken);
        var back = await UnpricedRows.TakeBack(transaction, shards, revision, Limits.ReturnedPerStepMax, cancellationToken);
        return ([.. unrated.Folds, .. back], unrated.Holds.ToLookup(hold => hold.Org));
    }

    // Suspects go alone, so that all others are rated in one piece, as ever.
    private async Task RateApart(
        NpgsqlTransaction transaction,
        List<FoldedUsage> taken,
        PriceSnapshot snapshot,
        StepResult step,
        CancellationToken cancellationToken)
    {
        var byOrganisation = taken
            .GroupBy(usage => usage.Org)
            .OrderBy(group => group.Key.Value)
            .ToLookup(group => suspects.Has(group.Key));
        await Halve(transaction, byOrganisation[false].ToArray(), snapshot, step, cancellationToken);
        foreach (var suspect in byOrganisation[true])
        {
            await Halve(transaction, new[] { suspect }, snapshot, step, cancellationToken);
        }
    }

    private const string Savepoint = "part";

    // What throws is cut in two, again and again, until an organisation stands alone: each part in a subtransaction.
    private async Task Halve(
        NpgsqlTransaction transaction,
        ArraySegment<IGrouping<OrgId, FoldedUsage>> part,
        PriceSnapshot snapshot,
        StepResult step,
        CancellationToken cancellationToken)
    {
        if (part.Count == 0)
        {
            return;
        }

        await transaction.SaveAsync(Savepoint, cancellationToken);
        try
        {
            await Rate(transaction, [.. part.SelectMany(group => group)], snapshot, step, cancellationToken);
            await transaction.ReleaseAsync(Savepoint, cancellationToken);
            return;
        }
        catch (Exception failure) when (IsOfTheUsage(failure))
        {
            await transaction.RollbackAsync(Savepoint, cancellationToken);
            await transaction.ReleaseAsync(Savepoint, cancellationToken);
            if (part.Count == 1)
            {
                suspects.Add(part[0].Key);
                step.SetAside.AddRange(part[0].Select(usage => new SetAside(usage, RatingRun.Failed, failure.GetType().Name)));
                Log.UsageQuarantined(logger, part[0].Key, part[0].Count(), failure);
                return;
            }
        }

        await Halve(transaction, part[..(part.Count / 2)], snapshot, step, cancellationToken);
        await Halve(transaction, part[(part.Count / 2)..], snapshot, step, cancellationToken);
    }

    private async Task Rate(
        NpgsqlTransaction transaction,
        List<FoldedUsage> taken,
        PriceSnapshot snapshot,
        StepResult step,
        CancellationToken cancellationToken)
    {
        var accounts = await AccountsOf(taken, cancellationToken);
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id);
        var run = new RatingRun(ids.Next(), time.GetUtcNow());
        run.Price(UsagePiece.Gather(taken), accounts, meters, snapshot);
        var positions = await Positions(transaction, run.Keys, accounts, snapshot, cancellationToken);
        run.Rate(positions, await Totals(transaction, run.Gauged, snapshot, cancellationToken), ids);

        var causes = await Causes(transaction, run.FirstFolds, cancellationToken);
        await PositionRows.Write(transaction, Moved(run.Lines, positions), cancellationToken);
        await PeriodRows.Unsettle(transaction, run.LatePeriods, cancellationToken);

        // As late as can be: from here on the books are locked, and whoever reserves for the next call waits.
        run.Name(causes, await Post(transaction, run, accounts, causes, ReleasesOf(taken, step.Holds), cancellationToken));
        await LineRows.Write(transaction, run.Lines, cancellationToken);
        step.Add(run, positions);
    }

    // In one group of the ledger: what is released is free for what is posted after it.
    private async Task<Dictionary<PostingKey, TransferId>> Post(
        NpgsqlTransaction transaction,
        RatingRun run,
        IReadOnlyDictionary<BillingAccountKey, AccountTerms> accounts,
        Dictionary<(OrgId Org, Guid Fold), string?> causes,
        ILookup<BillingAccountKey, HoldId> releases,
        CancellationToken cancellationToken)
    {
        var requests = run.Transfers(accounts, causes, releases);
        var releasing = requests.Where(one => one.Key.NamesHolds).Select(one => one.Key.Account).ToHashSet();
        LedgerCommand[] commands =
        [
            .. releases
                .Where(group => !releasing.Contains(group.Key))
                .SelectMany(group => group.Select(hold => new ReleaseHold(group.Key.Org, hold, run.Now))),
            .. requests.Select(one => new PostTransfer(one.Request)),
        ];
        var outcomes = await ledger.RunWithin(transaction, commands, cancellationToken);
        return requests.Zip(outcomes.Skip(commands.Length - requests.Count)).ToDictionary(
            posted => posted.First.Key,
            posted => TransferOf((PostOutcome)posted.Second));
    }

    private static ILookup<BillingAccountKey, HoldId> ReleasesOf(List<FoldedUsage> taken, ILookup<OrgId, NamedHold> holds) => taken
        .Select(usage => usage.Org)
        .Distinct()
        .SelectMany(org => holds[org])
        .ToLookup(hold => new BillingAccountKey(hold.Org, hold.BillingAccount), hold => IdOf(hold));

    private static HoldId IdOf(NamedHold hold) => Id.TryParse<HoldId>(hold.Hold, out var id)
        ? id
        : throw new InvalidOperationException($"'{hold.Hold}' is no hold.");

    private async Task<IReadOnlyDictionary<BillingAccountKey, AccountTerms>> AccountsOf(
        List<FoldedUsage> taken, CancellationToken cancellationToken)
    {
        var keys = taken.Select(usage => new BillingAccountKey(usage.Org, usage.BillingAccount)).ToHashSet();
        var profiles = await organisations.FindBillingAccounts(keys, cancellationToken);
        var agreed = await plans.Of(keys, cancellationToken);
        return profiles.ToDictionary(pair => pair.Key, pair => new AccountTerms(pair.Value, agreed[pair.Key]));
    }

    private async Task<Dictionary<RatingKey, RatingPosition>> Positions(
        NpgsqlTransaction transaction,
        RatingKey[] keys,
        IReadOnlyDictionary<BillingAccountKey, AccountTerms> accounts,
        PriceSnapshot snapshot,
        CancellationToken cancellationToken)
    {
        var positions = memory.Take(keys);
        if (positions.Count < keys.Length)
        {
            RatingKey[] unknown = [.. keys.Where(key => !positions.ContainsKey(key))];
            var read = await PositionRows.Read(transaction, unknown, snapshot, cancellationToken);
            foreach (var key in unknown)
            {
                positions.Add(key, read.TryGetValue(key, out var position) ? position : new RatingPosition());
            }

            await OpenPeriods(transaction, [.. unknown.Where(key => positions[key].Revision == 0)], accounts, positions, cancellationToken);
        }

        return positions;
    }

    // A position that is new in a period says that there is one, and takes over whether it is closed.
    private static async Task OpenPeriods(
        NpgsqlTransaction transaction,
        RatingKey[] opened,
        IReadOnlyDictionary<BillingAccountKey, AccountTerms> accounts,
        Dictionary<RatingKey, RatingPosition> positions,
        CancellationToken cancellationToken)
    {
        var periods = opened
            .Select(key => (Account: AccountOf(key), key.PeriodStart))
            .Distinct()
            .Select(one => (one.Account, accounts[one.Account].PeriodAt(one.PeriodStart)))
            .ToArray();
        var closed = await PeriodRows.Open(transaction, periods, cancellationToken);
        foreach (var key in opened.Where(key => closed.Contains((AccountOf(key), key.PeriodStart))))
        {
            positions[key].BeClosed();
        }
    }

    private static BillingAccountKey AccountOf(RatingKey key) => new(key.Org, key.BillingAccount);

    private async Task<IReadOnlyDictionary<RatingKey, IReadOnlyList<PricedQuantity>>> Totals(
        NpgsqlTransaction transaction,
        IReadOnlyList<PricedUsage> gauged,
        PriceSnapshot snapshot,
        CancellationToken cancellationToken)
    {
        var asked = gauged.DistinctBy(usage => usage.Key)
            .SelectMany(usage => GaugedUsage.Stretches(usage, snapshot).Select(stretch => (usage.Key, Stretch: stretch)))
            .ToArray();
        if (asked.Length == 0)
        {
            return new Dictionary<RatingKey, IReadOnlyList<PricedQuantity>>();
        }

        var queries = asked.SelectMany(one => new[] { one.Stretch.Before, one.Stretch.After }.OfType<TotalQuery>()).ToArray();
        var answers = (await metering.Totals(transaction, queries, cancellationToken)).GetEnumerator();
        decimal Next() => answers.MoveNext() ? answers.Current ?? 0 : throw new InvalidOperationException("A total is missing.");
        return asked
            .Select(one =>
            {
                var before = one.Stretch.Before is null ? 0 : Next();
                var quantity = Next() - before;
                return (one.Key, Part: new PricedQuantity(
                    one.Stretch.Version, one.Stretch.Cell, quantity, one.Stretch.DiscountBps));
            })
            .ToArray()
            .GroupBy(one => one.Key)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<PricedQuantity>)[.. group.Select(one => one.Part)]);
    }

    private async Task<Dictionary<(OrgId Org, Guid Fold), string?>> Causes(
        NpgsqlTransaction transaction, IReadOnlyList<(OrgId Org, Guid Fold)> folds, CancellationToken cancellationToken) =>
        folds.Zip(await trail.FirstCorrelations(transaction, folds, cancellationToken)).DistinctBy(pair => pair.First)
            .ToDictionary(pair => pair.First, pair => pair.Second);

    // In the order of the keys: every transaction writes rows it shares with another in the same order.
    private static List<MovedPosition> Moved(
        IReadOnlyList<RatedLine> lines, Dictionary<RatingKey, RatingPosition> positions)
    {
        var moved = lines.GroupBy(line => line.Key).ToDictionary(group => group.Key, group => group.ToArray());
        return [.. positions
            .Where(pair => moved.ContainsKey(pair.Key))
            .Select(pair => new MovedPosition(
                pair.Key, pair.Value, moved[pair.Key][0].Amount.Currency, moved[pair.Key].Length))
            .OrderBy(one => one.Key.Org.Value)
            .ThenBy(one => one.Key.BillingAccount.Value)
            .ThenBy(one => one.Key.Component.Value)
            .ThenBy(one => one.Key.PeriodStart)
            .ThenBy(one => one.Key.Group.Text, StringComparer.Ordinal)];
    }

    // The key holds this run's own id, so neither a replay nor a conflict can be meant for it.
    private static TransferId TransferOf(PostOutcome outcome) => outcome is PostOutcome.Posted { IsReplay: false } posted
        ? posted.Id
        : throw new InvalidOperationException($"A rating run's transfer ended as {outcome}.");

    // Statements that no longer fit the tables fail for everybody's usage alike: a broken release, not broken usage.
    private static bool IsOfTheUsage(Exception failure) => failure switch
    {
        OperationCanceledException or LeaseLostException or PositionMovedException or OutOfMemoryException => false,
        PostgresException postgres when postgres.SqlState.StartsWith("42", StringComparison.Ordinal) => false,
        _ => !TransientFailure.Is(failure),
    };

    /// <summary>What a step has come to so far.</summary>
    private sealed class StepResult(DateTimeOffset oldest, ILookup<OrgId, NamedHold> holds)
    {
        /// <summary>The holds that what was taken names.</summary>
        public ILookup<OrgId, NamedHold> Holds => holds;

        public List<SetAside> SetAside { get; } = [];

        /// <summary>Positions as they will stand after the commit; those of a key are moved by one part only.</summary>
        public Dictionary<RatingKey, RatingPosition> Positions { get; } = [];

        public int Lines { get; private set; }

        public DateTimeOffset Oldest => oldest;

        public void Add(RatingRun run, Dictionary<RatingKey, RatingPosition> positions)
        {
            Lines += run.Lines.Count;
            SetAside.AddRange(run.SetAside);
            foreach (var (key, position) in positions)
            {
                Positions[key] = position;
            }
        }
    }
}
