namespace Quoin.Payments;

/// <summary>A subscription among those of one account.</summary>
/// <param name="ProviderId">The provider's id.</param>
/// <param name="Status">How it stands with the event that is being applied.</param>
/// <param name="WasCurrent">Whether it was the account's current one before that event.</param>
/// <param name="CreatedAt">When the provider made it; null not known yet.</param>
public sealed record SubscriptionCandidate(
    string ProviderId, SubscriptionStatus Status, bool WasCurrent, DateTimeOffset? CreatedAt);

/// <summary>Every way choosing an account's current subscription can end.</summary>
public abstract record CanonicalSelection
{
    /// <summary>The name of these rules, kept with what follows from them.</summary>
    public const string Algorithm = "dup_canonical_v1";

    private CanonicalSelection()
    {
    }

    /// <summary>None has not ended: the account has no current one.</summary>
    public sealed record Nothing : CanonicalSelection;

    /// <summary>The provider must be asked first when these were made.</summary>
    public sealed record NeedsCreation(IReadOnlyList<string> ProviderIds) : CanonicalSelection;

    /// <summary>This one is current, and the others should not be there.</summary>
    /// <param name="ProviderId">The current one.</param>
    /// <param name="Duplicates">The others that have not ended, in the order of their ids.</param>
    /// <param name="IsFallback">Whether age decided, for want of one that was current.</param>
    public sealed record Selected(string ProviderId, IReadOnlyList<string> Duplicates, bool IsFallback)
        : CanonicalSelection;

    /// <summary>
    /// Decides from how things stood before the event: the one that was current stays so, whatever arrives; without one
    /// the oldest wins, of equally old ones that with the smallest id. Never the one that happens to arrive last.
    /// </summary>
    public static CanonicalSelection Decide(IReadOnlyCollection<SubscriptionCandidate> all)
    {
        var candidates = all
            .Where(one => !one.Status.IsTerminal())
            .OrderBy(one => one.ProviderId, StringComparer.Ordinal)
            .ToArray();
        if (candidates.Length == 0)
        {
            return new Nothing();
        }

        var current = candidates.Where(one => one.WasCurrent).ToArray();
        if (current.Length == 1)
        {
            return Of(current[0], candidates, isFallback: false);
        }

        if (candidates.Length > 1 && Array.Exists(candidates, one => one.CreatedAt is null))
        {
            return new NeedsCreation([.. candidates.Where(one => one.CreatedAt is null).Select(one => one.ProviderId)]);
        }

        // Ordered by id already, and MinBy takes the first of equals.
        return Of(candidates.MinBy(one => one.CreatedAt)!, candidates, isFallback: candidates.Length > 1);
    }

    private static Selected Of(SubscriptionCandidate winner, SubscriptionCandidate[] candidates, bool isFallback) => new(
        winner.ProviderId,
        [.. candidates.Where(one => one != winner).Select(one => one.ProviderId)],
        isFallback);
}
