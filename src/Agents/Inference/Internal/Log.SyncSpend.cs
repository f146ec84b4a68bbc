using Microsoft.Extensions.Logging;
using Quoin.Kernel;

namespace Quoin.Inference.Internal;

/// <content>What reading other gateways' calls logs.</content>
internal static partial class Log
{
    [LoggerMessage(EventId = 1361, Level = LogLevel.Warning, Message = "Calls of {Org} at {Source} were not read: {Reason}")]
    public static partial void SpendNotRead(ILogger logger, OrgId org, string source, string reason);

    [LoggerMessage(EventId = 1362, Level = LogLevel.Error, Message = "Metering did not take {Count} calls of {Org} at {Source}: {Reason}")]
    public static partial void SpendRefused(ILogger logger, int count, OrgId org, string source, string reason);

    [LoggerMessage(EventId = 1363, Level = LogLevel.Error, Message = "Calls of {Org} at {Source} could not be taken in")]
    public static partial void SpendNotTakenIn(ILogger logger, OrgId org, string source, Exception exception);
}
