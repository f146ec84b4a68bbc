using Microsoft.Extensions.Logging;

namespace Quoin.Inference.Internal;

/// <summary>What the money path of the gateway logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 601, Level = LogLevel.Warning, Message = "The reservation of call {Call} was not renewed: {Change}")]
    public static partial void NotRenewed(ILogger logger, CallId call, string change);

    [LoggerMessage(EventId = 602, Level = LogLevel.Warning, Message = "The reservation of call {Call} was not given back; it will lapse")]
    public static partial void NotGivenBack(ILogger logger, CallId call, Exception failure);

    [LoggerMessage(EventId = 603, Level = LogLevel.Warning, Message = "Call {Call} is not settled after {Tries} tries; it is tried again")]
    public static partial void NotSettledYet(ILogger logger, CallId call, int tries, Exception failure);

    [LoggerMessage(EventId = 604, Level = LogLevel.Warning, Message = "Too many calls wait to be settled; call {Call} after {Tries} tries")]
    public static partial void SettlementsFull(ILogger logger, CallId call, int tries);

    [LoggerMessage(EventId = 605, Level = LogLevel.Error, Message = "Call {Call} was not settled in {Tries} tries and will be recovered")]
    public static partial void NotSettled(ILogger logger, CallId call, int tries);

    [LoggerMessage(EventId = 606, Level = LogLevel.Warning, Message = "Call {Call} was settled after its reservation ended: {Change}")]
    public static partial void SettledLate(ILogger logger, CallId call, string change);

    [LoggerMessage(EventId = 607, Level = LogLevel.Error, Message = "Metering did not take the usage of call {Call}: {Reason}")]
    public static partial void NotRecorded(ILogger logger, CallId call, string reason);

    [LoggerMessage(EventId = 608, Level = LogLevel.Warning, Message = "The host of call {Call} died; it came to {Verdict}")]
    public static partial void CallLost(ILogger logger, CallId call, string verdict);
}
