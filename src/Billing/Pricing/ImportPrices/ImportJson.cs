using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>Reads foreign files of prices: loose where they grow, exact where they say money.</summary>
internal static class ImportJson
{
    public static string Text(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object
        && owner.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && InputText.Problem(value.GetString()!, Limits.DimensionLettersMax) is null
            ? value.GetString()!
            : throw new UnreadablePrices($"A text '{name}' is missing or too long.");

    public static IEnumerable<JsonElement> List(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : throw new UnreadablePrices($"A list '{name}' is missing.");

    /// <summary>A price with all its digits, never through floating point.</summary>
    /// <param name="value">The JSON number.</param>
    /// <param name="per">What it is multiplied by: a million where it is for one token.</param>
    public static decimal Price(JsonElement value, decimal per = 1m)
    {
        if (value.ValueKind != JsonValueKind.Number || !ExactNumber.TryParse(value.GetRawText(), out var number))
        {
            throw new UnsupportedPrice($"a price is {value.GetRawText()}, which is no exact decimal");
        }

        var price = number * per / 1.000000000000000000000000000m;
        return price is >= 0 and <= Limits.UnitPriceMax && price.Scale <= Limits.UnitPriceScaleMax
            ? price
            : throw new UnsupportedPrice($"a price is {value.GetRawText()}; prices are 0 to 10^9 with at most 12 decimals");
    }
}
