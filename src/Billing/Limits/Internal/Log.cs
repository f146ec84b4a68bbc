using Microsoft.Extensions.Logging;
using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>What Limits logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(
        EventId = 801,
        Level = LogLevel.Warning,
        Message = "Nothing could be reserved ahead for {Org}; each request goes on with a reservation of its own")]
    public static partial void NotReservedAhead(ILogger logger, OrgId org, Exception failure);

    [LoggerMessage(
        EventId = 802,
        Level = LogLevel.Warning,
        Message = "What is free of {Allowance} of {Org} could not be given back; it is tried again, and lapses at last")]
    public static partial void AllowanceNotClosed(ILogger logger, string allowance, OrgId org, Exception failure);
}
