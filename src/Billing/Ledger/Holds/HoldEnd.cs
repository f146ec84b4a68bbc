using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>When a hold is to end: a span from now, or an instant; exactly one of them.</summary>
internal static class HoldEnd
{
    /// <summary>Notes what is wrong with it.</summary>
    /// <returns>The instant; one that means nothing where something was wrong.</returns>
    public static DateTimeOffset Read(int? ttlSeconds, DateTimeOffset? expiresAt, DateTimeOffset now, InputCheck check)
    {
        check.That(ttlSeconds is null != expiresAt is null, "ttl_seconds", "or expires_at must be given, and not both");
        var longest = (int)Limits.HoldLongest.TotalSeconds;
        check.That(ttlSeconds is null or > 0 && !(ttlSeconds > longest), "ttl_seconds", $"must be 1 to {longest}");
        check.That(
            expiresAt is null || (expiresAt > now && expiresAt - now <= Limits.HoldLongest),
            "expires_at",
            $"must lie in the future and at most {longest} seconds ahead; for this organisation it is {Rfc3339.Format(now)}");
        return expiresAt ?? now.AddSeconds(Math.Clamp(ttlSeconds ?? 0, 0, longest));
    }
}
