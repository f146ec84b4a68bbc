using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>A page of deliveries, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Endpoint">Only those to this endpoint.</param>
/// <param name="State">Only those so far.</param>
/// <param name="Topic">Only those of this topic.</param>
internal sealed record DeliveryPageRequest(
    PageLimit Limit,
    Cursor<WebhookDeliveryId>? Cursor = null,
    WebhookEndpointId? Endpoint = null,
    DeliveryState? State = null,
    string? Topic = null);

/// <summary>Which delivery.</summary>
/// <param name="Id">Its id.</param>
internal sealed record DeliveryPath(WebhookDeliveryId Id);

/// <summary>The HTTP side of deliveries.</summary>
internal static class DeliveryRoutes
{
    /// <summary><c>GET /v1/webhook-deliveries</c>.</summary>
    public static async Task<IResult> List(
        Parameters<DeliveryPageRequest> parameters,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await webhooks.Deliveries(
            context.Caller().RequiredOrg,
            new DeliveryFilter(request.Endpoint, request.State, request.Topic),
            request.Cursor?.Keys,
            request.Limit.RowsToFetch,
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, delivery => delivery.Id));
    }

    /// <summary><c>GET /v1/webhook-deliveries/{id}</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<DeliveryPath> path, Webhooks webhooks, HttpContext context, CancellationToken cancellationToken) =>
        await webhooks.Delivery(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } delivery
            ? TypedResults.Ok(delivery)
            : new Problem(PlatformProblems.NotFound, "There is no such webhook delivery.");

    /// <summary><c>POST /v1/webhook-deliveries/{id}/replay</c>.</summary>
    public static async Task<IResult> Replay(
        Parameters<DeliveryPath> path, Webhooks webhooks, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return EndpointRoutes.Answer(
            await webhooks.Replay(caller.RequiredOrg, path.Value.Id, caller.Actor, cancellationToken));
    }
}
