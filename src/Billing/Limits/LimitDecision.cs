using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>What a limit says to a request: pure arithmetic, the same for advice and for promises.</summary>
public static class LimitDecision
{
    /// <summary>Whether so much more may be used.</summary>
    /// <param name="terms">The limit, after overrides and billing state.</param>
    /// <param name="used">What is used in the window.</param>
    /// <param name="amount">What is asked for; not negative.</param>
    /// <param name="resetsAt">When the window ends.</param>
    public static LimitAnswer Of(LimitTerms terms, decimal used, decimal amount, DateTimeOffset? resetsAt)
    {
        switch (terms.Kind)
        {
            case LimitKind.Boolean:
                var reason = terms.IsEnabled ? LimitReason.FeatureEnabled : Refusal(terms, LimitReason.FeatureDisabled);
                return new LimitAnswer(terms.IsEnabled, 0, null, null, reason);
            case LimitKind.StringList:
                return new LimitAnswer(false, 0, null, null, LimitReason.NotCountable);
            case LimitKind.Quota or LimitKind.Gauge:
                return Counted(terms, used, amount, resetsAt);
            default:
                return new LimitAnswer(false, 0, null, null, LimitReason.NotConfigured);
        }
    }

    private static LimitAnswer Counted(LimitTerms terms, decimal used, decimal amount, DateTimeOffset? resetsAt)
    {
        if (terms.Limit is not { } limit)
        {
            return new LimitAnswer(true, used, null, resetsAt, LimitReason.Unlimited);
        }

        var after = used + amount;
        if (after <= limit)
        {
            return new LimitAnswer(true, used, limit, resetsAt, LimitReason.WithinLimit);
        }

        return terms.Ceiling is { } ceiling && after > ceiling
            ? new LimitAnswer(false, used, limit, resetsAt, Refusal(terms, LimitReason.QuotaExceeded))
            : new LimitAnswer(true, used, limit, resetsAt, OverReason(terms.Enforcement));
    }

    private static LimitReason Refusal(LimitTerms terms, LimitReason otherwise) =>
        terms.IsCanceled ? LimitReason.SubscriptionCanceled : otherwise;

    private static LimitReason OverReason(QuotaEnforcement enforcement) => enforcement switch
    {
        QuotaEnforcement.Observe => LimitReason.OverObservedLimit,
        QuotaEnforcement.Soft => LimitReason.OverSoftLimit,
        _ => LimitReason.Overage,
    };

    /// <summary>The limit as it holds for an organisation: the plan's, with the operator's override, in its billing state.</summary>
    /// <param name="terms">The plan's.</param>
    /// <param name="changed">The override; null where there is none.</param>
    /// <param name="status">Where the subscription stands.</param>
    public static LimitTerms Effective(LimitTerms terms, LimitOverride? changed, BillingStatus status)
    {
        var effective = changed is null || !terms.IsCounted
            ? terms
            : terms with { Limit = changed.Limit ?? terms.Limit, Enforcement = changed.Enforcement ?? terms.Enforcement };
        return status switch
        {
            BillingStatus.Canceled => effective with
            {
                IsCanceled = true,
                IsEnabled = false,
                Values = [],
                Limit = 0,
                Enforcement = QuotaEnforcement.Hard,
                Overage = OveragePolicy.Pause,
            },
            BillingStatus.PastDue => effective with { Overage = OveragePolicy.Pause },
            _ => effective,
        };
    }

    /// <summary>The highest threshold, in percent, that a total has reached; zero where none.</summary>
    /// <param name="used">The total.</param>
    /// <param name="limit">The limit; null reaches none.</param>
    public static int ThresholdReached(decimal used, decimal? limit)
    {
        if (limit is not { } some || used <= 0)
        {
            return 0;
        }

        return Limits.ThresholdsPercent.LastOrDefault(percent => used * 100 >= some * percent);
    }
}
