using Microsoft.Extensions.Logging;

namespace Quoin.Payments.Internal;

/// <summary>What payments log. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    [LoggerMessage(
        EventId = 900,
        Level = LogLevel.Warning,
        Message = "{Request} ({Operation}): the provider has not said what came of it")]
    public static partial void OutcomeUnknown(ILogger logger, PaymentRequestId request, string operation);

    [LoggerMessage(
        EventId = 901,
        Level = LogLevel.Error,
        Message = "{Request} ({Operation}): the provider refused: {Category}, {Code}, {ProviderRequest}")]
    public static partial void Rejected(
        ILogger logger,
        PaymentRequestId request,
        string operation,
        ProviderFailureCategory category,
        string? code,
        string? providerRequest);

    [LoggerMessage(
        EventId = 902,
        Level = LogLevel.Warning,
        Message = "{Request} ({Operation}) was taken over while it was worked on; its worker ends")]
    public static partial void Fenced(ILogger logger, PaymentRequestId request, string operation);

    [LoggerMessage(
        EventId = 903,
        Level = LogLevel.Warning,
        Message = "{Request} ({Operation}) was given up: {FailureCode}; held until {HeldUntil}")]
    public static partial void GivenUp(
        ILogger logger, PaymentRequestId request, string operation, string failureCode, DateTimeOffset? heldUntil);

    [LoggerMessage(
        EventId = 904,
        Level = LogLevel.Error,
        Message = "{Checkout} was paid although the account has a subscription: for a person to give back")]
    public static partial void PaidTwice(ILogger logger, string checkout);

    [LoggerMessage(
        EventId = 905,
        Level = LogLevel.Error,
        Message = "Recovering {Request} failed")]
    public static partial void RecoveryFailed(ILogger logger, PaymentRequestId request, Exception failure);

    [LoggerMessage(
        EventId = 906,
        Level = LogLevel.Warning,
        Message = "{Plan} cannot be sold: it has no price at {Provider} ({Mode}) that fits")]
    public static partial void Unsellable(ILogger logger, string plan, string provider, PaymentMode mode);
}
