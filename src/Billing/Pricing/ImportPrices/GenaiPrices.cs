using System.Globalization;
using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>
/// The genai-prices format: a list of providers with models. Prices are per million tokens (<c>…_mtok</c>) or thousand
/// requests (<c>requests_kcount</c>); a price may be <c>{base, tiers: [{start, price}]}</c>, where a request whose input
/// is larger than a start costs that tier's price for all its tokens; a model's prices may be a list with constraints
/// (<c>start_date</c>, or <c>start_time</c> and <c>end_time</c> each day), of which the last that holds counts. Input
/// counts all input tokens there, cached and audio ones too; here each token is in one meter.
/// See https://github.com/pydantic/genai-prices.
/// </summary>
internal static class GenaiPrices
{
    public const string Format = "genai";

    private static readonly Dictionary<string, (string Meter, decimal Per)> Known = new(StringComparer.Ordinal)
    {
        ["input_mtok"] = (TokenMeters.Input, TokenMeters.PerTokens),
        ["output_mtok"] = (TokenMeters.Output, TokenMeters.PerTokens),
        ["cache_read_mtok"] = (TokenMeters.CachedRead, TokenMeters.PerTokens),
        ["cache_write_mtok"] = (TokenMeters.CachedWrite, TokenMeters.PerTokens),
        ["input_audio_mtok"] = (TokenMeters.AudioInput, TokenMeters.PerTokens),
        ["cache_audio_read_mtok"] = (TokenMeters.AudioCachedRead, TokenMeters.PerTokens),
        ["output_audio_mtok"] = (TokenMeters.AudioOutput, TokenMeters.PerTokens),
        ["requests_kcount"] = (TokenMeters.Requests, TokenMeters.PerRequests),
    };

    public static ImportedPrices Read(JsonElement file, ImportSettings settings)
    {
        if (file.ValueKind != JsonValueKind.Array)
        {
            throw new UnreadablePrices("The file is no list of providers.");
        }

        var (models, unpriced, unsupported) =
            (new List<PricedModel>(), new List<UnpricedModel>(), new List<UnsupportedModel>());
        var (notes, count) = (new List<string>(), 0);
        foreach (var provider in file.EnumerateArray())
        {
            var providerId = ImportJson.Text(provider, "id");
            if (settings.Provider is not null && settings.Provider != providerId)
            {
                continue;
            }

            foreach (var model in ImportJson.List(provider, "models"))
            {
                count++;
                var fullName = $"{providerId}/{ImportJson.Text(model, "id")}";
                try
                {
                    var read = ReadModel(providerId, model, notes);
                    if (read.Rates.All(rates => rates.ByMeter.Count == 0))
                    {
                        unpriced.Add(new UnpricedModel(providerId, read.Names));
                    }
                    else
                    {
                        models.Add(read);
                    }
                }
                catch (UnsupportedPrice reason)
                {
                    unsupported.Add(new UnsupportedModel(fullName, reason.Message));
                }
            }
        }

        return ModelPrices.Of(Format, models, count, unpriced, unsupported, notes, settings);
    }

    private static PricedModel ReadModel(string provider, JsonElement model, List<string> notes)
    {
        var id = ImportJson.Text(model, "id");
        var names = new List<string> { id };
        if (model.TryGetProperty("match", out var match))
        {
            names.AddRange(Names(match).Where(name => name != id).Distinct(StringComparer.Ordinal));
            if (!Names(match).Any())
            {
                notes.Add($"{provider}/{id}: matched by a pattern there, by its id alone here");
            }
        }

        if (!model.TryGetProperty("prices", out var prices))
        {
            throw new UnreadablePrices($"{provider}/{id} has no prices.");
        }

        ModelRates[] rates = prices.ValueKind == JsonValueKind.Array
            ? [.. prices.EnumerateArray().Select(Conditional)]
            : [new ModelRates(null, null, Rates(prices))];
        return new PricedModel(provider, names, rates);
    }

    // Of a match only whole names can be dimensions; patterns have no end of names.
    private static IEnumerable<string> Names(JsonElement match)
    {
        if (match.TryGetProperty("equals", out var name))
        {
            return [name.GetString()!];
        }

        return match.TryGetProperty("or", out var any) ? any.EnumerateArray().SelectMany(Names) : [];
    }

    private static ModelRates Conditional(JsonElement entry)
    {
        var rates = Rates(entry.GetProperty("prices"));
        if (!entry.TryGetProperty("constraint", out var constraint) || constraint.ValueKind == JsonValueKind.Null)
        {
            return new ModelRates(null, null, rates);
        }

        string[] members = [.. constraint.EnumerateObject().Select(member => member.Name).Where(name => name != "type").Order()];
        return members switch
        {
            ["start_date"] => new ModelRates(Date(ImportJson.Text(constraint, "start_date")), null, rates),
            ["end_time", "start_time"] => new ModelRates(
                null,
                new WeeklyHours([], Minute(constraint, "start_time"), Minute(constraint, "end_time")),
                rates),
            _ => throw new UnsupportedPrice($"a constraint of {string.Join(", ", members)} is not known"),
        };
    }

    private static IReadOnlyDictionary<string, TokenRate> Rates(JsonElement prices)
    {
        var said = new Dictionary<string, TokenRate>();
        foreach (var price in prices.EnumerateObject())
        {
            if (!Known.TryGetValue(price.Name, out var known))
            {
                throw new UnsupportedPrice($"'{price.Name}' has no meter");
            }

            if (price.Value.ValueKind != JsonValueKind.Null)
            {
                said[known.Meter] = Rate(price.Value, known.Per);
            }
        }

        return TokenMeters.Completed(said);
    }

    private static TokenRate Rate(JsonElement price, decimal per) => price.ValueKind == JsonValueKind.Object
        ? new TokenRate(
            ImportJson.Price(price.GetProperty("base")),
            per,
            [.. ImportJson.List(price, "tiers")
                .Select(tier => (tier.GetProperty("start").GetInt64(), ImportJson.Price(tier.GetProperty("price"))))
                .OrderBy(tier => tier.Item1)])
        : new TokenRate(ImportJson.Price(price), per, []);

    private static DateTimeOffset Date(string text) =>
        DateTimeOffset.TryParseExact(
            text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date
            : throw new UnsupportedPrice($"'{text}' is no date");

    private static int Minute(JsonElement constraint, string name)
    {
        var text = ImportJson.Text(constraint, name);
        var isTime = TimeOnly.TryParseExact(text, "HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time);
        return isTime && time.Minute % 15 == 0 && time.Second == 0
            ? (time.Hour * 60) + time.Minute
            : throw new UnsupportedPrice($"'{text}' is no quarter hour, UTC");
    }
}
