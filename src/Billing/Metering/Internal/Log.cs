using Microsoft.Extensions.Logging;

namespace Quoin.Metering.Internal;

/// <summary>What Metering logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "The coming months' event partitions were not prepared")]
    public static partial void EventMonthsNotPrepared(ILogger logger, Exception failure);
}
