namespace Quoin.Payments.Internal;

/// <summary>What to do with news of an object.</summary>
internal enum NewsVerdict
{
    /// <summary>Write it.</summary>
    Apply,

    /// <summary>Drop it: what is stored is as new or newer.</summary>
    Drop,

    /// <summary>Nobody here can tell; the provider can.</summary>
    Ask,
}

/// <summary>
/// Where what a provider says came from: an event, dated by the provider, or an answer, dated by this program. An answer
/// is how things stood when it was asked for, so it gives way to whatever was written since.
/// </summary>
/// <param name="Stamp">The event; null when nobody but this program asked.</param>
/// <param name="AskedAt">When the provider was asked; null for an event as it came.</param>
/// <param name="DecidesById">Whether the provider could not be asked, so that ids decide of two in one second.</param>
internal sealed record NewsSource(EventStamp? Stamp, DateTimeOffset? AskedAt, bool DecidesById)
{
    /// <summary>An answer of the provider.</summary>
    public static NewsSource Answer(DateTimeOffset askedAt) => new(null, askedAt, DecidesById: false);

    /// <summary>Judges against what is stored.</summary>
    /// <param name="stored">The stored row's stamps; null when there is no row.</param>
    /// <param name="updatedAt">When the row was written last.</param>
    /// <param name="differs">Whether it says anything else than the row.</param>
    public NewsVerdict Judge(NewsStamp? stored, DateTimeOffset updatedAt, bool differs)
    {
        if (stored is null)
        {
            return NewsVerdict.Apply;
        }

        if (AskedAt is { } askedAt)
        {
            return updatedAt <= askedAt ? NewsVerdict.Apply : Stamp is null ? NewsVerdict.Drop : NewsVerdict.Ask;
        }

        return Stamp!.After(StampOf(stored)) switch
        {
            Arrival.Newer => NewsVerdict.Apply,
            Arrival.Older => NewsVerdict.Drop,
            _ when !differs => NewsVerdict.Drop,
            _ when !DecidesById => NewsVerdict.Ask,
            _ => string.CompareOrdinal(Stamp.Id, stored.EventId) > 0 ? NewsVerdict.Apply : NewsVerdict.Drop,
        };
    }

    /// <summary>The stamps a row has once this is written.</summary>
    public NewsStamp Mark(NewsStamp? stored)
    {
        var last = Stamp is null ? StampOf(stored) : EventStamp.Later(StampOf(stored), Stamp);
        return new NewsStamp(last?.At, last?.Id, AskedAt ?? stored?.ReconciledAt);
    }

    private static EventStamp? StampOf(NewsStamp? stored) =>
        stored is { EventAt: { } at, EventId: { } id } ? new EventStamp(at, id) : null;
}
