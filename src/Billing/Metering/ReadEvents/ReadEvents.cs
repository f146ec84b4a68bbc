using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Events to look for, newest first. A page may be short and yet have a next one: each looks at a stretch.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Type">Only events of this type.</param>
/// <param name="Source">Only events from this source.</param>
/// <param name="Id">Only events with this id of the sender's; with <c>source</c> it is looked up at once.</param>
/// <param name="Subject">Only events about this subject.</param>
/// <param name="From">Only events that happened at or after this instant.</param>
/// <param name="To">Only events that happened before this instant.</param>
/// <param name="BillingAccount">Only events billed to this account.</param>
/// <param name="Meter">Only events this meter counts, by key or id.</param>
/// <param name="Dimension">Only events a meter tells apart so, as <c>model:gpt-4o</c>; several of one name are alternatives.</param>
internal sealed record EventPageRequest(
    PageLimit Limit,
    Cursor<(Guid Fold, int Ordinal)>? Cursor = null,
    string? Type = null,
    string? Source = null,
    string? Id = null,
    string? Subject = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    BillingAccountId? BillingAccount = null,
    string? Meter = null,
    string[]? Dimension = null);

/// <summary>Which event.</summary>
/// <param name="Event">Its id: <c>evt_…_0</c>.</param>
internal sealed record EventRequest(string Event);

/// <summary>A stored event as the API shows it.</summary>
/// <param name="Event">Its id here: where it is stored.</param>
/// <param name="BillingAccount">Who is billed for it.</param>
/// <param name="Source">The sender, as the event's <c>source</c> says.</param>
/// <param name="Id">The sender's id; with <c>source</c> it counts once, for ever.</param>
/// <param name="Type">What kind of event; meters choose by it.</param>
/// <param name="Subject">What it is about; null where the sender named nothing.</param>
/// <param name="Time">When the usage happened.</param>
/// <param name="RecordedAt">When it was stored.</param>
/// <param name="Data">What the sender measured, as sent.</param>
/// <param name="Amendment">What became of it since; null while it stands as it was sent.</param>
internal sealed record EventRow(
    string Event,
    BillingAccountId BillingAccount,
    string Source,
    string Id,
    string Type,
    string? Subject,
    DateTimeOffset Time,
    DateTimeOffset RecordedAt,
    JsonElement Data,
    AmendmentRow? Amendment)
{
    public static EventRow Of(StoredEvent stored)
    {
        using var data = JsonDocument.Parse(stored.DataJson);
        return new EventRow(
            stored.Position.ToString(),
            stored.BillingAccount,
            stored.Source,
            stored.EventId,
            stored.Type,
            stored.Subject,
            stored.OccurredAt,
            stored.RecordedAt,
            data.RootElement.Clone(),
            stored.Amendment is { } amendment ? AmendmentRow.Of(amendment) : null);
    }
}

/// <summary>What became of an event that was wrong.</summary>
/// <param name="Kind">Whether it was taken back, or taken back and replaced.</param>
/// <param name="Reason">Why.</param>
/// <param name="Actor">Who said so.</param>
/// <param name="ReplacedBy">The event that stands for it now; null when it was only taken back.</param>
/// <param name="RecordedAt">When.</param>
internal sealed record AmendmentRow(
    AmendmentKind Kind, string Reason, string Actor, string? ReplacedBy, DateTimeOffset RecordedAt)
{
    public static AmendmentRow Of(EventAmendment amendment) => new(
        amendment.Kind, amendment.Reason, amendment.Actor, amendment.Replacement?.ToString(), amendment.RecordedAt);
}

/// <summary>Reads stored events.</summary>
internal static class ReadEvents
{
    /// <summary><c>GET /v1/events</c>.</summary>
    public static async Task<IResult> List(
        Parameters<EventPageRequest> parameters,
        Metering metering,
        SearchEvents search,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var meters = await metering.Meters(cancellationToken);
        var meter = request.Meter is null ? null : meters.FirstOrDefault(one => one.IsNamed(request.Meter));
        if (meter is null && request.Meter is not null)
        {
            return new Problem(PlatformProblems.InvalidParameter, $"'meter' names no meter: {request.Meter}.");
        }

        if (UsageQuestion.Filters(request.Dimension ?? []) is not { } filters)
        {
            return new Problem(PlatformProblems.InvalidParameter, "'dimension' is a name and a value, as model:gpt-4o.");
        }

        var sought = new EventSearch(
            request.Type,
            request.Source,
            request.Id,
            request.Subject,
            request.From,
            request.To,
            request.BillingAccount,
            meter,
            filters,
            meters);
        EventPosition? before = request.Cursor is { } cursor ? new EventPosition(cursor.Keys.Fold, cursor.Keys.Ordinal) : null;
        var (events, next) = await search.Page(
            context.Caller().RequiredOrg, sought, before, request.Limit.Rows, cancellationToken);
        var nextCursor = next is { } place ? new Cursor<(Guid Fold, int Ordinal)>((place.Fold, place.Ordinal)) : null;
        return TypedResults.Ok(new Page<EventRow>([.. events.Select(EventRow.Of)], nextCursor?.ToString()));
    }

    /// <summary><c>GET /v1/events/{event}</c>.</summary>
    public static async Task<IResult> One(
        Parameters<EventRequest> parameters,
        Metering metering,
        HttpContext context,
        CancellationToken cancellationToken) =>
        EventPosition.TryParse(parameters.Value.Event, out var position)
        && await metering.Event(context.Caller().RequiredOrg, position, cancellationToken) is { } stored
            ? TypedResults.Ok(EventRow.Of(stored))
            : new Problem(PlatformProblems.NotFound, "There is no such event.");
}
