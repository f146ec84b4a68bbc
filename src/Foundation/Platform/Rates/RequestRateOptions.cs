namespace Quoin.Platform;

/// <summary>How many requests a requester may send: an organisation with all its keys and people, or a machine of the operator.</summary>
/// <param name="PerMinute">Requests a minute, in the long run.</param>
public sealed record RequestRateOptions(int PerMinute)
{
    private const string Scope = "platform.request";

    /// <summary>What holds where nothing is set: far beyond one organisation's honest use, below what stops a replica.</summary>
    public static RequestRateOptions Default { get; } = new(6_000_000);

    /// <summary>The limit: at once what ten seconds allow, and at least ten; replicas draw a small part of that at a time.</summary>
    public RateLimit Limit
    {
        get
        {
            var burst = Math.Max(10, PerMinute / 6);
            return new RateLimit(Scope, burst, TimeSpan.FromMinutes(1) / PerMinute)
            {
                Share = Math.Max(1, burst / RateLimits.DrawsPerBurst),
                StepNanos = 60_000_000_000L / PerMinute,
            };
        }
    }
}
