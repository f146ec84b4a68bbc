using Microsoft.Extensions.Logging;

namespace Quoin.Payments.Internal;

/// <content>What the provider's news and comparisons with it log.</content>
internal static partial class Log
{
    [LoggerMessage(EventId = 925, Level = LogLevel.Warning, Message = "A delivery at the webhook's door was refused: {Reason}")]
    public static partial void WebhookRefused(ILogger logger, string reason);

    [LoggerMessage(
        EventId = 926, Level = LogLevel.Error, Message = "Going through {Event} ({Type}, attempt {Attempt}) threw")]
    public static partial void WebhookThrew(ILogger logger, WebhookEventId @event, string type, int attempt, Exception failure);

    [LoggerMessage(
        EventId = 927, Level = LogLevel.Warning, Message = "{Event} ({Type}, attempt {Attempt}) cannot be applied: {Code}: {Reason}")]
    public static partial void WebhookNotApplied(
        ILogger logger, WebhookEventId @event, string type, int attempt, string code, string reason);

    [LoggerMessage(
        EventId = 928, Level = LogLevel.Warning, Message = "Several events failed together; each is gone through alone")]
    public static partial void WebhooksApart(ILogger logger, Exception failure);

    [LoggerMessage(
        EventId = 929, Level = LogLevel.Warning, Message = "{Remediation}: {Subscription} was ended beside the "
            + "account's current one; see what was paid for it")]
    public static partial void DuplicateCanceled(ILogger logger, RemediationId remediation, string subscription);

    [LoggerMessage(
        EventId = 930, Level = LogLevel.Error, Message = "{Remediation} was given up after {Attempts} attempts: {Error}")]
    public static partial void RemediationGivenUp(ILogger logger, RemediationId remediation, int attempts, string error);

    [LoggerMessage(
        EventId = 931, Level = LogLevel.Warning, Message = "{Run} ({Scope}) found {Drift} differences and repaired {Repaired}")]
    public static partial void ReconciliationDrift(
        ILogger logger, PaymentReconciliationId run, string scope, long drift, long repaired);

    [LoggerMessage(EventId = 932, Level = LogLevel.Error, Message = "{Run} ({Scope}) could not repair {Subject}")]
    public static partial void RepairFailed(
        ILogger logger, PaymentReconciliationId run, string scope, string subject, Exception failure);

    [LoggerMessage(EventId = 933, Level = LogLevel.Warning, Message = "{Run} ({Scope}) was taken over; it stops")]
    public static partial void ReconciliationFenced(ILogger logger, PaymentReconciliationId run, string scope);

    [LoggerMessage(EventId = 934, Level = LogLevel.Error, Message = "{Run} ({Scope}) failed")]
    public static partial void ReconciliationFailed(
        ILogger logger, PaymentReconciliationId run, string scope, Exception failure);
}
