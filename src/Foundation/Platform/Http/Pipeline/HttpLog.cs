using Microsoft.Extensions.Logging;

namespace Quoin.Platform;

/// <summary>What the request pipeline logs. Event ids are stable: alerts name them.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    public static partial void Failed(ILogger logger, Exception exception, string method, string path);

    // No stack trace: while the database is away every request says this, and the trace says nothing more.
    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "The database did not answer {Method} {Path}: {Reason}")]
    public static partial void DatabaseUnavailable(ILogger logger, string reason, string method, string path);
}
