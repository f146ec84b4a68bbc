using Microsoft.Extensions.Logging;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>What background work says. Event ids 1100 to 1199.</summary>
internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Warning, "Lease {Lease} could not be given back; it ends by itself.")]
    public static partial void LeaseNotReleased(ILogger logger, string lease, Exception failure);

    [LoggerMessage(1101, LogLevel.Warning, "Wake-up hints ({Side}) interrupted, failure {Failures} in a row.")]
    public static partial void WakeUpsInterrupted(ILogger logger, string side, int failures, Exception failure);

    [LoggerMessage(1110, LogLevel.Error, "Pump {Pump} failed, {Failures} times in a row; next try in {Pause}.")]
    public static partial void PumpFailed(ILogger logger, string pump, int failures, TimeSpan pause, Exception failure);

    [LoggerMessage(1111, LogLevel.Warning, "Pump {Pump} lost a lease while it worked; another replica goes on.")]
    public static partial void PumpLostLease(ILogger logger, string pump, Exception failure);

    [LoggerMessage(1112, LogLevel.Warning, "Pump {Pump} could not give its leases back; they end by themselves.")]
    public static partial void PumpNotLeft(ILogger logger, string pump, Exception failure);

    [LoggerMessage(1120, LogLevel.Error, "Jobs could not be claimed, {Failures} times in a row; next try in {Pause}.")]
    public static partial void JobsNotClaimed(ILogger logger, int failures, TimeSpan pause, Exception failure);

    [LoggerMessage(1121, LogLevel.Error, "Job {Job} {JobId} failed at attempt {Attempt}; dead: {IsDead}.")]
    public static partial void JobFailed(
        ILogger logger, string job, long jobId, int attempt, bool isDead, Exception failure);

    [LoggerMessage(1122, LogLevel.Warning, "Job {Job} {JobId} is repeated in {Pause}: the database gave way.")]
    public static partial void JobRepeated(ILogger logger, string job, long jobId, TimeSpan pause, Exception failure);

    [LoggerMessage(1123, LogLevel.Warning, "Job {Job} {JobId} was taken over by another replica while it ran.")]
    public static partial void JobLost(ILogger logger, string job, long jobId, Exception failure);

    [LoggerMessage(1124, LogLevel.Warning, "Job {Job} {JobId} could not be put back; its lease ends by itself.")]
    public static partial void JobNotPutBack(ILogger logger, string job, long jobId, Exception failure);

    [LoggerMessage(1130, LogLevel.Warning, "An idempotent answer was not kept; a repetition runs what is not completed.")]
    public static partial void AnswerNotKept(ILogger logger, Exception failure);

    [LoggerMessage(1131, LogLevel.Warning, "An idempotent request lost a lease while it ran; it is to be sent again.")]
    public static partial void IdempotentRequestLost(ILogger logger, Exception failure);

    [LoggerMessage(1140, LogLevel.Error, "Due work of {Org} failed; it is tried again at the next sweep.")]
    public static partial void DueWorkFailed(ILogger logger, OrgId org, Exception failure);
}
