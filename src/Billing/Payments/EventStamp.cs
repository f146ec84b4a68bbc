namespace Quoin.Payments;

/// <summary>How an event stands to what is stored of its object.</summary>
public enum Arrival
{
    /// <summary>It is later: it is applied.</summary>
    Newer,

    /// <summary>It is earlier, or the very one that is stored: it is dropped.</summary>
    Older,

    /// <summary>Both happened in the same second: only the provider knows which was last.</summary>
    Tie,
}

/// <summary>
/// The event that what is stored of an object came from. Providers date events to the second; what this program finds
/// out by asking is dated apart, so that asking never makes a later event look old.
/// </summary>
/// <param name="At">When the provider says it happened.</param>
/// <param name="Id">The provider's id of it.</param>
public sealed record EventStamp(DateTimeOffset At, string Id)
{
    /// <summary>How an event stands to what is stored.</summary>
    /// <param name="stored">What is stored; null when nothing came yet.</param>
    public Arrival After(EventStamp? stored)
    {
        if (stored is null || At > stored.At)
        {
            return Arrival.Newer;
        }

        return At < stored.At || string.Equals(Id, stored.Id, StringComparison.Ordinal) ? Arrival.Older : Arrival.Tie;
    }

    /// <summary>Of two in the same second, the one that ids put last: the same on every replica, whatever came first.</summary>
    public static EventStamp Later(EventStamp? stored, EventStamp incoming) =>
        stored is null
        || incoming.At > stored.At
        || (incoming.At == stored.At && string.CompareOrdinal(incoming.Id, stored.Id) > 0)
            ? incoming
            : stored;
}
