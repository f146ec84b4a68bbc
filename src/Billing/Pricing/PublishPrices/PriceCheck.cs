using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>A component's newest version.</summary>
/// <param name="Component">The component.</param>
/// <param name="EffectiveFrom">Since when it holds.</param>
/// <param name="GroupBy">What the component groups by.</param>
/// <param name="IsUnpriced">Whether it says that there is no price.</param>
internal sealed record NewestVersion(
    PriceComponentId Component, DateTimeOffset EffectiveFrom, IReadOnlyList<string> GroupBy, bool IsUnpriced);

/// <summary>Why a price cannot be published. Pure.</summary>
internal static class PriceCheck
{
    /// <summary>From when a first version without a date holds: older usage does not exist.</summary>
    public static readonly DateTimeOffset StartOfTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When a version begins; that there is no price holds before, so that a first price can still follow.</summary>
    public static DateTimeOffset StartOf(NewPrice price) => (price.EffectiveFrom
        ?? (price.Terms.IsUnpriced ? StartOfTime.AddTicks(-QuarterHour.Ticks) : StartOfTime)).ToUniversalTime();

    /// <summary>What is wrong, for a person; null when nothing is.</summary>
    /// <param name="price">The price.</param>
    /// <param name="newest">The component's newest version; null for its first.</param>
    /// <param name="now">When it would be published.</param>
    public static string? Problem(NewPrice price, NewestVersion? newest, DateTimeOffset now) =>
        Content(price) ?? Place(price, newest, now);

    /// <summary>What is wrong with what it says, wherever and whenever it is published.</summary>
    public static string? Content(NewPrice price)
    {
        if (InputText.Problem(price.Meter, Limits.NameLettersMax) is { } problem)
        {
            return $"meter {problem}.";
        }

        if (price.Scale is < 0 or > PriceVersion.ScaleMax)
        {
            return $"A scale is 0 to {PriceVersion.ScaleMax} digits.";
        }

        if (price.GroupBy.Count > Limits.GroupByMax || price.GroupBy.Distinct().Count() != price.GroupBy.Count)
        {
            return $"A price groups by up to {Limits.GroupByMax} different dimensions.";
        }

        var wrong = TermsCheck.MatchProblem(price.Match)
            ?? price.GroupBy.Select(name => InputText.Problem(name, Limits.DimensionLettersMax)).FirstOrDefault(found => found is not null)
            ?? TermsCheck.Problem(price.Terms)
            ?? (price.Cost is null ? null : TermsCheck.Problem(price.Cost))
            ?? TermsCheck.CostProblem(price.Terms, price.Cost);
        return wrong is null ? null : $"{char.ToUpperInvariant(wrong[0])}{wrong[1..]}.";
    }

    private static string? Place(NewPrice price, NewestVersion? newest, DateTimeOffset now)
    {
        if (price.EffectiveFrom is { } start && !QuarterHour.IsStart(start))
        {
            return "A price takes effect at the start of a quarter hour, UTC.";
        }

        if (newest is null)
        {
            return null;
        }

        // Nothing was rated where there was no price, so one may begin as early: what waits is rated by it.
        var isFree = newest.IsUnpriced && newest.GroupBy.SequenceEqual(price.GroupBy.Order(StringComparer.Ordinal));
        if (isFree && StartOf(price) > newest.EffectiveFrom)
        {
            return null;
        }

        if (!price.GroupBy.Order(StringComparer.Ordinal).SequenceEqual(newest.GroupBy))
        {
            return "What a component groups by never changes: its rated usage is kept apart by it.";
        }

        return price.EffectiveFrom is { } next && next > newest.EffectiveFrom && next >= now + Limits.PublishAhead
            ? null
            : $"This component has a price from {newest.EffectiveFrom:O}; the next one must begin after it and at least "
                + $"{Limits.PublishAhead.TotalMinutes} minutes from now, so that rated usage keeps its price.";
    }
}
