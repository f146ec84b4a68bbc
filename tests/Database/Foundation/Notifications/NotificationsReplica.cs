using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Notifications;

/// <summary>Notifications as one replica of the host has them; nothing runs in the background unless it is started.</summary>
internal sealed class NotificationsReplica(
    TestDatabase database,
    SettableClock clock,
    NotificationOptions? options = null,
    Action<IServiceCollection>? configure = null) : IAsyncDisposable
{
    private readonly TestReplica replica = new(database, clock, services =>
    {
        services.AddSingleton(options ?? new NotificationOptions { AllowsPrivateNetworks = true });
        services.AddAccounts();
        services.AddNotifications();
        configure?.Invoke(services);
    });

    private int told;

    public TestReplica Services => replica;

    public Webhooks Webhooks => replica.Get<Webhooks>();

    public async Task<OrgId> NewOrganisation(OrganisationMode mode = OrganisationMode.Test)
    {
        var created = await replica.Get<Organisations>().Create(new NewOrganisation("Acme", mode), "test", default);
        return ((CreateOrganisationOutcome.Created)created).Organisation.Id;
    }

    /// <summary>Makes an endpoint that must be possible.</summary>
    public async Task<(WebhookEndpointId Id, string Secret)> Endpoint(OrgId org, string url, params string[] topics)
    {
        var outcome = await Webhooks.Create(
            org, new NewWebhookEndpoint(url, topics.Length == 0 ? null : topics), "test", IdempotentRequest.None, default);
        var made = outcome.ShouldBeOfType<WebhookEndpointOutcome.DoneWithSecret>();
        return (made.Endpoint.Id, made.Secret);
    }

    /// <summary>Tells an organisation that its balance is low.</summary>
    public Task<MessageId?> Tell(OrgId org, string? key = null) => replica.InTransaction(transaction =>
        replica.Get<Quoin.Notifications.Notifications>().Send(
            transaction,
            org,
            NotificationTopics.BalanceLow,
            key ?? $"key-{++told}",
            clock.GetUtcNow(),
            NotificationTopics.BalanceLow.Example,
            default));

    /// <summary>Delivers all that is due now, on this thread.</summary>
    public Task<int> Deliver(CancellationToken cancellationToken = default) =>
        replica.Get<DeliveryRunner>().RunDue(cancellationToken);

    /// <summary>The newest delivery.</summary>
    public async Task<WebhookDelivery> Newest(OrgId org) =>
        (await Webhooks.Deliveries(org, new DeliveryFilter(), null, 1, default)).Single();

    public ValueTask DisposeAsync() => replica.DisposeAsync();
}
