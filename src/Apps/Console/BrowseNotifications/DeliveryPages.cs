using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseNotifications;

/// <summary>A page of deliveries, newest first.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Endpoint">Only those to this endpoint.</param>
/// <param name="State">Only those so far.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record DeliveriesRequest(
    OrgId? Org = null,
    WebhookEndpointId? Endpoint = null,
    DeliveryState? State = null,
    Cursor<WebhookDeliveryId>? Cursor = null);

/// <summary>Which delivery.</summary>
/// <param name="Delivery">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record DeliveryRequest(WebhookDeliveryId Delivery, OrgId? Org = null);

/// <summary>What a page of deliveries shows.</summary>
/// <param name="Deliveries">The deliveries.</param>
/// <param name="Endpoints">The organisation's endpoints.</param>
/// <param name="Endpoint">The one they are to; null for all.</param>
/// <param name="State">How far they are; null for all.</param>
/// <param name="Cursor">Where this page begins.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record DeliveryList(
    IReadOnlyList<WebhookDelivery> Deliveries,
    IReadOnlyList<WebhookEndpoint> Endpoints,
    WebhookEndpointId? Endpoint,
    DeliveryState? State,
    string? Cursor,
    string? Next);

/// <summary>What the page of a delivery shows.</summary>
/// <param name="Details">The delivery with its attempts.</param>
/// <param name="Endpoint">To whom; null where it was deleted.</param>
/// <param name="Complaint">Why it could not be replayed; null where it was not tried.</param>
public sealed record DeliveryDetail(WebhookDeliveryDetails Details, WebhookEndpoint? Endpoint, string? Complaint)
{
    private static readonly JsonSerializerOptions Pretty = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What is sent, laid out to be read.</summary>
    public string Json
    {
        get
        {
            using var body = JsonDocument.Parse(Details.Body);
            return JsonSerializer.Serialize(body.RootElement, Pretty);
        }
    }
}

/// <summary>Shows deliveries and what became of every attempt.</summary>
internal static class DeliveryPages
{
    /// <summary><c>GET /console/webhook-deliveries</c>.</summary>
    public static Task<IResult> List(
        Parameters<DeliveriesRequest> parameters,
        Visits visits,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (_, endpoint, state, cursor) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = await webhooks.Deliveries(
                org, new DeliveryFilter(endpoint, state), cursor?.Keys, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => row.Id);
            var endpoints = await webhooks.Endpoints(org, cancellationToken);
            return frame.Page<DeliveriesView, DeliveryList>(
                new(page.Data, endpoints, endpoint, state, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/webhook-deliveries/{delivery}</c>.</summary>
    public static Task<IResult> One(
        Parameters<DeliveryRequest> parameters,
        Visits visits,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Detail(frame, webhooks, parameters.Value.Delivery, complaint: null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/webhook-deliveries/{delivery}</c>: sends it again.</summary>
    public static Task<IResult> Replay(
        Parameters<DeliveryRequest> parameters,
        Visits visits,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var id = parameters.Value.Delivery;
            return await webhooks.Replay(frame.RequiredOrg.Id, id, frame.Caller.Actor, cancellationToken) switch
            {
                ReplayOutcome.Replayed => PostedForm.SeeOther(context, frame.To(Places.Of(id))),
                ReplayOutcome.Disabled => await Detail(
                    frame, webhooks, id, "Its endpoint is disabled. Enable it first.", cancellationToken),
                _ => await Detail(frame, webhooks, id, "Its endpoint was deleted.", cancellationToken),
            };
        },
        cancellationToken);

    private static async Task<IResult> Detail(
        Frame frame, Webhooks webhooks, WebhookDeliveryId id, string? complaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        if (await webhooks.Delivery(org, id, cancellationToken) is not { } details)
        {
            return frame.NotFound("webhook delivery");
        }

        var endpoint = await webhooks.Endpoint(org, details.Delivery.Endpoint, cancellationToken);
        return frame.Page<DeliveryView, DeliveryDetail>(
            new(details, endpoint, complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }
}
