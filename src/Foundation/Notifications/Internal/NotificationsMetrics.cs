using System.Diagnostics.Metrics;

namespace Quoin.Notifications.Internal;

/// <summary>What notifications measure: attempts at webhooks and mails, and how they ended.</summary>
internal sealed class NotificationsMetrics
{
    private readonly Histogram<double> attempts;
    private readonly Counter<long> mails;

    public NotificationsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Quoin.Notifications");
        attempts = meter.CreateHistogram<double>(
            "notifications.webhook.attempt", "s", "How long an attempt at a webhook took.");
        mails = meter.CreateCounter<long>("notifications.mail.attempt", description: "Attempts to hand over a mail.");
    }

    public void Attempted(AttemptResult result, TimeSpan took) => attempts.Record(
        took.TotalSeconds,
        new KeyValuePair<string, object?>("ending", result.IsDelivered ? "delivered" : "failed"));

    public void Mailed(string ending) => mails.Add(1, new KeyValuePair<string, object?>("ending", ending));
}
