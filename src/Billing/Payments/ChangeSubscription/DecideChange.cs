using System.Text.Json.Serialization;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Pricing;

namespace Quoin.Payments.ChangeSubscription;

/// <summary>What is sent for a change, kept as it was decided.</summary>
/// <param name="Subscription">The provider's subscription.</param>
/// <param name="SubscriptionId">The subscription here.</param>
/// <param name="Kind">What was asked for.</param>
/// <param name="Mode">When it counts.</param>
/// <param name="Prorates">Whether the difference for the paid period counts, and is charged at once.</param>
internal sealed record DecidedChange(
    string Subscription,
    SubscriptionId SubscriptionId,
    SubscriptionChangeKind Kind,
    SubscriptionChangeMode Mode,
    bool Prorates)
{
    /// <summary>The provider's price; null leaves it.</summary>
    public string? Price { get; init; }

    /// <summary>Whether it ends with its period; null leaves it.</summary>
    public bool? EndsWithPeriod { get; init; }

    /// <summary>Whether it pauses; null leaves it.</summary>
    public bool? IsPaused { get; init; }

    /// <summary>From when differences are counted.</summary>
    public DateTimeOffset? ProrationAt { get; init; }

    /// <summary>From when it counts.</summary>
    public DateTimeOffset? EffectiveAt { get; init; }

    /// <summary>As the provider takes it.</summary>
    [JsonIgnore]
    public SubscriptionChange Parameters =>
        new(Price, Prorates, EndsWithPeriod, IsPaused, ProrationAt) { Prorates = Prorates };
}

/// <summary>Decides when a change counts and what is sent for it. Pure.</summary>
internal static class DecideChange
{
    /// <summary>Another plan: a dearer one at once, a cheaper one when the paid period ends.</summary>
    /// <param name="subscription">As it stands.</param>
    /// <param name="current">The version it pays; null unknown.</param>
    /// <param name="wanted">The version to pay.</param>
    /// <param name="price">The provider's price of it.</param>
    /// <param name="now">The system clock.</param>
    public static DecidedChange ToPlan(
        SubscriptionRow subscription, PlanVersion? current, PlanVersion wanted, string price, DateTimeOffset now)
    {
        if (current?.Id == wanted.Id)
        {
            return Of(subscription, SubscriptionChangeKind.Plan, SubscriptionChangeMode.Unchanged);
        }

        var isDearer = wanted.Fee > (current?.Fee ?? Money.Zero(wanted.Fee.Currency));

        // The quarter hour that has begun: plans change there, so the difference is counted from there.
        var at = QuarterHour.Of(now);
        var from = subscription.PeriodStart is { } start && start > at ? start : at;
        return Of(
            subscription,
            SubscriptionChangeKind.Plan,
            isDearer ? SubscriptionChangeMode.Applied : SubscriptionChangeMode.Scheduled) with
        {
            Price = price,
            Prorates = isDearer,
            ProrationAt = isDearer ? from : null,
            EffectiveAt = isDearer ? from : subscription.PeriodEnd,
        };
    }

    /// <summary>Its end or a pause, or that it goes on.</summary>
    public static DecidedChange To(SubscriptionRow subscription, SubscriptionChangeKind kind)
    {
        (bool? ends, bool? pauses) = kind switch
        {
            SubscriptionChangeKind.Cancel => ((bool?)true, (bool?)null),
            SubscriptionChangeKind.Resume => (false, null),
            SubscriptionChangeKind.Pause => (null, true),
            _ => (null, false),
        };
        var isSo = (ends is null || ends == subscription.EndsWithPeriod) && (pauses is null || pauses == subscription.IsPaused);
        var isLater = kind is SubscriptionChangeKind.Cancel or SubscriptionChangeKind.Pause;
        return Of(
            subscription,
            kind,
            isSo ? SubscriptionChangeMode.Unchanged
            : isLater ? SubscriptionChangeMode.Scheduled
            : SubscriptionChangeMode.Applied) with
        {
            EndsWithPeriod = isSo ? null : ends,
            IsPaused = isSo ? null : pauses,
            EffectiveAt = isLater ? subscription.PeriodEnd : null,
        };
    }

    private static DecidedChange Of(SubscriptionRow subscription, SubscriptionChangeKind kind, SubscriptionChangeMode mode) =>
        new(subscription.ProviderId, subscription.Id, kind, mode, Prorates: false);
}
