using Quoin.Kernel;
using Quoin.Pricing.Internal;

namespace Quoin.Pricing;

/// <summary>Every way trying prices out can end.</summary>
public abstract record CandidateOutcome
{
    private CandidateOutcome()
    {
    }

    /// <summary>All prices as they would be.</summary>
    /// <param name="Prices">The candidates in place of what they replace, and everything else.</param>
    public sealed record Ready(PriceSnapshot Prices) : CandidateOutcome;

    /// <summary>There is no such book.</summary>
    public sealed record NoSuchBook : CandidateOutcome;

    /// <summary>A candidate could not be published as it is.</summary>
    /// <param name="Index">Its place, from zero.</param>
    /// <param name="Reason">What is wrong with it, for a person.</param>
    public sealed record Refused(int Index, string Reason) : CandidateOutcome;
}

/// <summary>Prices that nobody published: what if they had held all the time? Pure; nothing is stored.</summary>
public static class PriceCandidates
{
    private static readonly DateTimeOffset StartOfTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The prices of a catalogue with candidates in the place of the versions of their components.</summary>
    /// <param name="published">The catalogue.</param>
    /// <param name="book">Which book they would stand in.</param>
    /// <param name="candidates">What to try; when each would take effect is left out of account.</param>
    /// <param name="ids">Names versions and components that are new.</param>
    public static CandidateOutcome Over(
        PriceSnapshot published, PriceBookId book, IReadOnlyList<NewPrice> candidates, IdSource ids)
    {
        if (published.Books.FirstOrDefault(one => one.Id == book) is not { } known)
        {
            return new CandidateOutcome.NoSuchBook();
        }

        var versions = new List<PriceVersion>();
        foreach (var (index, candidate) in candidates.Index())
        {
            if (PriceCheck.Content(candidate) is { } wrong)
            {
                return new CandidateOutcome.Refused(index, wrong);
            }

            var replaced = published.Versions.FirstOrDefault(version =>
                version.Book == book && version.Meter == candidate.Meter && version.Match == candidate.Match);
            versions.Add(new PriceVersion(
                ids.Next<PriceVersionId>(),
                book,
                replaced?.Component ?? ids.Next<PriceComponentId>(),
                known.Currency,
                candidate.Meter,
                candidate.Match,
                candidate.Terms,
                StartOfTime,
                StartOfTime)
            {
                GroupBy = [.. candidate.GroupBy.Order(StringComparer.Ordinal)],
                Cost = candidate.Cost,
                Scale = candidate.Scale,
            });
        }

        var replacing = versions.Select(version => version.Component).ToHashSet();
        if (replacing.Count < versions.Count)
        {
            return new CandidateOutcome.Refused(versions.Count - 1, "Two candidates are for the same meter and dimensions.");
        }

        return new CandidateOutcome.Ready(new PriceSnapshot(
            published.Revision,
            published.Books,
            [.. published.Versions.Where(version => !replacing.Contains(version.Component)), .. versions]));
    }
}
