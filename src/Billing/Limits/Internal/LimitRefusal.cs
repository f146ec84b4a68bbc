using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>A limit's refusal as an HTTP answer.</summary>
internal static class LimitRefusal
{
    /// <summary>The problem, with what a caller needs to wait or to ask for less.</summary>
    public static Problem Of(string code, decimal requested, LimitAnswer answer, DateTimeOffset now)
    {
        switch (answer.Reason)
        {
            case LimitReason.QuotaExceeded:
                return Exceeded(code, requested, answer, now);
            case LimitReason.FeatureDisabled:
                return new Problem(LimitsProblems.FeatureDisabled, $"The plan does not include {code}.", members: Members(code, answer));
            case LimitReason.SubscriptionCanceled:
                return new Problem(LimitsProblems.SubscriptionCanceled, "The subscription is canceled.", members: Members(code, answer));
            default:
                return new Problem(
                    LimitsProblems.LimitNotConfigured,
                    $"The plan has nothing to count under '{code}'.",
                    members: Members(code, answer));
        }
    }

    private static Problem Exceeded(string code, decimal requested, LimitAnswer answer, DateTimeOffset now)
    {
        var members = Members(code, answer);
        members["requested"] = requested;
        members["used"] = answer.Used;
        members["limit"] = answer.Limit;
        members["remaining"] = answer.Remaining;
        members["resets_at"] = answer.ResetsAt;

        // Where an organisation's clock runs elsewhere, its window may end before our now: then soon.
        int? retryAfter = answer.ResetsAt is { } resetsAt
            ? (int)Math.Clamp(Math.Ceiling((resetsAt - now).TotalSeconds), 1, int.MaxValue)
            : null;
        members["retry_after"] = retryAfter;
        return new Problem(
            LimitsProblems.LimitExceeded,
            $"{ExactNumber.Format(requested)} of {code} was asked for; {ExactNumber.Format(answer.Used)} of "
                + $"{ExactNumber.Format(answer.Limit ?? 0)} is used.",
            retryAfter,
            members);
    }

    private static Dictionary<string, object?> Members(string code, LimitAnswer answer) => new(StringComparer.Ordinal)
    {
        ["limit_code"] = code,
        ["reason"] = answer.Reason,
    };
}
