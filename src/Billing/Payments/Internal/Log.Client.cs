using Microsoft.Extensions.Logging;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Payments.Internal;

/// <content>Prices, customers, methods and automatic charges.</content>
internal static partial class Log
{
    [LoggerMessage(
        EventId = 951,
        Level = LogLevel.Information,
        Message = "{Plan} can be sold at {Provider} ({Mode})")]
    public static partial void PriceSynced(ILogger logger, PlanVersionId plan, string provider, string mode);

    [LoggerMessage(
        EventId = 952,
        Level = LogLevel.Error,
        Message = "{Plan} cannot be sold at {Provider} ({Mode}): {Problem}")]
    public static partial void PriceUnsellable(ILogger logger, PlanVersionId plan, string provider, string mode, string problem);

    [LoggerMessage(
        EventId = 953,
        Level = LogLevel.Warning,
        Message = "{Account} of {Org} has a new customer at {Provider}: {Customer}")]
    public static partial void CustomerMade(
        ILogger logger, OrgId org, BillingAccountId account, string provider, PaymentCustomerId customer);

    [LoggerMessage(
        EventId = 954,
        Level = LogLevel.Warning,
        Message = "The automatic charge {Charge} of {Org} has no known outcome: {Category}")]
    public static partial void ChargeUnknown(ILogger logger, AutoTopUpChargeId charge, OrgId org, ProviderFailureCategory category);

    [LoggerMessage(
        EventId = 955,
        Level = LogLevel.Warning,
        Message = "Automatic top-ups of {Account} of {Org} were stopped: {Reason}")]
    public static partial void AutoTopUpStopped(ILogger logger, OrgId org, BillingAccountId account, string reason);

    [LoggerMessage(
        EventId = 956,
        Level = LogLevel.Error,
        Message = "Looking after automatic top-ups of {Org} failed")]
    public static partial void AutoTopUpFailed(ILogger logger, OrgId org, Exception failure);
}
