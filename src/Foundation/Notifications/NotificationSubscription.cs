using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Notifications;

/// <summary>A piece of news of another module, in the words organisations are told it by.</summary>
/// <param name="Key">What makes it one: a topic is told once for a key.</param>
/// <param name="At">When it happened, by the organisation's clock.</param>
/// <param name="Payload">What happened.</param>
/// <typeparam name="TPayload">The topic's payload.</typeparam>
public sealed record Notification<TPayload>(string Key, DateTimeOffset At, TPayload Payload)
    where TPayload : class;

/// <summary>How other modules' news become notifications.</summary>
public static class NotificationSubscription
{
    /// <summary>
    /// Tells organisations a topic whenever another module publishes a piece of news. Wired in Server, which knows both.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="topic">What to tell.</param>
    /// <param name="told">The news in the topic's words; null where nobody is to be told.</param>
    /// <typeparam name="TEvent">The news, which names its organisation.</typeparam>
    /// <typeparam name="TPayload">The topic's payload.</typeparam>
    public static IServiceCollection AddNotification<TEvent, TPayload>(
        this IServiceCollection services,
        NotificationTopic<TPayload> topic,
        Func<OutboxMessage<TEvent>, Notification<TPayload>?> told)
        where TEvent : IOutboxEvent
        where TPayload : class =>
        services.AddSubscriber<TEvent>($"notifications.on_{TEvent.Topic}", async (message, delivery, cancellationToken) =>
        {
            if (message.Org is not { } org || told(message) is not { } notification)
            {
                return;
            }

            var notifications = delivery.Services.GetRequiredService<Notifications>();
            var database = delivery.Services.GetRequiredService<NpgsqlDataSource>();
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await notifications.Send(
                transaction, org, topic, notification.Key, notification.At, notification.Payload, cancellationToken);
            await delivery.Complete(transaction, cancellationToken);
            await transaction.CommitAsync(CancellationToken.None);
            notifications.Hint();
        });
}
