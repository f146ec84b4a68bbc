namespace Quoin.Notifications;

/// <summary>When a failed delivery is tried again: the schedule Standard Webhooks suggests, about three days in all.</summary>
public static class RetrySchedule
{
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>Attempts before a delivery is dead.</summary>
    public static int AttemptsMax => Pauses.Length + 1;

    /// <summary>The pause after an attempt that failed; null after the last.</summary>
    /// <param name="attempts">How many were made, from 1.</param>
    /// <param name="asked">What the receiver asks for by <c>Retry-After</c>; a longer pause is granted, a shorter one not.</param>
    /// <param name="chance">From 0 to below 1: up to a tenth more, so that receivers are not met by all at once.</param>
    public static TimeSpan? After(int attempts, TimeSpan? asked, double chance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        if (attempts > Pauses.Length)
        {
            return null;
        }

        var pause = Pauses[attempts - 1] * (1 + (chance / 10));
        var granted = asked > Limits.RetryAfterLongest ? Limits.RetryAfterLongest : asked;
        return granted > pause ? granted : pause;
    }
}
