using Microsoft.Extensions.Logging;

namespace Quoin.Payments.Internal;

/// <content>What the books, refunds, disputes and payouts log.</content>
internal static partial class Log
{
    [LoggerMessage(EventId = 965, Level = LogLevel.Error, Message = "{Finding}: {Kind}: {Subject} does not fit; an operator must look")]
    public static partial void MoneyMismatch(ILogger logger, FindingId finding, string kind, string subject);

    [LoggerMessage(
        EventId = 966, Level = LogLevel.Warning, Message = "{Provider} ({Mode}) has more movements since {Since} than were read")]
    public static partial void ClearingTruncated(ILogger logger, string provider, PaymentMode mode, DateTimeOffset since);

    [LoggerMessage(
        EventId = 967, Level = LogLevel.Warning, Message = "Evidence of {Dispute} was refused ({Category}): {Reason}")]
    public static partial void EvidenceRefused(
        ILogger logger, DisputeId dispute, ProviderFailureCategory category, string reason);
}
