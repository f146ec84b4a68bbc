using System.Globalization;
using System.Text.Json;

namespace Quoin.Pricing.Internal;

/// <summary>
/// The format of LiteLLM's <c>model_prices_and_context_window.json</c>: an object of models with costs in dollars for
/// one token. <c>…_above_128k_tokens</c> is the cost of a request whose input is larger; <c>…_above_1hr</c> that of what a
/// cache keeps for an hour. Costs of other service levels
/// (batches, flex, priority) and of what is not tokens or calls are left out and said so; a model that has no others is
/// not supported. See https://github.com/BerriAI/litellm.
/// </summary>
internal static class LiteLlmPrices
{
    public const string Format = "litellm";

    // The file's first member describes the format.
    private const string Sample = "sample_spec";

    private static readonly Dictionary<string, (string Meter, decimal Per)> Known = new(StringComparer.Ordinal)
    {
        ["input_cost_per_token"] = (TokenMeters.Input, TokenMeters.PerTokens),
        ["output_cost_per_token"] = (TokenMeters.Output, TokenMeters.PerTokens),
        ["cache_read_input_token_cost"] = (TokenMeters.CachedRead, TokenMeters.PerTokens),
        ["cache_creation_input_token_cost"] = (TokenMeters.CachedWrite, TokenMeters.PerTokens),
        ["cache_creation_input_token_cost_above_1hr"] = (TokenMeters.CachedWriteHour, TokenMeters.PerTokens),
        ["output_cost_per_reasoning_token"] = (TokenMeters.Reasoning, TokenMeters.PerTokens),
        ["input_cost_per_audio_token"] = (TokenMeters.AudioInput, TokenMeters.PerTokens),
        ["cache_read_input_audio_token_cost"] = (TokenMeters.AudioCachedRead, TokenMeters.PerTokens),
        ["output_cost_per_audio_token"] = (TokenMeters.AudioOutput, TokenMeters.PerTokens),
        ["input_cost_per_request"] = (TokenMeters.Requests, TokenMeters.PerRequests),
    };

    public static ImportedPrices Read(JsonElement file, ImportSettings settings)
    {
        if (file.ValueKind != JsonValueKind.Object)
        {
            throw new UnreadablePrices("The file is no object of models.");
        }

        var (models, unpriced, unsupported) =
            (new List<PricedModel>(), new List<UnpricedModel>(), new List<UnsupportedModel>());
        var (notes, count) = (new List<string>(), 0);
        foreach (var model in file.EnumerateObject().Where(model => model.Name != Sample))
        {
            var provider = model.Value.TryGetProperty("litellm_provider", out _)
                ? ImportJson.Text(model.Value, "litellm_provider")
                : "unknown";
            if (settings.Provider is not null && settings.Provider != provider)
            {
                continue;
            }

            count++;
            try
            {
                var (rates, leftOut) = Rates(model.Value);
                var fullName = $"{provider}/{model.Name}";
                if (rates.Count > 0)
                {
                    models.Add(new PricedModel(provider, [model.Name], [new ModelRates(null, null, rates)])
                    {
                        ShortName = ShortName(provider, model.Name),
                    });
                    notes.AddRange(leftOut.Length == 0 ? [] : [$"{fullName}: left out {string.Join(", ", leftOut)}"]);
                }
                else if (leftOut.Length == 0)
                {
                    unpriced.Add(new UnpricedModel(provider, [model.Name]));
                }
                else
                {
                    unsupported.Add(new UnsupportedModel(fullName, $"priced by {string.Join(", ", leftOut)} alone"));
                }
            }
            catch (UnsupportedPrice reason)
            {
                unsupported.Add(new UnsupportedModel($"{provider}/{model.Name}", reason.Message));
            }
        }

        return ModelPrices.Of(Format, models, count, unpriced, unsupported, notes, settings);
    }

    // Calls go to azure as gpt-4o, whose name in the file is azure/gpt-4o.
    private static string? ShortName(string provider, string name) =>
        name.StartsWith($"{provider}/", StringComparison.Ordinal) && name.Length > provider.Length + 1
            ? name[(provider.Length + 1)..]
            : null;

    private static (IReadOnlyDictionary<string, TokenRate> Rates, string[] LeftOut) Rates(JsonElement model)
    {
        var said = new Dictionary<string, TokenRate>();
        var over = new List<(string Meter, long Start, decimal Price)>();
        var leftOut = new List<string>();
        foreach (var member in model.EnumerateObject().Where(member => IsCost(member)))
        {
            if (Known.TryGetValue(member.Name, out var known))
            {
                said[known.Meter] = new TokenRate(ImportJson.Price(member.Value, known.Per), known.Per, []);
            }
            else if (Above(member.Name) is { } above && Known.TryGetValue(above.Cost, out known))
            {
                over.Add((known.Meter, above.Start, ImportJson.Price(member.Value, known.Per)));
            }
            else
            {
                leftOut.Add(member.Name);
            }
        }

        foreach (var (meter, rate) in said.ToArray())
        {
            said[meter] = rate with
            {
                Over = [.. over.Where(one => one.Meter == meter).OrderBy(one => one.Start).Select(one => (one.Start, one.Price))],
            };
        }

        return (TokenMeters.Completed(said), [.. leftOut]);
    }

    private static bool IsCost(JsonProperty member) =>
        member.Name.Contains("cost", StringComparison.Ordinal)
        && member.Value.ValueKind == JsonValueKind.Number
        && member.Value.GetRawText().Any(digit => digit is >= '1' and <= '9' or 'e');

    // input_cost_per_token_above_128k_tokens
    private static (string Cost, long Start)? Above(string name)
    {
        const string middle = "_above_";
        const string end = "k_tokens";
        var at = name.LastIndexOf(middle, StringComparison.Ordinal);
        return at > 0
            && name.EndsWith(end, StringComparison.Ordinal)
            && int.TryParse(name[(at + middle.Length)..^end.Length], CultureInfo.InvariantCulture, out var thousands)
                ? (name[..at], thousands * 1_000L)
                : null;
    }
}
