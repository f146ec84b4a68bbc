using Quoin.Platform;

namespace Quoin.Notifications;

/// <summary>The ways working with notifications can fail.</summary>
public static class NotificationsProblems
{
    /// <summary>A member of the request cannot be.</summary>
    public static readonly ProblemCode InvalidNotificationInput = new(
        "invalid_notification_input",
        422,
        "A member of the request is not valid.",
        "Correct the members listed in errors.");

    /// <summary>There are as many endpoints as there may be.</summary>
    public static readonly ProblemCode TooManyWebhookEndpoints = new(
        "too_many_webhook_endpoints",
        409,
        "There are as many webhook endpoints as there may be.",
        "Delete those that are no longer used, or let one receiver tell the topics apart.");

    /// <summary>The endpoint is disabled.</summary>
    public static readonly ProblemCode WebhookEndpointDisabled = new(
        "webhook_endpoint_disabled",
        409,
        "The webhook endpoint is disabled.",
        "Enable it first.");

    internal static Problem Of(IReadOnlyDictionary<string, string> errors) => new(
        InvalidNotificationInput,
        string.Join("; ", errors.Select(error => $"{error.Key} {error.Value}")) + ".",
        members: new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["errors"] = errors.Select(error => new { member = error.Key, detail = error.Value }).ToArray(),
        });
}
