using Npgsql;
using Quoin.Charging.Internal;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;

namespace Quoin.Charging;

/// <summary>Where a piece of a request's usage has come to.</summary>
public enum TrailState
{
    /// <summary>A line rates it.</summary>
    Rated,

    /// <summary>It waits for rating.</summary>
    Waiting,

    /// <summary>It was set aside: nothing prices it, or it cannot be rated.</summary>
    SetAside,

    /// <summary>It is nowhere: reconcile.</summary>
    Missing,
}

/// <summary>A piece of a request's usage, and how far it has come.</summary>
/// <param name="Usage">Its bucket.</param>
/// <param name="Meter">The meter's key.</param>
/// <param name="Fold">The fold that counted it.</param>
/// <param name="Quantity">What the request's events add to the bucket.</param>
/// <param name="EventCount">How many of them.</param>
/// <param name="BucketQuantity">What the bucket holds in all; null when there is none.</param>
/// <param name="State">Where it has come to.</param>
/// <param name="Why">What that means, for a person.</param>
/// <param name="Lines">The lines that rate it.</param>
public sealed record TrailUsage(
    UsageKey Usage,
    string Meter,
    Guid Fold,
    decimal Quantity,
    long EventCount,
    decimal? BucketQuantity,
    TrailState State,
    string Why,
    IReadOnlyList<RatedLine> Lines);

/// <summary>A transfer a request led to.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Entries">Its entries.</param>
public sealed record TrailTransfer(Transfer Transfer, IReadOnlyList<Entry> Entries);

/// <summary>All a request led to.</summary>
/// <param name="CorrelationId">The request's name.</param>
/// <param name="Origins">Where its events lie.</param>
/// <param name="Events">The first of its events.</param>
/// <param name="Usage">What they add, and how far each piece has come.</param>
/// <param name="Transfers">What posted it.</param>
/// <param name="Missing">What is not there yet or at all, and why; empty when the trail is complete.</param>
public sealed record Trail(
    string CorrelationId,
    IReadOnlyList<FoldOrigin> Origins,
    IReadOnlyList<StoredEvent> Events,
    IReadOnlyList<TrailUsage> Usage,
    IReadOnlyList<TrailTransfer> Transfers,
    IReadOnlyList<string> Missing);

/// <summary>The door to diagnostics: follows a request from its events to the books.</summary>
public sealed class Trails
{
    private readonly NpgsqlDataSource database;
    private readonly LineQueries lines;
    private readonly UsageTrail usage;
    private readonly Metering.Metering metering;
    private readonly Ledger.Ledger ledger;

    internal Trails(
        NpgsqlDataSource database, LineQueries lines, UsageTrail usage, Metering.Metering metering, Ledger.Ledger ledger) =>
        (this.database, this.lines, this.usage, this.metering, this.ledger) = (database, lines, usage, metering, ledger);

    /// <summary>Follows a request.</summary>
    /// <param name="org">Whose usage.</param>
    /// <param name="correlationId">The request's name: <c>X-Request-Id</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Trail> Of(OrgId org, string correlationId, CancellationToken cancellationToken)
    {
        var origins = await usage.OfRequest(org, correlationId, Limits.TrailFoldsMax, cancellationToken);
        var events = new List<StoredEvent>();
        var pieces = new List<TrailUsage>();
        foreach (var origin in origins)
        {
            events.AddRange(await EventsOf(origin, Limits.TrailEventsMax - events.Count, cancellationToken));
            pieces.AddRange(await PiecesOf(origin, cancellationToken));
        }

        var transfers = new List<TrailTransfer>();
        foreach (var id in pieces.SelectMany(piece => piece.Lines).Select(line => line.Transfer).OfType<TransferId>().Distinct())
        {
            if (await ledger.Transfer(org, id, cancellationToken) is { } transfer)
            {
                var entries = await ledger.Entries(
                    org, new EntryFilter(null, null, id), null, Limits.LegsShownMax, cancellationToken);
                transfers.Add(new TrailTransfer(transfer, [.. entries.OrderBy(entry => entry.Position.Ordinal)]));
            }
        }

        return new Trail(correlationId, origins, events, pieces, transfers, [.. WhatIsMissing(origins, pieces, transfers)]);
    }

    private async Task<List<StoredEvent>> EventsOf(FoldOrigin origin, int limit, CancellationToken cancellationToken)
    {
        var found = new List<StoredEvent>();
        for (var place = 0; place < origin.EventCount && found.Count < limit; place++)
        {
            var position = new EventPosition(origin.Fold, origin.FirstOrdinal + place);
            if (await metering.Event(origin.Org, position, cancellationToken) is { } stored)
            {
                found.Add(stored);
            }
        }

        return found;
    }

    private async Task<List<TrailUsage>> PiecesOf(FoldOrigin origin, CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginReadOnly(cancellationToken);
        var sums = new Dictionary<UsageKey, DerivedSum>();
        var end = origin.FirstOrdinal + origin.EventCount;
        await foreach (var one in usage.Rederive(
            transaction, origin.Org, origin.Fold, origin.FirstOrdinal, end, cancellationToken))
        {
            sums[one.Key] = sums.GetValueOrDefault(one.Key) + new DerivedSum(ExactDecimal.Of(one.Quantity), one.EventCount);
        }

        var pieces = new List<TrailUsage>();
        foreach (var (key, sum) in sums.Take(Limits.TrailPiecesMax))
        {
            var bucket = new Period(key.BucketStart, key.BucketStart.AddTicks(QuarterHour.Ticks));
            var rated = (await lines.UsedIn(transaction, origin.Org, bucket, cancellationToken))
                .Where(line => SliceComparison.KeyOf(line) == key && line.Folds.Contains(origin.Fold))
                .ToList();
            var waiting = await usage.Waiting(transaction, origin.Org, bucket, cancellationToken);
            var setAside = await UnpricedRows.SetAsideIn(transaction, origin.Org, bucket, cancellationToken);
            var stored = (await usage.Buckets(transaction, origin.Org, bucket, cancellationToken))
                .Where(one => one.Key == key)
                .Select(one => (decimal?)one.Quantity)
                .FirstOrDefault();
            var (state, why) = (rated.Count, waiting.Any(IsIt), setAside.Any(IsIt)) switch
            {
                ( > 0, _, _) => (TrailState.Rated, "A line rates it."),
                (_, true, _) => (TrailState.Waiting, "It waits for rating; that takes moments."),
                (_, _, true) => (TrailState.SetAside, "Nothing prices it, or it cannot be rated: see what is set aside."),
                _ => (TrailState.Missing, "No line names its fold, and it does not wait: start a reconciliation."),
            };
            pieces.Add(new TrailUsage(
                key, meters[key.Meter].Key, origin.Fold, sum.Quantity.ToDecimal() ?? 0, sum.Events, stored, state, why, rated));

            bool IsIt(FoldedUsage one) => one.Fold == origin.Fold && one.BillingAccount == key.BillingAccount
                && one.Meter == key.Meter && one.Dimensions == key.Dimensions;
        }

        return pieces;
    }

    private static IEnumerable<string> WhatIsMissing(
        IReadOnlyList<FoldOrigin> origins, List<TrailUsage> pieces, List<TrailTransfer> transfers)
    {
        if (origins.Count == 0)
        {
            yield return "events: none of this name is stored. The request was refused, held only events that were stored "
                + "before, or is of another organisation.";
        }

        foreach (var piece in pieces.Where(piece => piece.State != TrailState.Rated))
        {
            yield return $"line: {piece.Quantity} {piece.Meter} of {piece.Usage.BucketStart:u}. {piece.Why}";
        }

        foreach (var piece in pieces.Where(piece => piece.BucketQuantity is null))
        {
            yield return $"bucket: there is none of {piece.Meter} at {piece.Usage.BucketStart:u}; start a reconciliation.";
        }

        var posted = transfers.Select(one => one.Transfer.Id).ToHashSet();
        foreach (var line in pieces.SelectMany(piece => piece.Lines).Where(line => !line.Amount.IsZero))
        {
            if (line.Transfer is not { } transfer)
            {
                yield return $"transfer: {line.Id} cancelled out with others of its step, or was never posted.";
            }
            else if (!posted.Contains(transfer))
            {
                yield return $"transfer: {line.Id} names {transfer}, which is not in the books.";
            }
        }
    }
}
