using Npgsql;
using Quoin.Kernel;
using Quoin.Notifications.Internal;
using Quoin.Platform;

namespace Quoin.Notifications;

/// <summary>
/// Tells organisations what happened, by signed webhooks and by mail: written in the transaction of the fact, delivered
/// after it, at least once by webhook and at most once by mail.
/// </summary>
public sealed class Notifications
{
    private readonly WriteMessages messages;
    private readonly WakeUps wakeUps;

    internal Notifications(WriteMessages messages, WakeUps wakeUps) => (this.messages, this.wakeUps) = (messages, wakeUps);

    /// <summary>Tells an organisation; after the commit call <see cref="Hint"/>.</summary>
    /// <param name="transaction">The transaction of the fact.</param>
    /// <param name="org">Whom to tell.</param>
    /// <param name="topic">What it is about.</param>
    /// <param name="key">
    /// What makes it one, of at most <see cref="Limits.KeyLettersMax"/> letters: a topic is told once for a key, however
    /// often it is sent.
    /// </param>
    /// <param name="at">When it happened, by the organisation's clock.</param>
    /// <param name="payload">What happened; at most <see cref="Limits.MessageBytesMax"/> as JSON.</param>
    /// <param name="cancellationToken">Stops before a statement is sent.</param>
    /// <returns>The message's id; null when the topic was told for this key before.</returns>
    public Task<MessageId?> Send<TPayload>(
        NpgsqlTransaction transaction,
        OrgId org,
        NotificationTopic<TPayload> topic,
        string key,
        DateTimeOffset at,
        TPayload payload,
        CancellationToken cancellationToken)
        where TPayload : class =>
        messages.Write(transaction, NewMessage.Of(org, topic, key, at, payload), cancellationToken);

    /// <summary>Tells those who deliver to look now instead of within seconds. After the commit, never before.</summary>
    public void Hint()
    {
        wakeUps.Hint(DeliveryRunner.Channel);
        wakeUps.Hint(MailPump.Channel);
    }
}
