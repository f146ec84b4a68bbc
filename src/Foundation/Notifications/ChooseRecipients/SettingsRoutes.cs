using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Who shall get which mails.</summary>
/// <param name="Recipients">All of them; nobody else gets any.</param>
internal sealed record SettingsRequest(IReadOnlyList<MailRecipient> Recipients);

/// <summary>How the organisation is told.</summary>
/// <param name="IsMailAvailable">Whether this Quoin has a mail server; without one no mail is sent.</param>
/// <param name="Recipients">Who gets which mails.</param>
internal sealed record SettingsAnswer(bool IsMailAvailable, IReadOnlyList<MailRecipient> Recipients);

/// <summary>A topic as the API shows it.</summary>
/// <param name="Name">Its stable name, the message's <c>type</c>.</param>
/// <param name="Summary">When it is told.</param>
/// <param name="Schema">The JSON Schema of the message's <c>data</c>.</param>
/// <param name="Example">A <c>data</c> to try with.</param>
internal sealed record TopicAnswer(string Name, string Summary, JsonNode Schema, JsonNode Example);

/// <summary>The HTTP side of settings and topics.</summary>
internal static class SettingsRoutes
{
    /// <summary><c>GET /v1/notification-settings</c>.</summary>
    public static async Task<IResult> Show(
        NotificationRecipients recipients, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new SettingsAnswer(
            recipients.IsMailAvailable, await recipients.Of(context.Caller().RequiredOrg, cancellationToken)));

    /// <summary><c>PUT /v1/notification-settings</c>.</summary>
    public static async Task<IResult> Choose(
        SettingsRequest body, NotificationRecipients recipients, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await recipients.Choose(caller.RequiredOrg, body.Recipients, caller.Actor, cancellationToken) switch
        {
            RecipientsOutcome.Chosen(var chosen) =>
                TypedResults.Ok(new SettingsAnswer(recipients.IsMailAvailable, chosen)),
            RecipientsOutcome.Invalid(var errors) => NotificationsProblems.Of(errors),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary><c>GET /v1/notification-topics</c>.</summary>
    public static IResult Topics() => TypedResults.Ok(new Page<TopicAnswer>(
        [
            .. NotificationTopics.All.Select(topic =>
                new TopicAnswer(topic.Name, topic.Summary, topic.Schema, topic.ExamplePayload)),
        ],
        null));
}
