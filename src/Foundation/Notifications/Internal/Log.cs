using Microsoft.Extensions.Logging;

namespace Quoin.Notifications.Internal;

/// <summary>What Notifications logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 701, Level = LogLevel.Warning, Message = "Due webhook endpoints could not be read")]
    public static partial void EndpointsNotTaken(ILogger logger, Exception failure);

    [LoggerMessage(EventId = 702, Level = LogLevel.Error, Message = "Serving {Endpoint} failed; it is served again later")]
    public static partial void TurnFailed(ILogger logger, WebhookEndpointId endpoint, Exception failure);

    [LoggerMessage(EventId = 703, Level = LogLevel.Information, Message = "Serving {Endpoint} was stopped with the host")]
    public static partial void TurnStopped(ILogger logger, WebhookEndpointId endpoint);

    [LoggerMessage(EventId = 704, Level = LogLevel.Warning, Message = "{Endpoint} was disabled: {Reason}")]
    public static partial void EndpointDisabled(ILogger logger, WebhookEndpointId endpoint, DisabledReason reason);

    [LoggerMessage(EventId = 705, Level = LogLevel.Warning, Message = "A mail could not be handed over (attempt {Attempt})")]
    public static partial void MailFailed(ILogger logger, int attempt, Exception failure);
}
