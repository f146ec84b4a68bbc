using System.Collections.Concurrent;
using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>Every published price at one revision of the catalogue; immutable, shared by all threads.</summary>
public sealed class PriceSnapshot
{
    private readonly Dictionary<PriceVersionId, PriceVersion> versions;
    private readonly Dictionary<PriceBookId, PriceBook> books;
    private readonly Dictionary<Currency, PriceBookId> catalogue;
    private readonly ILookup<(PriceBookId, string), Component> components;

    // What a book offers a kind of usage does not change within a snapshot, and the same kinds come again and again.
    private readonly ConcurrentDictionary<(PriceBookId Book, string Meter, string Dimensions), Offer[]> offers = new();
    private int remembered;

    /// <summary>Arranges published prices for look-up.</summary>
    /// <param name="revision">The catalogue's revision they were read at.</param>
    /// <param name="books">All books.</param>
    /// <param name="published">All their versions.</param>
    public PriceSnapshot(long revision, IReadOnlyCollection<PriceBook> books, IReadOnlyCollection<PriceVersion> published)
    {
        Revision = revision;
        this.books = books.ToDictionary(book => book.Id);
        catalogue = books.Where(book => book.IsDefault).ToDictionary(book => book.Currency, book => book.Id);
        versions = published.ToDictionary(version => version.Id);
        components = published
            .GroupBy(version => version.Component)
            .Select(group => new Component(
                group.First().Match.ToDictionary(),
                [.. group.OrderByDescending(version => version.EffectiveFrom)]))
            .OrderByDescending(component => component.Match.Count)
            .ThenBy(component => component.Newest[0].Component.Value)
            .ToLookup(component => (component.Newest[0].Book, component.Newest[0].Meter));
    }

    /// <summary>How many times prices had been published.</summary>
    public long Revision { get; }

    /// <summary>All versions.</summary>
    public IReadOnlyCollection<PriceVersion> Versions => versions.Values;

    /// <summary>All books.</summary>
    public IReadOnlyCollection<PriceBook> Books => books.Values;

    /// <summary>A version by id.</summary>
    /// <exception cref="KeyNotFoundException">Published later than this snapshot, or never.</exception>
    public PriceVersion Version(PriceVersionId id) => versions[id];

    /// <summary>
    /// The price of a piece of usage: the first book in the account's order that has one; of that book, the component
    /// with the most of the usage's dimensions, in the version in force; of that, the first cell that takes the usage.
    /// Null when nothing prices it, or that component says that there is no price.
    /// </summary>
    public ResolvedPrice? Find(in PriceLookup lookup)
    {
        var contract = lookup.Account.ContractAt(lookup.At);
        foreach (var agreed in lookup.Account.Books)
        {
            if (agreed.Book is { } book
                && agreed.InForce.Contains(lookup.At)
                && books.TryGetValue(book, out var known)
                && known.Currency == lookup.Currency
                && InBook(book, lookup) is { } found)
            {
                return Priced(found, agreed.Source, agreed.Assignment, agreed == contract ? 0 : contract?.DiscountBps ?? 0);
            }
        }

        if (!catalogue.TryGetValue(lookup.Currency, out var usual) || InBook(usual, lookup) is not { } listed)
        {
            return null;
        }

        return contract is { DiscountBps: > 0 }
            ? Priced(listed, PriceSource.Catalogue, contract.Assignment, contract.DiscountBps)
            : Priced(listed, PriceSource.Catalogue, null, 0);
    }

    private static ResolvedPrice? Priced(Found found, PriceSource source, AssignmentId? assignment, int discountBps) =>
        found.Cell is { } cell ? new(found.Version, cell, found.Group, source, assignment, discountBps) : null;

    private Found? InBook(PriceBookId book, in PriceLookup lookup)
    {
        foreach (var offer in OffersOf(book, lookup.Meter, lookup.Dimensions))
        {
            foreach (var (version, cells) in offer.Newest)
            {
                if (version.EffectiveFrom > lookup.At)
                {
                    continue;
                }

                foreach (var cell in cells)
                {
                    if (cell.Hours is null || cell.Hours.Contains(lookup.At))
                    {
                        return new Found(version, cell, offer.Group);
                    }
                }

                if (version.Terms.IsUnpriced)
                {
                    return new Found(version, null, offer.Group);
                }

                // The version in force does not take this usage, whatever older ones said.
                break;
            }
        }

        return null;
    }

    private Offer[] OffersOf(PriceBookId book, string meter, Dimensions dimensions)
    {
        var key = (book, meter, dimensions.Text);
        if (offers.TryGetValue(key, out var known))
        {
            return known;
        }

        var usage = dimensions.ToDictionary();
        Offer[] found = [.. components[(book, meter)]
            .Where(component => Has(usage, component.Match))
            .Select(component => component.OfferTo(usage))];
        if (Interlocked.Increment(ref remembered) > Limits.RememberedKindsMax)
        {
            offers.Clear();
            Interlocked.Exchange(ref remembered, 1);
        }

        offers.TryAdd(key, found);
        return found;
    }

    private static bool Has(IReadOnlyDictionary<string, string> usage, IReadOnlyDictionary<string, string> match)
    {
        foreach (var (name, value) in match)
        {
            if (!usage.TryGetValue(name, out var given) || given != value)
            {
                return false;
            }
        }

        return true;
    }

    // Without a cell, it was found that there is no price.
    private readonly record struct Found(PriceVersion Version, PriceCell? Cell, Dimensions Group);

    private sealed record Offer(Dimensions Group, (PriceVersion Version, PriceCell[] Cells)[] Newest);

    private sealed record Component(IReadOnlyDictionary<string, string> Match, PriceVersion[] Newest)
    {
        public Offer OfferTo(IReadOnlyDictionary<string, string> usage) => new(
            Dimensions.Of(Newest[0].GroupBy
                .Where(usage.ContainsKey)
                .Select(name => KeyValuePair.Create(name, usage[name]))),
            Array.ConvertAll(Newest, version => (
                version,
                version.Terms.Cells.Where(cell => Has(usage, cell.Match.ToDictionary())).ToArray())));
    }
}
