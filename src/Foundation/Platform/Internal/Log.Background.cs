using Microsoft.Extensions.Logging;

namespace Quoin.Platform;

/// <summary>What background work says. Event ids 1100 to 1199.</summary>
internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Warning, "Lease {Lease} could not be given back; it ends by itself.")]
    public static partial void LeaseNotReleased(ILogger logger, string lease, Exception failure);

    [LoggerMessage(1101, LogLevel.Warning, "Wake-up hints ({Side}) interrupted, failure {Failures} in a row; work is found by looking.")]
    public static partial void WakeUpsInterrupted(ILogger logger, string side, int failures, Exception failure);

    [LoggerMessage(1110, LogLevel.Error, "Pump {Pump} failed, {Failures} times in a row; next try in {Pause}.")]
    public static partial void PumpFailed(ILogger logger, string pump, int failures, TimeSpan pause, Exception failure);

    [LoggerMessage(1111, LogLevel.Warning, "Pump {Pump} lost a lease while it worked; another replica goes on.")]
    public static partial void PumpLostLease(ILogger logger, string pump, Exception failure);

    [LoggerMessage(1112, LogLevel.Warning, "Pump {Pump} could not give its leases back; they end by themselves.")]
    public static partial void PumpNotLeft(ILogger logger, string pump, Exception failure);
}
