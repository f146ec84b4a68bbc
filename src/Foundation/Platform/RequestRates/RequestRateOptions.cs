namespace Quoin.Platform;

/// <summary>How many requests a requester may send: an organisation with all its keys and people, or a machine of the operator.</summary>
/// <param name="PerMinute">Requests a minute, in the long run.</param>
public sealed record RequestRateOptions(int PerMinute)
{
    /// <summary>What holds where nothing is set: far beyond one organisation's honest use, below what stops a replica.</summary>
    public static RequestRateOptions Default { get; } = new(6_000_000);

    /// <summary>How many may come at once: what ten seconds allow, and at least ten.</summary>
    public int Burst => Math.Max(10, PerMinute / 6);
}
