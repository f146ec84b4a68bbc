namespace Quoin.Pricing.Internal;

/// <summary>How a draft's price relates to the prices there are.</summary>
internal enum PriceChangeKind
{
    /// <summary>Nothing prices this component yet.</summary>
    Added,

    /// <summary>It says something else than the newest version.</summary>
    Changed,

    /// <summary>It says the same; publishing leaves it out.</summary>
    Unchanged,
}

/// <summary>A draft's price beside the version before it.</summary>
internal sealed record PriceChange(PriceChangeKind Kind, NewPrice Price, PriceVersion? Before);

/// <summary>Compares a draft with the prices there are. Pure.</summary>
internal static class PriceDiff
{
    /// <summary>Each price beside the version in force when it would begin.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="snapshot">The prices there are.</param>
    /// <param name="now">When those begin that name no time.</param>
    public static IReadOnlyList<PriceChange> Of(PriceDraft draft, PriceSnapshot snapshot, DateTimeOffset now)
    {
        var published = snapshot.Versions
            .Where(version => version.Book == draft.Book)
            .ToLookup(version => (version.Meter, version.Match));
        var changes = new List<PriceChange>(draft.Prices.Count);
        foreach (var price in draft.Prices.Select(input => input.Read().Price!))
        {
            var before = published[(price.Meter, price.Match)]
                .Where(version => version.EffectiveFrom <= (price.EffectiveFrom ?? now))
                .MaxBy(version => version.EffectiveFrom);
            var kind = before is null ? PriceChangeKind.Added
                : Text(before.Terms, before.Cost, before.Scale) == Text(price.Terms, price.Cost, price.Scale)
                    ? PriceChangeKind.Unchanged
                    : PriceChangeKind.Changed;
            changes.Add(new PriceChange(kind, price, before));
        }

        return changes;
    }

    private static string Text(PriceTerms terms, PriceTerms? cost, int scale) =>
        $"{TermsDocument.Write(terms)}|{(cost is null ? string.Empty : TermsDocument.Write(cost))}|{scale}";
}
