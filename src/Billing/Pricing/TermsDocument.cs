using System.Text.Json;
using System.Text.Json.Serialization;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing.Internal;

namespace Quoin.Pricing;

/// <summary>A price's terms as JSON: what the API reads and shows, what is stored and what is hashed.</summary>
/// <param name="Cells">
/// In order: the first that takes a piece of usage prices it. Left out, the cost's cells; an empty list says that there is
/// no price, and usage waits for one.
/// </param>
/// <param name="Included">Quantity of each period that costs nothing; the cells use it up in their order.</param>
/// <param name="Maximum">Units of currency a period never goes beyond.</param>
/// <param name="Minimum">Units of currency a closed period comes to at least.</param>
/// <param name="Factor">What the cells' sum is multiplied by.</param>
public sealed record TermsDocument(
    IReadOnlyList<CellDocument>? Cells = null,
    decimal? Included = null,
    decimal? Maximum = null,
    decimal? Minimum = null,
    FactorDocument? Factor = null)
{
    private static readonly JsonSerializerOptions Canonical = MadeCanonical();

    /// <summary>Terms as a document.</summary>
    public static TermsDocument Of(PriceTerms terms) => TermsMapping.Document(terms);

    /// <summary>The document as terms, or why it has no meaning.</summary>
    public TermsOutcome Read() => TermsMapping.Read(this, null);

    /// <summary>
    /// The same, where cells that are left out are those of a cost: a price that is a markup or a margin over it.
    /// </summary>
    public TermsOutcome ReadOver(PriceTerms? cost) => TermsMapping.Read(this, cost);

    /// <summary>Terms as their one text: members in this order, numbers without superfluous zeros, nothing empty.</summary>
    public static string Write(PriceTerms terms) => JsonSerializer.Serialize(Of(terms), Canonical);

    /// <summary>Terms that were stored.</summary>
    /// <exception cref="InvalidOperationException">The text is not what <see cref="Write"/> made.</exception>
    public static PriceTerms Stored(string text) =>
        JsonSerializer.Deserialize<TermsDocument>(text, Canonical)!.Read() is TermsOutcome.Read read
            ? read.Terms
            : throw new InvalidOperationException("Stored price terms cannot be read.");

    private static JsonSerializerOptions MadeCanonical()
    {
        var options = new JsonSerializerOptions(JsonConventions.Options)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}

/// <summary>A cell of a price.</summary>
/// <param name="Model">How its quantity becomes an amount.</param>
/// <param name="Key">Its name, the same over versions; left out, it is made of what the cell takes.</param>
/// <param name="Match">The dimensions usage must have, such as <c>{"region":"eu"}</c>; left out, any.</param>
/// <param name="Hours">When usage must have happened; left out, always.</param>
/// <param name="Included">Quantity of each period that costs nothing here.</param>
public sealed record CellDocument(
    ModelDocument Model,
    string? Key = null,
    IReadOnlyDictionary<string, string>? Match = null,
    HoursDocument? Hours = null,
    decimal? Included = null);

/// <summary>How a quantity becomes an amount; which members belong to which type is in the guide to prices.</summary>
/// <param name="Type"><c>flat, per_unit, package, graduated, volume</c> or <c>percentage</c>.</param>
/// <param name="Price">Units of currency: once (flat), for <c>per</c> (per_unit), for a package (package).</param>
/// <param name="Per">What the price is for, in the meter's unit; left out, 1 (per_unit, graduated, volume).</param>
/// <param name="Size">The size of a package (package).</param>
/// <param name="Tiers">From the first unit up (graduated, volume).</param>
/// <param name="Percent">2.5 is two and a half in a hundred (percentage).</param>
public sealed record ModelDocument(
    string Type,
    decimal? Price = null,
    decimal? Per = null,
    decimal? Size = null,
    IReadOnlyList<TierDocument>? Tiers = null,
    decimal? Percent = null);

/// <summary>A tier.</summary>
/// <param name="UnitPrice">Units of currency for the model's <c>per</c>.</param>
/// <param name="UpTo">The last quantity in it; only the last tier has none.</param>
/// <param name="FlatPrice">Units of currency once, as soon as any quantity lies in it.</param>
public sealed record TierDocument(decimal UnitPrice, decimal? UpTo = null, decimal? FlatPrice = null);

/// <summary>Hours of the week.</summary>
/// <param name="From">The first minute, <c>hh:mm</c> on a quarter hour.</param>
/// <param name="Until">The first minute after, up to <c>24:00</c>; not after <c>from</c>, it is the next day's.</param>
/// <param name="Days">The days they begin on, <c>mon</c> to <c>sun</c>; left out, every day.</param>
/// <param name="Zone">IANA name of the place whose clocks count; left out, <c>UTC</c>.</param>
public sealed record HoursDocument(
    string From,
    string Until,
    IReadOnlyList<string>? Days = null,
    string? Zone = null);

/// <summary>What a sum is multiplied by; exactly one of the members.</summary>
/// <param name="Markup">Cost and this share of the cost: 0.2 is × 1.2.</param>
/// <param name="Margin">Such that this share of the price is kept: 0.2 is ÷ 0.8.</param>
/// <param name="Discount">Less this share: 0.2 is × 0.8.</param>
public sealed record FactorDocument(decimal? Markup = null, decimal? Margin = null, decimal? Discount = null);

/// <summary>Every way reading terms can end.</summary>
public abstract record TermsOutcome
{
    private TermsOutcome()
    {
    }

    /// <summary>They mean this.</summary>
    public sealed record Read(PriceTerms Terms) : TermsOutcome;

    /// <summary>They mean nothing.</summary>
    /// <param name="Reason">What is wrong, for a person.</param>
    public sealed record Refused(string Reason) : TermsOutcome;
}
