using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>The schemas of values that our converters write: what the serializer cannot know about them.</summary>
internal static class ValueSchemas
{
    private static readonly Guid ExampleId = new("01930000-0000-7000-8000-000000000001");

    /// <summary>The schema of a value type of ours or of a parameter; null for anything else.</summary>
    public static OpenApiSchema? Of(Type type) => type switch
    {
        _ when IdConverterFactory.IsId(type) => IdOf(type),
        _ when type == typeof(Money) => MoneySchema(),
        _ when type == typeof(Currency) => Text("An ISO 4217 code or a stablecoin's ticker.", "USD", pattern: "^[A-Z]{3,5}$"),
        _ when type == typeof(DateTimeOffset) => Text(null, "2026-11-20T08:15:00Z", format: "date-time"),
        _ when type == typeof(decimal) || type == typeof(ExactDecimal) =>
            Text(
                "A decimal number with all its digits, as text: a JSON number would be rounded by most readers.",
                "2.5",
                pattern: @"^-?\d+(\.\d+)?$"),
        _ when type == typeof(PageLimit) => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = "1",
            Maximum = PageLimit.RowsMax.ToString(CultureInfo.InvariantCulture),
            Default = PageLimit.RowsDefault,
        },
        _ when ParameterText.IsCursor(type) => Text("The `next_cursor` of the page before, unchanged.", null),
        _ when type == typeof(string) => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            MinLength = 1,
            MaxLength = ParameterText.TextLengthMax,
        },
        _ when type == typeof(bool) => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        _ when type == typeof(int) => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        _ when type == typeof(long) => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        _ when type.IsEnum => EnumOf(type),
        _ => null,
    };

    private static OpenApiSchema IdOf(Type type)
    {
        var prefix = ParameterText.PrefixOf(type);
        return Text(XmlDocs.Of(type), IdText.Format(prefix, ExampleId), pattern: $"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$");
    }

    private static OpenApiSchema EnumOf(Type type)
    {
        var meanings = Enum.GetNames(type).Zip(ParameterText.NamesOf(type))
            .Select(pair => XmlDocs.OfValue(type, pair.First) is { } meaning ? $"`{pair.Second}`: {meaning}" : $"`{pair.Second}`");
        return new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. ParameterText.NamesOf(type).Select(name => JsonValue.Create(name))],
            Description = string.Join(' ', new[] { XmlDocs.Of(type) }.Concat(meanings).OfType<string>()),
        };
    }

    private static OpenApiSchema MoneySchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "An amount in millionths of a currency.",
        Required = new HashSet<string> { "currency", "amount_micros" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["currency"] = Of(typeof(Currency))!,
            ["amount_micros"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int64",
                Description = "Millionths: 1 USD is 1,000,000.",
                Examples = [1_250_000],
            },
        },
    };

    private static OpenApiSchema Text(string? description, string? example, string? pattern = null, string? format = null) => new()
    {
        Type = JsonSchemaType.String,
        Description = description,
        Pattern = pattern,
        Format = format,
        Examples = example is null ? null : [JsonValue.Create(example)],
    };
}
