using System.Globalization;
using System.Text.Json;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Amounts as LiteLLM's tools write them, numbers of whole units of currency, without ever being a floating point number
/// here: their digits are read and written.
/// </summary>
internal static class Dollars
{
    private const decimal MicrosPerUnit = 1_000_000m;

    // What programs compute in floating point has up to seventeen digits, most of them noise far below a micro.
    private const int DigitsMax = 28;

    /// <summary>An amount that is a limit, in whole micros: what is finer is cut off, so that no limit grows.</summary>
    /// <exception cref="RefusedRequestException">It is no amount that can be kept.</exception>
    public static long? Micros(this JsonElement owner, string name)
    {
        if (owner.Member(name) is not { } value)
        {
            return null;
        }

        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => throw JsonMembers.Wrong($"'{name}' must be a number."),
        };
        if (text.Length > ExactNumber.LengthMax
            || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var units))
        {
            throw JsonMembers.Wrong($"'{name}' must be a number of at most {DigitsMax} digits.");
        }

        return units is >= 0 && units <= Limits.LiteLlmAmountMax
            ? (long)decimal.Floor(units * MicrosPerUnit)
            : throw JsonMembers.Wrong($"'{name}' must be 0 to {Limits.LiteLlmAmountMax}.");
    }

    /// <summary>Micros, unrounded, in units of currency, unrounded.</summary>
    public static decimal Of(decimal micros) => micros / MicrosPerUnit;

    /// <summary>An amount in units of currency.</summary>
    public static decimal Of(Money money) => Of(money.Micros);
}
