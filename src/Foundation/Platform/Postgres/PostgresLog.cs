using Microsoft.Extensions.Logging;

namespace Quoin.Platform;

/// <summary>What the embedded PostgreSQL logs. Ids are stable: alerts name them.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(EventId = 121, Level = LogLevel.Information, Message = "Creating a PostgreSQL {Major} cluster in {Folder}")]
    public static partial void Creating(ILogger logger, string folder, int major);

    [LoggerMessage(EventId = 122, Level = LogLevel.Information, Message = "PostgreSQL runs in {Folder} for {Hosts} hosts")]
    public static partial void Joined(ILogger logger, string folder, int hosts);

    [LoggerMessage(EventId = 123, Level = LogLevel.Warning, Message = "PostgreSQL in {Folder} has died; starting it again")]
    public static partial void Died(ILogger logger, string folder);

    [LoggerMessage(EventId = 124, Level = LogLevel.Information, Message = "PostgreSQL in {Folder} is back after {Elapsed}")]
    public static partial void Back(ILogger logger, string folder, TimeSpan elapsed);

    [LoggerMessage(EventId = 125, Level = LogLevel.Error, Message = "PostgreSQL cannot be started again, trying on: {Reason}")]
    public static partial void StaysDown(ILogger logger, string reason);

    [LoggerMessage(EventId = 126, Level = LogLevel.Warning, Message = "PostgreSQL stops slowly and will finish alone: {Reason}")]
    public static partial void StopsSlowly(ILogger logger, string reason);

    [LoggerMessage(EventId = 127, Level = LogLevel.Information, Message = "Stopping PostgreSQL in {Folder}: no other host uses it")]
    public static partial void Stopping(ILogger logger, string folder);

    [LoggerMessage(EventId = 128, Level = LogLevel.Warning, Message = "Could not look whether PostgreSQL runs in {Folder}; looking again")]
    public static partial void NotLookedAt(ILogger logger, string folder, Exception failure);
}
