namespace Quoin.Limiting;

/// <summary>Every way asking for a promise can end, in the order they are checked.</summary>
public abstract record RecordOutcome
{
    private RecordOutcome()
    {
    }

    /// <summary>No answer could be had, and nothing is promised; the fail policy says whether to go on.</summary>
    /// <param name="IsAllowed">Whether the caller may go on without a count.</param>
    public sealed record Unavailable(bool IsAllowed) : RecordOutcome;

    /// <summary>The key was used for another code or amount.</summary>
    public sealed record KeyConflict : RecordOutcome;

    /// <summary>What was promised under the key was given back, or its time ended.</summary>
    /// <param name="State">How.</param>
    public sealed record KeyEnded(ReservationState State) : RecordOutcome;

    /// <summary>The limit does not allow it; nothing was counted, and the key stays unused.</summary>
    /// <param name="Answer">What the limit said.</param>
    public sealed record Refused(LimitAnswer Answer) : RecordOutcome;

    /// <summary>It is counted, durably, now or since an earlier request with the same key.</summary>
    /// <param name="Answer">What the limit said, with this amount in what is used.</param>
    /// <param name="ExpiresAt">When it is given back unless it is confirmed or renewed; null where it stays.</param>
    /// <param name="IsReplay">Whether the key was counted before.</param>
    public sealed record Recorded(LimitAnswer Answer, DateTimeOffset? ExpiresAt, bool IsReplay) : RecordOutcome;
}

/// <summary>Where what was promised under a key stands.</summary>
public enum ReservationState
{
    /// <summary>Counted until its time ends.</summary>
    Held,

    /// <summary>Counted.</summary>
    Recorded,

    /// <summary>Given back.</summary>
    Released,

    /// <summary>Given back because its time ended: its holder is taken for dead.</summary>
    Expired,
}

/// <summary>Every way changing a promise can end.</summary>
public abstract record ReservationOutcome
{
    private ReservationOutcome()
    {
    }

    /// <summary>No answer could be had; ask again with the same key.</summary>
    public sealed record Unavailable : ReservationOutcome;

    /// <summary>Nothing was promised under this key.</summary>
    public sealed record NotFound : ReservationOutcome;

    /// <summary>It stands so, now or since an earlier request.</summary>
    /// <param name="State">How it stands.</param>
    /// <param name="ExpiresAt">When a held one ends; null for any other.</param>
    public sealed record Standing(ReservationState State, DateTimeOffset? ExpiresAt) : ReservationOutcome;

    /// <summary>It had ended before, otherwise than asked for.</summary>
    /// <param name="State">How.</param>
    public sealed record Ended(ReservationState State) : ReservationOutcome;
}
