using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Quoin.Notifications.Internal;
using Quoin.Platform;

namespace Quoin.Notifications;

/// <summary>Notifications' table of contents: telling organisations what happened.</summary>
public static class NotificationsModule
{
    /// <summary>
    /// Adds Notifications to the host. Needs Platform and Accounts. The host adds the <see cref="NotificationOptions"/>;
    /// without them there is no mail, and no private network is reached.
    /// </summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.TryAddSingleton(new NotificationOptions());
        services.AddSingleton<NotificationsMetrics>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WriteMessages>();
        services.AddSingleton(provider => new Notifications(
            provider.GetRequiredService<WriteMessages>(), provider.GetRequiredService<WakeUps>()));
        services.AddSingleton<ForgetMessages>();
        services.AddRecurringJob("notifications.purge_messages", Limits.PurgeEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<ForgetMessages>().Run(cancellationToken));
        AddWebhooks(services);
        AddMail(services);
        AddMailsToPeople(services);
        return services;
    }

    /// <summary>Adds Notifications' endpoints.</summary>
    public static IEndpointRouteBuilder MapNotifications(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Notifications").LimitsBody(Limits.BodyBytesMax);
        MapEndpoints(api);
        MapSending(api);
        MapDeliveries(api);
        MapSettings(api);
        return routes;
    }

    private static void AddWebhooks(IServiceCollection services)
    {
        services.AddSingleton<EndpointReader>();
        services.AddSingleton<CreateEndpoint>();
        services.AddSingleton<ChangeEndpoint>();
        services.AddSingleton<DeliveryReader>();
        services.AddSingleton<ReplayDeliveries>();
        services.AddSingleton(provider => new Webhooks(
            provider.GetRequiredService<EndpointReader>(),
            provider.GetRequiredService<CreateEndpoint>(),
            provider.GetRequiredService<ChangeEndpoint>(),
            provider.GetRequiredService<DeliveryReader>(),
            provider.GetRequiredService<ReplayDeliveries>()));
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<RecordAttempts>();
        services.AddSingleton<DueEndpoints>();
        services.AddSingleton<DeliveryTurn>();
        services.AddSingleton(provider => new DeliveryRunner(
            provider.GetRequiredService<DueEndpoints>(),
            provider.GetRequiredService<DeliveryTurn>(),
            provider.GetRequiredService<WakeUps>(),
            provider.GetRequiredService<HostRoles>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DeliveryRunner>>()));
        services.AddHostedService(provider => provider.GetRequiredService<DeliveryRunner>());
    }

    private static void AddMail(IServiceCollection services)
    {
        services.AddSingleton<ChooseRecipients>();
        services.AddSingleton(provider => new NotificationRecipients(provider.GetRequiredService<ChooseRecipients>()));
        services.AddSingleton<SmtpMailer>();
        services.AddSingleton<MailPump>();
        services.AddPump(new PumpOptions(
            MailPump.Channel,
            (turn, cancellationToken) => turn.Services.GetRequiredService<MailPump>().Step(turn, cancellationToken))
        {
            IdleLongest = Limits.MailIdleLongest,
        });
    }

    private static void AddMailsToPeople(IServiceCollection services)
    {
        services.AddSingleton<SealedMails>();
        services.AddSingleton<IMails>(provider => provider.GetRequiredService<SealedMails>());
        services.AddSingleton<ReadOutbox>();
        services.AddSingleton(provider => new MailOutbox(provider.GetRequiredService<ReadOutbox>()));
        services.AddSingleton<SealedMailPump>();
        services.AddPump(new PumpOptions(
            SealedMailPump.Channel,
            (turn, cancellationToken) =>
                turn.Services.GetRequiredService<SealedMailPump>().Step(turn, cancellationToken))
        {
            IdleLongest = Limits.MailIdleLongest,
        });
    }

    private static void MapEndpoints(RouteGroupBuilder api)
    {
        api.MapPost("/webhook-endpoints", EndpointRoutes.Create)
            .WithName("createWebhookEndpoint")
            .WithSummary("Create a webhook endpoint; its signing secret is shown this once")
            .Produces<EndpointWithSecret>(StatusCodes.Status201Created)
            .MayAnswer(NotificationsProblems.InvalidNotificationInput, NotificationsProblems.TooManyWebhookEndpoints)
            .Idempotent()
            .Requires(Permission.WebhooksManage);
        api.MapGet("/webhook-endpoints", EndpointRoutes.List)
            .WithName("listWebhookEndpoints")
            .WithSummary("List the organisation's webhook endpoints")
            .Produces<Page<WebhookEndpoint>>()
            .Requires(Permission.WebhooksManage);
        api.MapGet("/webhook-endpoints/{id}", EndpointRoutes.Show)
            .WithName("getWebhookEndpoint")
            .WithSummary("Show a webhook endpoint")
            .Produces<WebhookEndpoint>()
            .Requires(Permission.WebhooksManage);
        api.MapPatch("/webhook-endpoints/{id}", EndpointRoutes.Change)
            .WithName("changeWebhookEndpoint")
            .WithSummary("Change a webhook endpoint; what is left out stays")
            .Produces<WebhookEndpoint>()
            .MayAnswer(NotificationsProblems.InvalidNotificationInput)
            .Idempotent()
            .Requires(Permission.WebhooksManage);
        api.MapDelete("/webhook-endpoints/{id}", EndpointRoutes.Delete)
            .WithName("deleteWebhookEndpoint")
            .WithSummary("Delete a webhook endpoint; its deliveries can still be read")
            .Produces(StatusCodes.Status204NoContent)
            .Requires(Permission.WebhooksManage);
    }

    private static void MapSending(RouteGroupBuilder api)
    {
        api.MapPost("/webhook-endpoints/{id}/rotate-secret", EndpointRoutes.RotateSecret)
            .WithName("rotateWebhookSecret")
            .WithSummary("Replace a signing secret; for a while both sign")
            .Produces<EndpointWithSecret>()
            .MayAnswer(NotificationsProblems.InvalidNotificationInput)
            .Idempotent()
            .Requires(Permission.WebhooksManage);
        api.MapPost("/webhook-endpoints/{id}/test", EndpointRoutes.SendTest)
            .WithName("testWebhookEndpoint")
            .WithSummary("Send an example of a topic to a webhook endpoint")
            .Produces<ReplayAnswer>(StatusCodes.Status202Accepted)
            .MayAnswer(NotificationsProblems.InvalidNotificationInput, NotificationsProblems.WebhookEndpointDisabled)
            .Idempotent()
            .Requires(Permission.WebhooksManage);
        api.MapPost("/webhook-endpoints/{id}/replay", EndpointRoutes.ReplaySince)
            .WithName("replayWebhookEndpoint")
            .WithSummary("Send a webhook endpoint again what it did not get since an instant")
            .Produces<ReplayAnswer>(StatusCodes.Status202Accepted)
            .MayAnswer(NotificationsProblems.InvalidNotificationInput, NotificationsProblems.WebhookEndpointDisabled)
            .Idempotent()
            .Requires(Permission.WebhooksManage);
    }

    private static void MapDeliveries(RouteGroupBuilder api)
    {
        api.MapGet("/webhook-deliveries", DeliveryRoutes.List)
            .WithName("listWebhookDeliveries")
            .WithSummary("List webhook deliveries, newest first")
            .Produces<Page<WebhookDelivery>>()
            .Requires(Permission.WebhooksManage);
        api.MapGet("/webhook-deliveries/{id}", DeliveryRoutes.Show)
            .WithName("getWebhookDelivery")
            .WithSummary("Show a webhook delivery, what it sends, and every attempt")
            .Produces<WebhookDeliveryDetails>()
            .Requires(Permission.WebhooksManage);
        api.MapPost("/webhook-deliveries/{id}/replay", DeliveryRoutes.Replay)
            .WithName("replayWebhookDelivery")
            .WithSummary("Attempt a webhook delivery again, whatever became of it")
            .Produces<ReplayAnswer>(StatusCodes.Status202Accepted)
            .MayAnswer(NotificationsProblems.WebhookEndpointDisabled)
            .Idempotent()
            .Requires(Permission.WebhooksManage);
    }

    private static void MapSettings(RouteGroupBuilder api)
    {
        api.MapGet("/notification-topics", SettingsRoutes.Topics)
            .WithName("listNotificationTopics")
            .WithSummary("List what organisations are told about, with each topic's JSON Schema")
            .Produces<Page<TopicAnswer>>()
            .RequiresWithoutOrg(Permission.WebhooksManage);
        api.MapGet("/notification-settings", SettingsRoutes.Show)
            .WithName("getNotificationSettings")
            .WithSummary("Show who gets which mails")
            .Produces<SettingsAnswer>()
            .Requires(Permission.WebhooksManage);
        api.MapPut("/notification-settings", SettingsRoutes.Choose)
            .WithName("chooseNotificationSettings")
            .WithSummary("Choose who gets which mails")
            .Produces<SettingsAnswer>()
            .MayAnswer(NotificationsProblems.InvalidNotificationInput)
            .Idempotent()
            .Requires(Permission.WebhooksManage);
    }
}
