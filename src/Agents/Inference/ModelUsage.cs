using System.Globalization;

namespace Quoin.Inference;

/// <summary>A quantity of one meter, with the dimensions it is priced by.</summary>
/// <param name="Meter">The meter's name, <c>llm.input_tokens</c> and its neighbours.</param>
/// <param name="Dimensions">At least <c>provider</c> and <c>model</c>.</param>
/// <param name="Quantity">How much; never zero.</param>
public sealed record MeteredPart(string Meter, IReadOnlyDictionary<string, string> Dimensions, decimal Quantity);

/// <summary>
/// What one call of a model used, as its provider counts it, in sorts that share no token: cached input is not in
/// <see cref="InputTokens"/>, audio is in neither.
/// </summary>
public readonly record struct ModelUsage
{
    /// <summary>Nothing was used, and nothing is owed.</summary>
    public static readonly ModelUsage None;

    /// <summary>Text and images read, without what a cache held or took.</summary>
    public long InputTokens { get; init; }

    /// <summary>Input read from the provider's cache.</summary>
    public long CachedReadTokens { get; init; }

    /// <summary>Input written to the provider's cache, for as long as it keeps things by itself.</summary>
    public long CachedWriteTokens { get; init; }

    /// <summary>Input written to the provider's cache for an hour; in none of the others.</summary>
    public long CachedWriteHourTokens { get; init; }

    /// <summary>Text written, reasoning included.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Audio heard, without what a cache held.</summary>
    public long AudioInputTokens { get; init; }

    /// <summary>Audio read from the provider's cache.</summary>
    public long AudioCachedReadTokens { get; init; }

    /// <summary>Audio spoken.</summary>
    public long AudioOutputTokens { get; init; }

    /// <summary>How many of <see cref="OutputTokens"/> were reasoning; only shown, never priced.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>Calls that the provider answered: 1, or 0 where none did.</summary>
    public long Requests { get; init; }

    /// <summary>
    /// What the provider says that the call cost, in units of its own currency; null where it says nothing. Whether that is
    /// believed is for whoever knows the provider.
    /// </summary>
    public decimal? ToldCost { get; init; }

    /// <summary>Whether a number was made from the bytes that went through, because the provider told none.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>All input, whatever its sort: the size that decides which price band a call is in.</summary>
    public long AllInputTokens =>
        InputTokens + CachedReadTokens + CachedWriteTokens + CachedWriteHourTokens + AudioInputTokens + AudioCachedReadTokens;

    /// <summary>All output, whatever its sort.</summary>
    public long AllOutputTokens => OutputTokens + AudioOutputTokens;

    /// <summary>Whether the provider is owed nothing.</summary>
    public bool IsNone => Requests == 0 && AllInputTokens == 0 && AllOutputTokens == 0;

    /// <summary>The quantities by meter, those that are zero left out.</summary>
    /// <param name="provider">The dimension <c>provider</c>: whose tokens they are.</param>
    /// <param name="model">The dimension <c>model</c>: the provider's name of the model that answered.</param>
    public IReadOnlyList<MeteredPart> Parts(string provider, string model)
    {
        var parts = new List<MeteredPart>(4);
        var dimensions = new Dictionary<string, string>(StringComparer.Ordinal) { ["provider"] = provider, ["model"] = model };
        Add("llm.input_tokens", InputTokens);
        Add("llm.output_tokens", OutputTokens);
        Add("llm.cached_read_tokens", CachedReadTokens);
        Add("llm.cached_write_tokens", CachedWriteTokens);
        Add("llm.audio_input_tokens", AudioInputTokens);
        Add("llm.audio_cached_read_tokens", AudioCachedReadTokens);
        Add("llm.audio_output_tokens", AudioOutputTokens);
        Add("llm.requests", Requests);
        if (CachedWriteHourTokens > 0)
        {
            // Anthropic asks more for an hour than for five minutes; a price may tell them apart by this dimension.
            dimensions = new Dictionary<string, string>(dimensions, StringComparer.Ordinal) { ["cache_ttl"] = "1h" };
            Add("llm.cached_write_tokens", CachedWriteHourTokens);
        }

        return parts;

        void Add(string meter, long quantity)
        {
            if (quantity > 0)
            {
                parts.Add(new MeteredPart(meter, dimensions, quantity));
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{AllInputTokens} in, {AllOutputTokens} out{(IsEstimated ? ", estimated" : "")}");
}
