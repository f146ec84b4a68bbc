using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseNotifications;

/// <summary>Webhook endpoints.</summary>
/// <param name="Org">The organisation.</param>
internal sealed record WebhooksRequest(OrgId? Org = null);

/// <summary>Which webhook endpoint.</summary>
/// <param name="Endpoint">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record WebhookRequest(WebhookEndpointId Endpoint, OrgId? Org = null);

/// <summary>What the page of endpoints shows.</summary>
/// <param name="Endpoints">The endpoints.</param>
/// <param name="Complaint">Why one could not be added; null where none was tried.</param>
/// <param name="Url">The address that was tried.</param>
public sealed record WebhookList(IReadOnlyList<WebhookEndpoint> Endpoints, string? Complaint, string? Url);

/// <summary>What the page of an endpoint shows.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Latest">Its newest deliveries.</param>
/// <param name="Secret">Its new secret; null but when it has just been made.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record WebhookDetail(
    WebhookEndpoint Endpoint, IReadOnlyList<WebhookDelivery> Latest, string? Secret, string? Complaint);

/// <summary>Shows and changes webhook endpoints.</summary>
internal static class WebhookPages
{
    /// <summary><c>GET /console/webhooks</c>.</summary>
    public static Task<IResult> List(
        Parameters<WebhooksRequest> parameters,
        Visits visits,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => All(frame, webhooks, complaint: null, url: null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/webhooks</c>: the answer is the endpoint's page, as its secret is shown this once.</summary>
    public static Task<IResult> Create(
        Parameters<WebhooksRequest> parameters,
        Visits visits,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var wanted = new NewWebhookEndpoint(
                form["url"], NotificationText.TopicsOf(form["topics"]), FormText.Of(form["description"]));
            var outcome = await webhooks.Create(
                frame.RequiredOrg.Id, wanted, frame.Caller.Actor, IdempotentRequest.None, cancellationToken);
            return outcome switch
            {
                WebhookEndpointOutcome.DoneWithSecret(var made, var secret) =>
                    Detail(frame, context, new WebhookDetail(made, [], secret, Complaint: null)),
                WebhookEndpointOutcome.Invalid(var errors) =>
                    await All(frame, webhooks, NotificationText.Complaint(errors), form["url"], cancellationToken),
                WebhookEndpointOutcome.TooMany => await All(
                    frame, webhooks, "There are as many as there may be. Delete one first.", form["url"], cancellationToken),
                _ => throw new InvalidOperationException($"Adding a webhook endpoint ended as {outcome}."),
            };
        },
        cancellationToken);

    /// <summary><c>GET /console/webhooks/{endpoint}</c>.</summary>
    public static Task<IResult> One(
        Parameters<WebhookRequest> parameters,
        Visits visits,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Detail(frame, context, webhooks, parameters.Value.Endpoint, null, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/webhooks/{endpoint}</c>.</summary>
    public static Task<IResult> Act(
        Parameters<WebhookRequest> parameters,
        Visits visits,
        Webhooks webhooks,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (org, id, actor) = (frame.RequiredOrg.Id, parameters.Value.Endpoint, frame.Caller.Actor);
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var again = frame.To(Places.Of(id));
            object? outcome = form["act"] switch
            {
                "test" => await webhooks.SendTest(org, id, form["topic"], actor, cancellationToken),
                "replay" => await webhooks.ReplaySince(
                    org, id, FormText.Instant(form["since"]) ?? default, form["all"].Length > 0, actor, cancellationToken),
                "rotate" => await webhooks.RotateSecret(
                    org, id, Overlap(form["overlap"]), actor, IdempotentRequest.None, cancellationToken),
                "delete" => await webhooks.Delete(org, id, actor, cancellationToken),
                "change" or "enable" or "disable" => await webhooks.Change(org, id, ChangeOf(form), actor, cancellationToken),
                _ => null,
            };
            return outcome switch
            {
                WebhookEndpointOutcome.DoneWithSecret(_, var secret) =>
                    await Detail(frame, context, webhooks, id, secret, null, cancellationToken),
                WebhookEndpointOutcome.Done when form["act"] == "delete" =>
                    PostedForm.SeeOther(context, frame.To(Places.Webhooks)),
                WebhookEndpointOutcome.Done => PostedForm.SeeOther(context, again),
                ReplayOutcome.Replayed(_, { } delivery) => PostedForm.SeeOther(context, frame.To(Places.Of(delivery))),
                ReplayOutcome.Replayed => PostedForm.SeeOther(
                    context, frame.To(Places.WebhookDeliveries, ("endpoint", id.ToString()))),
                _ => await Detail(frame, context, webhooks, id, null, Complaint(outcome), cancellationToken),
            };
        },
        cancellationToken);

    private static WebhookEndpointChange ChangeOf(PostedForm form) => form["act"] switch
    {
        "enable" => new WebhookEndpointChange(IsEnabled: true),
        "disable" => new WebhookEndpointChange(IsEnabled: false),
        _ => new WebhookEndpointChange(
            form["url"], NotificationText.TopicsOf(form["topics"]), FormText.Of(form["description"])),
    };

    // A field that holds no number asks for what cannot be, and the module says so.
    private static TimeSpan Overlap(string hours) =>
        int.TryParse(hours, System.Globalization.CultureInfo.InvariantCulture, out var count)
            ? TimeSpan.FromHours(count)
            : TimeSpan.MinValue;

    private static string Complaint(object? outcome) => outcome switch
    {
        WebhookEndpointOutcome.Invalid(var errors) => NotificationText.Complaint(errors),
        ReplayOutcome.Invalid(var errors) => NotificationText.Complaint(errors),
        ReplayOutcome.Disabled => "Nothing is sent to a disabled endpoint. Enable it first.",
        null => "Press one of the buttons.",
        _ => "It is not there any more.",
    };

    private static async Task<IResult> All(
        Frame frame, Webhooks webhooks, string? complaint, string? url, CancellationToken cancellationToken) =>
        frame.Page<WebhooksView, WebhookList>(
            new(await webhooks.Endpoints(frame.RequiredOrg.Id, cancellationToken), complaint, url),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> Detail(
        Frame frame,
        HttpContext context,
        Webhooks webhooks,
        WebhookEndpointId id,
        string? secret,
        string? complaint,
        CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        if (await webhooks.Endpoint(org, id, cancellationToken) is not { } endpoint)
        {
            return frame.NotFound("webhook endpoint");
        }

        var latest = await webhooks.Deliveries(
            org, new DeliveryFilter(id), after: null, Limits.RowsLatest, cancellationToken);
        return Detail(frame, context, new WebhookDetail(endpoint, latest, secret, complaint));
    }

    private static IResult Detail(Frame frame, HttpContext context, WebhookDetail detail)
    {
        if (detail.Secret is not null)
        {
            // The one page that holds a secret: nothing between here and its reader may keep it.
            context.Response.Headers.CacheControl = "no-store";
        }

        return frame.Page<WebhookView, WebhookDetail>(
            detail, detail.Complaint is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }
}
