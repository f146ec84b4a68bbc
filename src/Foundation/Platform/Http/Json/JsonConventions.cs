using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quoin.Platform;

/// <summary>
/// The one shape of Quoin's JSON: snake case; ids as prefixed text; money as <c>{"currency","amount_micros"}</c>;
/// instants as RFC 3339 in UTC; decimals as text, because most readers make a JSON number a double and round it;
/// enumerations as snake case text. Reading is strict: unknown, missing, doubled and null members are refused.
/// </summary>
public static class JsonConventions
{
    /// <summary>How deep a document may nest; ours need six, and depth costs stack.</summary>
    public const int DepthMax = 32;

    /// <summary>The options every endpoint reads and writes with. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Made();

    /// <summary>Makes existing options follow the conventions.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = DepthMax;
        options.Converters.Add(new IdConverterFactory());
        options.Converters.Add(new MoneyConverter());
        options.Converters.Add(new CurrencyConverter());
        options.Converters.Add(new InstantConverter());
        options.Converters.Add(new DecimalConverter());
        options.Converters.Add(new ExactDecimalConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    private static JsonSerializerOptions Made()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
