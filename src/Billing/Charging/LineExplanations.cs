using Npgsql;
using Quoin.Charging.Internal;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>The door to explanations: why a line has its amount, shown to whoever may know or was given the link.</summary>
public sealed class LineExplanations
{
    private readonly NpgsqlDataSource database;
    private readonly LineQueries lines;
    private readonly LineShares shares;
    private readonly Metering.Metering metering;
    private readonly PriceBooks prices;
    private readonly Ledger.Ledger ledger;

    internal LineExplanations(
        NpgsqlDataSource database,
        LineQueries lines,
        LineShares shares,
        Metering.Metering metering,
        PriceBooks prices,
        Ledger.Ledger ledger)
    {
        (this.database, this.lines, this.shares) = (database, lines, shares);
        (this.metering, this.prices, this.ledger) = (metering, prices, ledger);
    }

    /// <summary>Explains a line; null when the organisation has none of this id.</summary>
    public async Task<LineExplanation?> Explain(OrgId org, RatedLineId id, CancellationToken cancellationToken)
    {
        if (await lines.One(org, id, cancellationToken) is not { } line)
        {
            return null;
        }

        var snapshot = await prices.Current(cancellationToken);
        var price = snapshot.Version(line.Version);
        var meters = await metering.Meters(cancellationToken);
        var (before, after) = await Arithmetic(line, snapshot, cancellationToken);
        var transfer = line.Transfer is { } posted ? await ledger.Transfer(org, posted, cancellationToken) : null;
        var legs = transfer is null
            ? []
            : await ledger.Entries(
                org, new EntryFilter(null, null, transfer.Id), null, Limits.LegsShownMax, cancellationToken);
        return new LineExplanation(
            line,
            meters.First(meter => meter.Id == line.Meter),
            price,
            snapshot.Books.First(book => book.Id == price.Book),
            before,
            after,
            transfer,
            [.. legs.OrderBy(leg => leg.Position.Ordinal)],
            line.Transfer is { } one ? await lines.CountOf(org, one, cancellationToken) : 0);
    }

    /// <summary>Makes a link to a line's explanation.</summary>
    /// <param name="org">Whose line.</param>
    /// <param name="line">Which; it is known to be there.</param>
    /// <param name="lasts">For how long.</param>
    /// <param name="actor">Who shares it.</param>
    /// <param name="idempotent">Makes a repeated request answer alike.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    /// <returns>The share, and the secret text that opens it.</returns>
    public Task<(LineShare Share, string Token)> Share(
        OrgId org,
        RatedLineId line,
        TimeSpan lasts,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) => shares.Create(org, line, lasts, actor, idempotent, cancellationToken);

    /// <summary>Ends a share; false when the organisation has none of this id that lasts.</summary>
    public Task<bool> Revoke(OrgId org, LineShareId share, string actor, CancellationToken cancellationToken) =>
        shares.Revoke(org, share, actor, cancellationToken);

    /// <summary>The shares of a line, newest first.</summary>
    public Task<IReadOnlyList<LineShare>> SharesOf(OrgId org, RatedLineId line, CancellationToken cancellationToken) =>
        shares.Of(org, line, cancellationToken);

    /// <summary>Opens a link.</summary>
    public Task<OpenShareOutcome> Open(string token, CancellationToken cancellationToken) =>
        shares.Open(token, cancellationToken);

    // What the key's lines up to this one come to, with it and without it. Where these are not what the line says (a meter
    // whose parts do not add up moves several parts by one line), no steps are better than wrong ones.
    private async Task<(RatingExplanation? Before, RatingExplanation? After)> Arithmetic(
        RatedLine line, PriceSnapshot snapshot, CancellationToken cancellationToken)
    {
        var after = await LineParts.UpTo(database, line, isIncluded: true, snapshot, cancellationToken);
        var before = await LineParts.UpTo(database, line, isIncluded: false, snapshot, cancellationToken);
        var (with, without) = (
            Rating.Explain(after, isClosed: line.IsLate || line.Kind == LineKind.Minimum),
            Rating.Explain(before, isClosed: line.IsLate));
        return with.Micros == line.PositionMicros && without.Micros == line.PositionMicros - line.Amount.Micros
            ? (without, with)
            : (null, null);
    }
}
