using Microsoft.Extensions.Logging;

namespace Quoin.Inference.Internal;

/// <summary>What choosing who answers logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1501, Level = LogLevel.Warning, Message = "The copy of call {Call} to a shadow was not written down")]
    public static partial void ShadowNotWritten(ILogger logger, CallId call, Exception failure);
}
