using Quoin.Kernel;
using Quoin.Notifications.Internal;
using Quoin.Platform;

namespace Quoin.Notifications;

/// <summary>An organisation's webhook endpoints and their deliveries: what the API and the console work on.</summary>
public sealed class Webhooks
{
    private readonly EndpointReader endpoints;
    private readonly CreateEndpoint creating;
    private readonly ChangeEndpoint changing;
    private readonly DeliveryReader deliveries;
    private readonly ReplayDeliveries replaying;

    internal Webhooks(
        EndpointReader endpoints,
        CreateEndpoint creating,
        ChangeEndpoint changing,
        DeliveryReader deliveries,
        ReplayDeliveries replaying) =>
        (this.endpoints, this.creating, this.changing, this.deliveries, this.replaying) =
            (endpoints, creating, changing, deliveries, replaying);

    /// <summary>An organisation's endpoints, oldest first; at most <see cref="Limits.EndpointsMax"/>.</summary>
    public Task<IReadOnlyList<WebhookEndpoint>> Endpoints(OrgId org, CancellationToken cancellationToken) =>
        endpoints.All(org, cancellationToken);

    /// <summary>An endpoint; null where the organisation has none of this id.</summary>
    public Task<WebhookEndpoint?> Endpoint(
        OrgId org, WebhookEndpointId endpoint, CancellationToken cancellationToken) =>
        endpoints.Find(org, endpoint, cancellationToken);

    /// <summary>Makes an endpoint.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="request">What to make.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="idempotent">The request at hand, if it came with a key.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<WebhookEndpointOutcome> Create(
        OrgId org,
        NewWebhookEndpoint request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) =>
        creating.Handle(org, request, actor, idempotent, cancellationToken);

    /// <summary>Changes an endpoint.</summary>
    public Task<WebhookEndpointOutcome> Change(
        OrgId org,
        WebhookEndpointId endpoint,
        WebhookEndpointChange change,
        string actor,
        CancellationToken cancellationToken) =>
        changing.Change(org, endpoint, change, actor, cancellationToken);

    /// <summary>Gives an endpoint a new secret; the old one signs beside it for a while.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="endpoint">Which.</param>
    /// <param name="overlap">For how long; at most <see cref="Limits.RotationLongest"/>.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="idempotent">The request at hand, if it came with a key.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<WebhookEndpointOutcome> RotateSecret(
        OrgId org,
        WebhookEndpointId endpoint,
        TimeSpan overlap,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) =>
        changing.RotateSecret(org, endpoint, overlap, actor, idempotent, cancellationToken);

    /// <summary>Deletes an endpoint; its deliveries can still be read.</summary>
    public Task<WebhookEndpointOutcome> Delete(
        OrgId org, WebhookEndpointId endpoint, string actor, CancellationToken cancellationToken) =>
        changing.Delete(org, endpoint, actor, cancellationToken);

    /// <summary>Sends an endpoint an example of a topic.</summary>
    public Task<ReplayOutcome> SendTest(
        OrgId org, WebhookEndpointId endpoint, string topic, string actor, CancellationToken cancellationToken) =>
        replaying.SendTest(org, endpoint, topic, actor, cancellationToken);

    /// <summary>Deliveries, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">Those after this one, in the list's order; null from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public Task<IReadOnlyList<WebhookDelivery>> Deliveries(
        OrgId org, DeliveryFilter filter, WebhookDeliveryId? after, int limit, CancellationToken cancellationToken) =>
        deliveries.List(org, filter, after, limit, cancellationToken);

    /// <summary>A delivery with its attempts; null where the organisation has none of this id.</summary>
    public Task<WebhookDeliveryDetails?> Delivery(
        OrgId org, WebhookDeliveryId delivery, CancellationToken cancellationToken) =>
        deliveries.Find(org, delivery, cancellationToken);

    /// <summary>Attempts a delivery again, whatever became of it, with all its attempts before it.</summary>
    public Task<ReplayOutcome> Replay(
        OrgId org, WebhookDeliveryId delivery, string actor, CancellationToken cancellationToken) =>
        replaying.One(org, delivery, actor, cancellationToken);

    /// <summary>
    /// Sends an endpoint again what it did not get since an instant, also what was told while it was disabled.
    /// </summary>
    /// <param name="org">Whose.</param>
    /// <param name="endpoint">Which.</param>
    /// <param name="since">Messages from then on; not before <see cref="Limits.KeptFor"/>.</param>
    /// <param name="includesDelivered">Whether also what it got.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ReplayOutcome> ReplaySince(
        OrgId org,
        WebhookEndpointId endpoint,
        DateTimeOffset since,
        bool includesDelivered,
        string actor,
        CancellationToken cancellationToken) =>
        replaying.Since(org, endpoint, since, includesDelivered, actor, cancellationToken);
}
