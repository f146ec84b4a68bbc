namespace Quoin.Charging.Internal;

/// <summary>
/// Positions as this process wrote them last, so that busy keys need not be read again. Whoever takes one moves it and
/// gives it back after the commit; a position another replica has moved since is found out when it is written, by its
/// revision. Two generations keep it bounded: when the young one is full it becomes the old one, and what nobody asked
/// for meanwhile is forgotten.
/// </summary>
internal sealed class PositionMemory
{
    private readonly Lock gate = new();
    private Dictionary<RatingKey, RatingPosition> young = [];
    private Dictionary<RatingKey, RatingPosition> old = [];

    /// <summary>Takes out those of some keys that are known.</summary>
    public Dictionary<RatingKey, RatingPosition> Take(RatingKey[] keys)
    {
        var taken = new Dictionary<RatingKey, RatingPosition>(keys.Length);
        lock (gate)
        {
            foreach (var key in keys)
            {
                if (young.Remove(key, out var position) || old.Remove(key, out position))
                {
                    taken.Add(key, position);
                }
            }
        }

        return taken;
    }

    /// <summary>Gives positions back as they were committed.</summary>
    public void Put(IReadOnlyDictionary<RatingKey, RatingPosition> positions)
    {
        lock (gate)
        {
            foreach (var (key, position) in positions)
            {
                if (young.Count >= Limits.RememberedPositionsMax / 2)
                {
                    (old, young) = (young, []);
                }

                young[key] = position;
            }
        }
    }
}
