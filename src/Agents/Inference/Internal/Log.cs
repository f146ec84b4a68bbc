using Microsoft.Extensions.Logging;

namespace Quoin.Inference.Internal;

/// <summary>What the gateway logs; never content, never credentials. Event ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "{Call}: {Provider} answered {Status} to attempt {Attempt}")]
    public static partial void ProviderAnswered(ILogger logger, CallId call, string provider, int status, int attempt);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning, Message = "{Call}: {Provider} failed in attempt {Attempt}: {Reason}")]
    public static partial void ProviderFailed(ILogger logger, CallId call, string provider, int attempt, string reason);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Warning, Message = "{Call}: {Provider} broke off: {Reason}")]
    public static partial void ProviderBrokeOff(ILogger logger, CallId call, string provider, string reason);

    [LoggerMessage(EventId = 1304, Level = LogLevel.Error, Message = "{Call}: its settlement is not durable; it will be recovered")]
    public static partial void SettlementFailed(ILogger logger, Exception exception, CallId call);

    [LoggerMessage(EventId = 1305, Level = LogLevel.Error, Message = "Provider {Provider} refuses the credentials it was configured with")]
    public static partial void CredentialsRefused(ILogger logger, string provider);

    [LoggerMessage(EventId = 1306, Level = LogLevel.Error, Message = "Reservations of {Count} running calls could not be renewed")]
    public static partial void RenewFailed(ILogger logger, Exception exception, int count);

    [LoggerMessage(EventId = 1307, Level = LogLevel.Warning, Message = "Provider {Provider} did not count tokens: {Reason}")]
    public static partial void CountFailed(ILogger logger, string provider, string reason);
}
