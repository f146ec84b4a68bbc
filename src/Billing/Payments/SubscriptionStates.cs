namespace Quoin.Payments;

/// <summary>What can be said of a subscription's status.</summary>
public static class SubscriptionStates
{
    /// <summary>Whether it has ended: it is never current again.</summary>
    public static bool IsTerminal(this SubscriptionStatus status) =>
        status is SubscriptionStatus.Canceled or SubscriptionStatus.IncompleteExpired;

    /// <summary>
    /// A provider's word: the eight that name a status are it, one that ended is canceled, and any other is incomplete,
    /// which keeps another checkout from being opened until somebody looked.
    /// </summary>
    public static SubscriptionStatus Read(string word) => word switch
    {
        "ended" => SubscriptionStatus.Canceled,
        _ => Internal.Word.TryRead<SubscriptionStatus>(word, out var status) ? status : SubscriptionStatus.Incomplete,
    };
}
