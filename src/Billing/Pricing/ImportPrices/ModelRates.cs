using System.Globalization;
using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>What a model's tokens of one sort cost: a base, and other prices for larger requests.</summary>
/// <param name="Base">Units of currency for <paramref name="Per"/>.</param>
/// <param name="Per">A million tokens, or a thousand requests.</param>
/// <param name="Over">Prices of requests whose input is larger than a size, by that size, rising.</param>
internal sealed record TokenRate(decimal Base, decimal Per, IReadOnlyList<(long Start, decimal Price)> Over)
{
    /// <summary>The price of a request of the band that begins at a size.</summary>
    public decimal At(long start) => Over.LastOrDefault(over => over.Start <= start, (0, Base)).Price;
}

/// <summary>A model's rates by meter, from an instant on and at some hours.</summary>
/// <param name="From">Since when; null is always.</param>
/// <param name="Hours">At which hours; null is at all.</param>
/// <param name="ByMeter">The rates.</param>
internal sealed record ModelRates(
    DateTimeOffset? From, WeeklyHours? Hours, IReadOnlyDictionary<string, TokenRate> ByMeter)
{
    /// <summary>All it says, so that two that say the same can be told.</summary>
    public string Text
    {
        get
        {
            var meters = ByMeter.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair =>
                $"{pair.Key} {Plain(pair.Value.Base)}/{Plain(pair.Value.Per)} "
                + string.Join(' ', pair.Value.Over.Select(over => $"{over.Start}:{Plain(over.Price)}")));
            var hours = Hours is null ? "always" : $"{Hours.FromMinute}-{Hours.UntilMinute}";
            return string.Create(CultureInfo.InvariantCulture, $"{From?.UtcTicks} {hours} {string.Join('|', meters)}");
        }
    }

    // 2.5 and 2.50 are one price.
    private static string Plain(decimal number) =>
        (number / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
}

/// <summary>A model as a file of prices has it.</summary>
/// <param name="Provider">Who offers it.</param>
/// <param name="Names">The values of the dimension <c>model</c> it goes by; the first is its own.</param>
/// <param name="Rates">Its rates; of those that hold at a time, the last one counts.</param>
internal sealed record PricedModel(string Provider, IReadOnlyList<string> Names, IReadOnlyList<ModelRates> Rates)
{
    private string? ratesText;

    /// <summary>
    /// What its provider calls it, where a name holds the provider's, too: <c>gemini/gemini-2.5-pro</c>. Others may have a
    /// model of that name, whose own name it is.
    /// </summary>
    public string? ShortName { get; init; }

    /// <summary>All its rates, so that two models that cost the same can be told.</summary>
    public string RatesText => ratesText ??= string.Join('\n', Rates.Select(rates => rates.Text));

    /// <summary>The provider and the model's own name.</summary>
    public string FullName => $"{Provider}/{Names[0]}";
}

/// <summary>A model a file of prices names without a price.</summary>
/// <param name="Provider">Who offers it.</param>
/// <param name="Names">The values of the dimension <c>model</c> it goes by; the first is its own.</param>
internal sealed record UnpricedModel(string Provider, IReadOnlyList<string> Names)
{
    /// <summary>The provider and the model's own name.</summary>
    public string FullName => $"{Provider}/{Names[0]}";
}

/// <summary>The meters of language models that imported prices are for. Their quantities share no token.</summary>
internal static class TokenMeters
{
    /// <summary>Input that is none of the others.</summary>
    public const string Input = "llm.input_tokens";

    /// <summary>Output that is not audio.</summary>
    public const string Output = "llm.output_tokens";

    /// <summary>Input read from a cache.</summary>
    public const string CachedRead = "llm.cached_read_tokens";

    /// <summary>Input written to a cache.</summary>
    public const string CachedWrite = "llm.cached_write_tokens";

    /// <summary>Input written to a cache for an hour.</summary>
    public const string CachedWriteHour = "llm.cached_write_hour_tokens";

    /// <summary>Output that was thought and not said.</summary>
    public const string Reasoning = "llm.reasoning_tokens";

    /// <summary>Audio that was heard and not cached.</summary>
    public const string AudioInput = "llm.audio_input_tokens";

    /// <summary>Audio read from a cache.</summary>
    public const string AudioCachedRead = "llm.audio_cached_read_tokens";

    /// <summary>Audio that was spoken.</summary>
    public const string AudioOutput = "llm.audio_output_tokens";

    /// <summary>Calls.</summary>
    public const string Requests = "llm.requests";

    /// <summary>All of them that every model uses; the finer sorts are what they are sorts of, where nothing prices them.</summary>
    public static readonly IReadOnlyList<string> All =
        [Input, Output, CachedRead, CachedWrite, AudioInput, AudioCachedRead, AudioOutput, Requests];

    /// <summary>
    /// Where the ranges of sizes begin that every installation's token meters tell apart. A price that changes at a size has to
    /// say so of each range beyond it, whether or not another price of the file changes there.
    /// </summary>
    public static readonly IReadOnlyList<long> BandStarts = [128_000, 200_000, 272_000, 512_000];

    /// <summary>Tokens a rate is for.</summary>
    public const decimal PerTokens = 1_000_000m;

    /// <summary>Calls a rate is for.</summary>
    public const decimal PerRequests = 1_000m;

    /// <summary>
    /// The rates with those that are not said: cached input without a price of its own costs what input costs, cached
    /// audio what cached or audio input costs.
    /// </summary>
    public static IReadOnlyDictionary<string, TokenRate> Completed(Dictionary<string, TokenRate> said)
    {
        var all = new Dictionary<string, TokenRate>(said);
        if (said.TryGetValue(Input, out var input))
        {
            all.TryAdd(CachedRead, input);
            all.TryAdd(CachedWrite, input);
            if (said.ContainsKey(AudioCachedRead) || said.ContainsKey(AudioOutput))
            {
                all.TryAdd(AudioInput, input);
            }
        }

        if (all.TryGetValue(AudioInput, out var audio))
        {
            all.TryAdd(AudioCachedRead, said.GetValueOrDefault(CachedRead) ?? audio);
        }

        return all;
    }
}
