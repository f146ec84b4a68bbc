using Quoin.Notifications;

namespace Quoin.ConsolePages.BrowseNotifications;

/// <summary>What people read about webhooks and mails.</summary>
public static class NotificationText
{
    /// <summary>Where an endpoint stands.</summary>
    public static string Of(WebhookEndpoint endpoint) => endpoint switch
    {
        { DisabledReason: DisabledReason.Gone } => "Gone",
        { DisabledReason: DisabledReason.Failing } => "Given up",
        { IsEnabled: false } => "Disabled",
        { FailingSince: not null } => "Failing",
        _ => "Enabled",
    };

    /// <summary>Where a delivery stands.</summary>
    public static string Of(DeliveryState state) => state switch
    {
        DeliveryState.Waiting => "Waiting",
        DeliveryState.Delivered => "Delivered",
        _ => "Dead",
    };

    /// <summary>Where a mail stands.</summary>
    public static string Of(MailState state) => state switch
    {
        MailState.Waiting => "Waiting",
        MailState.Sending => "On its way",
        MailState.Sent => "Sent",
        MailState.Dead => "Refused",
        _ => "Uncertain",
    };

    /// <summary>Topics in one line.</summary>
    public static string Of(IReadOnlyList<string> topics) =>
        topics is [NotificationTopic.Every] ? "Every topic" : string.Join(", ", topics);

    /// <summary>The topics that can be chosen; tests go where they are sent.</summary>
    public static IEnumerable<NotificationTopic> Choices =>
        NotificationTopics.All.Where(topic => topic != NotificationTopics.WebhookTest);

    /// <summary>The topics a form chose: each box that was ticked sends one.</summary>
    /// <param name="field">The field's text: the names, with commas between.</param>
    public static IReadOnlyList<string> TopicsOf(string field)
    {
        var topics = field.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return topics.Contains(NotificationTopic.Every, StringComparer.Ordinal) ? [NotificationTopic.Every] : topics;
    }

    /// <summary>What is wrong, as one sentence for a person.</summary>
    public static string Complaint(IReadOnlyDictionary<string, string> errors) =>
        string.Join(' ', errors.Select(error => $"{Capital(error.Key.Replace('_', ' '))} {error.Value}."));

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
