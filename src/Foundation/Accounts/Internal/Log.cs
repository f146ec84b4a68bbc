using Microsoft.Extensions.Logging;

namespace Quoin.Accounts;

/// <summary>What Accounts logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(
        EventId = 201,
        Level = LogLevel.Warning,
        Message = "When keys were last used could not be written; the next use is noted again")]
    public static partial void KeyUsesNotWritten(ILogger logger, Exception failure);

    [LoggerMessage(
        EventId = 202,
        Level = LogLevel.Warning,
        Message = "When sessions were last used could not be written; the next use is noted again")]
    public static partial void SessionUsesNotWritten(ILogger logger, Exception failure);

    [LoggerMessage(
        EventId = 203,
        Level = LogLevel.Warning,
        Message = "{User} cannot be deleted: nobody else owns {Organisation}. Give it another owner")]
    public static partial void DeletionWaits(ILogger logger, string user, string organisation);

    [LoggerMessage(
        EventId = 210,
        Level = LogLevel.Warning,
        Message = "{Provider} did not vouch for somebody who came back from it: {Why}")]
    public static partial void NotVouchedFor(ILogger logger, string provider, string why);
}
