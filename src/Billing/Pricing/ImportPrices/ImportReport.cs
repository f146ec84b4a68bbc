namespace Quoin.Pricing.Internal;

/// <summary>What an import made of a file.</summary>
/// <param name="Format"><c>genai</c> or <c>litellm</c>.</param>
/// <param name="ModelCount">Models in the file.</param>
/// <param name="ImportedCount">Models that have prices now.</param>
/// <param name="PriceCount">Prices of the draft, without those that say that there is none.</param>
/// <param name="Unpriced">Models the file has no price for; the draft says so, and their usage waits for one.</param>
/// <param name="Unsupported">Models whose prices mean something that cannot be said here.</param>
/// <param name="Notes">What was left out of models that were imported.</param>
/// <param name="BandStarts">
/// Sizes beyond which some price changes for the whole request. The meters' bands have a range for each, named after
/// where it begins: <c>200k</c>.
/// </param>
internal sealed record ImportReport(
    string Format,
    int ModelCount,
    int ImportedCount,
    int PriceCount,
    IReadOnlyList<string> Unpriced,
    IReadOnlyList<UnsupportedModel> Unsupported,
    IReadOnlyList<string> Notes,
    IReadOnlyList<long> BandStarts);

/// <summary>A model that was not imported.</summary>
/// <param name="Model">Its provider and name.</param>
/// <param name="Reason">What about it cannot be said here.</param>
internal sealed record UnsupportedModel(string Model, string Reason);

/// <summary>A draft's prices and what was made of the file they are from.</summary>
internal sealed record ImportedPrices(IReadOnlyList<PriceInput> Prices, ImportReport Report);

/// <summary>How to read a file of prices.</summary>
/// <param name="Provider">
/// Only this provider's models, matched by model alone; null: all, matched by model where all who offer it ask the same, and
/// by provider, too, where they do not.
/// </param>
/// <param name="Markup">What is added to the file's prices, which are costs: 0.2 is a fifth; null sells at cost.</param>
/// <param name="Now">Prices that ended before are left out.</param>
internal sealed record ImportSettings(string? Provider, decimal? Markup, DateTimeOffset Now)
{
    /// <summary>
    /// What the book prices by provider and model already: a price by the model alone would change nothing for them.
    /// </summary>
    public IReadOnlySet<(string Provider, string Model)> PricedByProvider { get; init; } =
        new HashSet<(string Provider, string Model)>();
}

/// <summary>A file that is not of its format.</summary>
internal sealed class UnreadablePrices(string message) : Exception(message);

/// <summary>A model whose price cannot be said here; ends the reading of that model alone.</summary>
internal sealed class UnsupportedPrice(string message) : Exception(message);
