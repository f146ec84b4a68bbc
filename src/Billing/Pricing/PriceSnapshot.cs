using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>Every published price at one revision of the catalogue; immutable, shared by all threads.</summary>
public sealed class PriceSnapshot
{
    private readonly Dictionary<PriceVersionId, PriceVersion> versions;
    private readonly ILookup<(Currency, string), Component> components;

    /// <summary>Arranges published prices for look-up.</summary>
    /// <param name="revision">The catalogue's revision they were read at.</param>
    /// <param name="published">All versions of the default books.</param>
    public PriceSnapshot(long revision, IReadOnlyCollection<PriceVersion> published)
    {
        Revision = revision;
        versions = published.ToDictionary(version => version.Id);
        components = published
            .GroupBy(version => version.Component)
            .Select(group => new Component(
                group.First().Match.ToDictionary(),
                [.. group.OrderByDescending(version => version.EffectiveFrom)]))
            .OrderByDescending(component => component.Match.Count)
            .ThenBy(component => component.Newest[0].Component.Value)
            .ToLookup(component => (component.Newest[0].Currency, component.Newest[0].Meter));
    }

    /// <summary>How many times prices had been published.</summary>
    public long Revision { get; }

    /// <summary>All versions.</summary>
    public IReadOnlyCollection<PriceVersion> Versions => versions.Values;

    /// <summary>A version by id.</summary>
    /// <exception cref="KeyNotFoundException">Published later than this snapshot, or never.</exception>
    public PriceVersion Version(PriceVersionId id) => versions[id];

    /// <summary>
    /// The price of a piece of usage: of the components whose dimensions it has, the most specific one; of that, the
    /// version in force. Null when nothing prices it.
    /// </summary>
    /// <param name="currency">The billing account's currency.</param>
    /// <param name="meter">The meter's key.</param>
    /// <param name="dimensions">The usage's dimensions.</param>
    /// <param name="at">When it was used.</param>
    public PriceVersion? Find(Currency currency, string meter, Dimensions dimensions, DateTimeOffset at)
    {
        var candidates = components[(currency, meter)];
        var usage = dimensions.ToDictionary();
        return candidates
            .Where(component => component.Match.All(pair => usage.GetValueOrDefault(pair.Key) == pair.Value))
            .Select(component => Array.Find(component.Newest, version => version.EffectiveFrom <= at))
            .FirstOrDefault(version => version is not null);
    }

    private sealed record Component(IReadOnlyDictionary<string, string> Match, PriceVersion[] Newest);
}
