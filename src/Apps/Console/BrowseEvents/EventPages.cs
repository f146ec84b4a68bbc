using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseEvents;

/// <summary>A page of events.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record EventsRequest(OrgId? Org = null, Cursor<(Guid Fold, int Ordinal)>? Cursor = null);

/// <summary>One event.</summary>
/// <param name="Event">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Line">The rated line it is looked at from.</param>
internal sealed record EventRequest(string Event, OrgId? Org = null, RatedLineId? Line = null);

/// <summary>A page of events, newest first.</summary>
/// <param name="Events">The events.</param>
/// <param name="Meters">All meters.</param>
/// <param name="Cursor">Where it began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record EventList(
    IReadOnlyList<StoredEvent> Events, IReadOnlyCollection<Meter> Meters, string? Cursor, string? Next);

/// <summary>One event as it was stored.</summary>
/// <param name="Stored">The event.</param>
/// <param name="Facts">What its meters read from it.</param>
/// <param name="Line">The rated line it is looked at from; null where none is.</param>
public sealed record EventDetail(StoredEvent Stored, EventFacts Facts, RatedLine? Line)
{
    private static readonly JsonSerializerOptions Pretty = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The whole event in the form it is sent in: CloudEvents 1.0, JSON.</summary>
    public string Json
    {
        get
        {
            using var data = JsonDocument.Parse(Stored.DataJson);
            var attributes = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["specversion"] = "1.0",
                ["id"] = Stored.EventId,
                ["source"] = Stored.Source,
                ["type"] = Stored.Type,
                ["subject"] = Stored.Subject,
                ["time"] = Rfc3339.Format(Stored.OccurredAt),
                ["data"] = data.RootElement,
            };
            return JsonSerializer.Serialize(attributes.Where(pair => pair.Value is not null).ToDictionary(), Pretty);
        }
    }
}

/// <summary>Shows events, down to the raw one.</summary>
internal static class EventPages
{
    /// <summary><c>GET /console/events</c>.</summary>
    public static Task<IResult> List(
        Parameters<EventsRequest> parameters,
        Visits visits,
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var cursor = parameters.Value.Cursor;
            EventPosition? before = cursor is { Keys: var keys } ? new(keys.Fold, keys.Ordinal) : null;
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = await metering.Events(frame.RequiredOrg.Id, before, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => (row.Position.Fold, row.Position.Ordinal));
            var meters = await metering.Meters(cancellationToken);
            return frame.Page<EventsView, EventList>(new(page.Data, meters, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/events/{event}</c>.</summary>
    public static Task<IResult> One(
        Parameters<EventRequest> parameters,
        Visits visits,
        Metering.Metering metering,
        Charging.Charging charging,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var found = EventPosition.TryParse(parameters.Value.Event, out var position)
                ? await metering.Event(org, position, cancellationToken)
                : null;
            if (found is null)
            {
                return frame.NotFound("event");
            }

            var facts = EventFacts.Of(found, await metering.Meters(cancellationToken));
            var line = parameters.Value.Line is { } id ? await charging.Line(org, id, cancellationToken) : null;
            return frame.Page<EventView, EventDetail>(new(found, facts, line));
        },
        cancellationToken);
}
