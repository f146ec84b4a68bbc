namespace Quoin.Platform;

/// <summary>How many of a group's shards each of its members should hold.</summary>
public static class ShardQuota
{
    /// <summary>
    /// The member's share: all shares sum to the number of shards and differ by one at most; who comes first by name
    /// gets the larger ones.
    /// </summary>
    /// <param name="shards">How many shards there are.</param>
    /// <param name="members">All members; the one asked for among them.</param>
    /// <param name="member">Whose share.</param>
    public static int Of(int shards, IReadOnlyCollection<string> members, string member)
    {
        var place = members.Order(StringComparer.Ordinal).ToList().IndexOf(member);
        ArgumentOutOfRangeException.ThrowIfNegative(place, nameof(member));
        return (shards / members.Count) + (place < shards % members.Count ? 1 : 0);
    }
}
