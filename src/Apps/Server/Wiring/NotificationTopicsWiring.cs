using System.Text.Json;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using News = Quoin.Limiting;

namespace Quoin.Server.Wiring;

/// <summary>
/// Which news of which module organisations are told as which topic: a call of <c>AddNotification</c> for each. The
/// publishers know nothing of notifications, and these nothing of the publishers.
/// </summary>
internal static class NotificationTopicsWiring
{
    /// <summary>Wires every topic that has a publisher.</summary>
    public static IServiceCollection AddNotificationTopics(this IServiceCollection services) => services
        .AddNotification<News.BalanceLow, BalanceLow>(NotificationTopics.BalanceLow, Told)
        .AddNotification<News.LimitReached, LimitReached>(NotificationTopics.LimitReached, Told)
        .AddNotification<News.BudgetReached, LimitReached>(NotificationTopics.LimitReached, Told)
        .AddNotification<News.GrantExpiring, GrantExpiring>(NotificationTopics.GrantExpiring, Told)
        .AddNotification<Charging.UsageSetAside, UsageQuarantined>(NotificationTopics.UsageQuarantined, Told);

    // A balance may fall again: what makes it one is the piece of news, not the account it is about.
    private static Notification<BalanceLow> Told(OutboxMessage<News.BalanceLow> news) => new(
        news.Id.ToString("N"),
        news.Event.At,
        new BalanceLow(news.Event.BillingAccount, news.Event.Available, news.Event.Threshold));

    private static Notification<LimitReached> Told(OutboxMessage<News.LimitReached> news) => new(
        news.Key,
        news.Event.At,
        new LimitReached(
            news.Event.Code,
            BillingAccount: null,
            news.Event.ThresholdPercent,
            news.Event.Used,
            news.Event.Limit,
            news.Event.ResetsAt,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(news.Event.Enforcement.ToString())));

    // A budget starts over: what makes a piece of news one is the window and the threshold, not the budget.
    private static Notification<LimitReached> Told(OutboxMessage<News.BudgetReached> news) => new(
        news.Id.ToString("N"),
        news.Event.At,
        new LimitReached(
            news.Event.Budget.ToString(),
            BillingAccount: null,
            news.Event.ThresholdPercent,
            news.Event.SpentMicros / Money.MicrosPerUnit,
            (decimal)news.Event.Amount.Micros / Money.MicrosPerUnit,
            news.Event.ResetsAt,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(news.Event.Posture.ToString())));

    private static Notification<GrantExpiring> Told(OutboxMessage<News.GrantExpiring> news) => new(
        news.Key,
        news.PublishedAt,
        new GrantExpiring(
            news.Event.BillingAccount, news.Event.Grant, news.Event.Remaining, news.Event.ExpiresAt));

    // The same usage is told of once a day: each piece of news is one.
    private static Notification<UsageQuarantined> Told(OutboxMessage<Charging.UsageSetAside> news) => new(
        news.Id.ToString("N"),
        news.PublishedAt,
        new UsageQuarantined(
            news.Event.BillingAccount, news.Event.Meter, news.Event.Reason, news.Event.EventCount, news.Event.Since));
}
