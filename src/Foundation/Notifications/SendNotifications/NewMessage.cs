using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>A message to be written.</summary>
/// <param name="Org">Whom it is for.</param>
/// <param name="Topic">Its topic's name.</param>
/// <param name="Key">What makes it one: a second message of the topic with this key is not written.</param>
/// <param name="Body">What is sent to webhooks, letter by letter.</param>
/// <param name="Subject">What a mail's subject says.</param>
/// <param name="Lines">What a mail says.</param>
internal sealed record NewMessage(OrgId Org, string Topic, string Key, string Body, string Subject, string Lines)
{
    public static NewMessage Of<TPayload>(
        OrgId org, NotificationTopic<TPayload> topic, string key, DateTimeOffset at, TPayload payload)
        where TPayload : class
    {
        if (InputText.Problem(key, Limits.KeyLettersMax) is { } wrong)
        {
            throw new ArgumentException($"A notification's key {wrong}.", nameof(key));
        }

        var data = MessageBody.Payload(payload);
        return new NewMessage(
            org,
            topic.Name,
            key,
            MessageBody.Of(org, topic.Name, at, data.DeepClone(), isTest: false),
            topic.Sentence(payload),
            MailText.Lines(data));
    }
}
