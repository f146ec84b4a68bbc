using Microsoft.Extensions.Logging;
using Quoin.Kernel;

namespace Quoin.Charging.Internal;

/// <summary>What Charging logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 501, Level = LogLevel.Error, Message = "A rating step threw; rating its organisations apart")]
    public static partial void StepFailed(ILogger logger, Exception failure);

    [LoggerMessage(EventId = 502, Level = LogLevel.Error, Message = "Usage of {Org} cannot be rated; {Folds} folds are set aside")]
    public static partial void UsageQuarantined(ILogger logger, OrgId org, int folds, Exception failure);

    [LoggerMessage(
        EventId = 511, Level = LogLevel.Error, Message = "{Count} things do not fit between usage and books of {Org}: see {Run}")]
    public static partial void ReconciliationFound(ILogger logger, int count, OrgId org, ReconciliationRunId run);

    [LoggerMessage(
        EventId = 512, Level = LogLevel.Information, Message = "{Run} compared {Organisations} organisations: {Findings} findings")]
    public static partial void ReconciliationFinished(ILogger logger, ReconciliationRunId run, int organisations, long findings);
}
