using Microsoft.Extensions.Logging;

namespace Quoin.Payments.Stripe;

/// <summary>What the talk with Stripe logs; never a key, a secret or a card. Ids are stable: alerts name them.</summary>
internal static partial class StripeLog
{
    [LoggerMessage(
        EventId = 950,
        Level = LogLevel.Warning,
        Message = "Provider call {Operation} failed: {Category} ({HttpStatus}, {Code}, request {RequestId}): {Reason}")]
    public static partial void ProviderCallFailed(
        this ILogger log,
        string operation,
        ProviderFailureCategory category,
        int? httpStatus,
        string? code,
        string? requestId,
        string reason);
}
