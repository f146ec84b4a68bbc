using Microsoft.Extensions.Logging;

namespace Quoin.Inference.Internal;

/// <summary>What keeping content logs; never the content.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1341, Level = LogLevel.Warning, Message = "{Call}: its content was not kept")]
    public static partial void ContentNotKept(ILogger logger, Exception failure, CallId call);
}
