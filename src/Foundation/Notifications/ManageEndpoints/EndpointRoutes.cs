using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Which endpoint.</summary>
/// <param name="Id">Its id.</param>
internal sealed record EndpointPath(WebhookEndpointId Id);

/// <summary>How to replace a secret.</summary>
/// <param name="OverlapHours">For how many hours the old one signs, too: 0 to 168.</param>
internal sealed record RotateRequest(int OverlapHours = 24);

/// <summary>What to try an endpoint with.</summary>
/// <param name="Topic">The topic whose example is sent.</param>
internal sealed record TestRequest(string Topic = "webhook.test");

/// <summary>What to send again.</summary>
/// <param name="Since">Messages from then on.</param>
/// <param name="IncludesDelivered">Whether also those the endpoint took.</param>
internal sealed record ReplaySinceRequest(DateTimeOffset Since, bool IncludesDelivered = false);

/// <summary>How much is sent again.</summary>
/// <param name="Deliveries">How many deliveries are attempted now.</param>
/// <param name="Delivery">Which, where it is one.</param>
internal sealed record ReplayAnswer(int Deliveries, WebhookDeliveryId? Delivery);

/// <summary>An endpoint with its new signing secret.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Secret">Verifies signatures; shown this once.</param>
internal sealed record EndpointWithSecret(WebhookEndpoint Endpoint, string Secret);

/// <summary>The HTTP side of webhook endpoints.</summary>
internal static class EndpointRoutes
{
    /// <summary><c>POST /v1/webhook-endpoints</c>.</summary>
    public static async Task<IResult> Create(
        NewWebhookEndpoint body, Webhooks webhooks, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await webhooks.Create(
            caller.RequiredOrg, body, caller.Actor, context.IdempotentRequest(), cancellationToken);
        return Answer(outcome, context, isNew: true);
    }

    /// <summary><c>GET /v1/webhook-endpoints</c>.</summary>
    public static async Task<IResult> List(
        Webhooks webhooks, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<WebhookEndpoint>(
            await webhooks.Endpoints(context.Caller().RequiredOrg, cancellationToken), null));

    /// <summary><c>GET /v1/webhook-endpoints/{id}</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<EndpointPath> path, Webhooks webhooks, HttpContext context, CancellationToken cancellationToken) =>
        await webhooks.Endpoint(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } endpoint
            ? TypedResults.Ok(endpoint)
            : NoSuchEndpoint();

    /// <summary><c>PATCH /v1/webhook-endpoints/{id}</c>.</summary>
    public static async Task<IResult> Change(
        Parameters<EndpointPath> path,
        WebhookEndpointChange body,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await webhooks.Change(
            caller.RequiredOrg, path.Value.Id, body, caller.Actor, cancellationToken);
        return Answer(outcome, context, isNew: false);
    }

    /// <summary><c>DELETE /v1/webhook-endpoints/{id}</c>.</summary>
    public static async Task<IResult> Delete(
        Parameters<EndpointPath> path, Webhooks webhooks, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await webhooks.Delete(caller.RequiredOrg, path.Value.Id, caller.Actor, cancellationToken);
        return outcome is WebhookEndpointOutcome.Done ? TypedResults.NoContent() : NoSuchEndpoint();
    }

    /// <summary><c>POST /v1/webhook-endpoints/{id}/rotate-secret</c>.</summary>
    public static async Task<IResult> RotateSecret(
        Parameters<EndpointPath> path,
        RotateRequest body,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await webhooks.RotateSecret(
            caller.RequiredOrg,
            path.Value.Id,
            TimeSpan.FromHours(body.OverlapHours),
            caller.Actor,
            context.IdempotentRequest(),
            cancellationToken);
        return Answer(outcome, context, isNew: false);
    }

    /// <summary><c>POST /v1/webhook-endpoints/{id}/test</c>.</summary>
    public static async Task<IResult> SendTest(
        Parameters<EndpointPath> path,
        TestRequest body,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(await webhooks.SendTest(
            caller.RequiredOrg, path.Value.Id, body.Topic, caller.Actor, cancellationToken));
    }

    /// <summary><c>POST /v1/webhook-endpoints/{id}/replay</c>.</summary>
    public static async Task<IResult> ReplaySince(
        Parameters<EndpointPath> path,
        ReplaySinceRequest body,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(await webhooks.ReplaySince(
            caller.RequiredOrg, path.Value.Id, body.Since, body.IncludesDelivered, caller.Actor, cancellationToken));
    }

    /// <summary>The answer to sending again.</summary>
    public static IResult Answer(ReplayOutcome outcome) => outcome switch
    {
        ReplayOutcome.Replayed(var count, var delivery) =>
            TypedResults.Accepted((string?)null, new ReplayAnswer(count, delivery)),
        ReplayOutcome.NotFound => new Problem(PlatformProblems.NotFound, "There is no such webhook endpoint or delivery."),
        ReplayOutcome.Disabled => new Problem(
            NotificationsProblems.WebhookEndpointDisabled, "Nothing is sent to a disabled endpoint."),
        ReplayOutcome.Invalid(var errors) => NotificationsProblems.Of(errors),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IResult Answer(WebhookEndpointOutcome outcome, HttpContext context, bool isNew)
    {
        if (outcome is WebhookEndpointOutcome.DoneWithSecret(var made, var secret))
        {
            // The one answer that holds a secret: no cache between here and its owner may keep it.
            context.Response.Headers.CacheControl = "no-store";
            var answer = new EndpointWithSecret(made, secret);
            return isNew ? TypedResults.Created($"/v1/webhook-endpoints/{made.Id}", answer) : TypedResults.Ok(answer);
        }

        return outcome switch
        {
            WebhookEndpointOutcome.Done(var endpoint) => TypedResults.Ok(endpoint),
            WebhookEndpointOutcome.NoSuchEndpoint => NoSuchEndpoint(),
            WebhookEndpointOutcome.TooMany => new Problem(
                NotificationsProblems.TooManyWebhookEndpoints,
                $"There are {Limits.EndpointsMax} webhook endpoints already."),
            WebhookEndpointOutcome.Invalid(var errors) => NotificationsProblems.Of(errors),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Problem NoSuchEndpoint() => new(PlatformProblems.NotFound, "There is no such webhook endpoint.");
}
