using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowseLines;

/// <summary>A page of rated lines, narrowed to some usage: <see cref="UsageSearch"/> reads how.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Meter">Of this meter.</param>
/// <param name="Where">Of these values of dimensions.</param>
/// <param name="From">Used from.</param>
/// <param name="To">Used before.</param>
internal sealed record LinesRequest(
    OrgId? Org = null,
    Cursor<RatedLineId>? Cursor = null,
    string? Meter = null,
    string[]? Where = null,
    string? From = null,
    string? To = null);

/// <summary>One rated line.</summary>
/// <param name="Line">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where its events go on.</param>
internal sealed record LineRequest(
    RatedLineId Line, OrgId? Org = null, Cursor<(Guid Fold, int Ordinal)>? Cursor = null);

/// <summary>A page of rated lines, newest first.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Search">What the list is narrowed to.</param>
/// <param name="Meters">All meters.</param>
/// <param name="Cursor">Where it began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record LineList(
    IReadOnlyList<RatedLine> Lines, UsageSearch Search, IReadOnlyCollection<Meter> Meters, string? Cursor, string? Next);

/// <summary>One rated line and what lies behind it.</summary>
/// <param name="Line">The line.</param>
/// <param name="Meter">What was counted.</param>
/// <param name="Price">The price version it was charged at.</param>
/// <param name="Explained">How its amount came about, and what it led to.</param>
/// <param name="Book">The price book's name.</param>
/// <param name="Events">A page of the events behind it, oldest first.</param>
/// <param name="Cursor">Where that began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record LineDetail(
    RatedLine Line,
    Meter Meter,
    PriceVersion Price,
    LineExplanation Explained,
    string Book,
    IReadOnlyList<StoredEvent> Events,
    string? Cursor,
    string? Next)
{
    /// <summary>Links to its explanation.</summary>
    public IReadOnlyList<LineShare> Shares { get; init; } = [];

    /// <summary>The link that was just made; null otherwise.</summary>
    public string? Made { get; init; }
}

/// <summary>Shows rated lines, and how each came about.</summary>
internal static class LinePages
{
    /// <summary><c>GET /console/rated-lines</c>.</summary>
    public static Task<IResult> List(
        Parameters<LinesRequest> parameters,
        Visits visits,
        Charging.Charging charging,
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var cursor = parameters.Value.Cursor;
            var limit = new PageLimit(Limits.RowsPerPage);
            var search = UsageSearch.Read(context.Request);
            var meters = await metering.Meters(cancellationToken);
            var meter = meters.FirstOrDefault(one => one.Key == search.Meter);
            if (meter is null && search.Meter is not null)
            {
                return frame.NotFound("meter");
            }

            var filter = new LineFilter(null, null) { Meter = meter?.Id, Match = search.Match, Used = search.Time };
            var rows = await charging.Lines(
                frame.RequiredOrg.Id, filter, cursor?.Keys, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => row.Id);
            return frame.Page<LinesView, LineList>(
                new(page.Data, search, meters, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/rated-lines/{line}</c>.</summary>
    public static Task<IResult> One(
        Parameters<LineRequest> parameters,
        Visits visits,
        LineReader reader,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => await reader.Read(frame.RequiredOrg.Id, parameters.Value, null, cancellationToken) is { } detail
            ? frame.Page<LineView, LineDetail>(detail)
            : frame.NotFound("rated line"),
        cancellationToken);
}

/// <summary>Asks the billing modules for everything behind one line.</summary>
internal sealed class LineReader(LineExplanations explanations, Metering.Metering metering)
{
    public async Task<LineDetail?> Read(
        OrgId org, LineRequest request, string? made, CancellationToken cancellationToken)
    {
        if (await explanations.Explain(org, request.Line, cancellationToken) is not { Line: var line } explained)
        {
            return null;
        }

        EventPosition? after = request.Cursor is { Keys: var keys } ? new(keys.Fold, keys.Ordinal) : null;
        var limit = new PageLimit(Limits.EventsPerLine);
        var events = await metering.EventsOf(org, line.Events, after, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(events, limit, row => (row.Place.Fold, row.Place.Ordinal), row => row.Stored);
        return new LineDetail(
            line,
            explained.Meter,
            explained.Price,
            explained,
            explained.Book.Name,
            page.Data,
            request.Cursor?.ToString(),
            page.NextCursor)
        {
            Shares = await explanations.SharesOf(org, line.Id, cancellationToken),
            Made = made,
        };
    }
}
