using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quoin.Metering;

namespace Quoin.ConsolePages;

/// <summary>An event a meter would count, to copy and to change.</summary>
public static class MeterExample
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The event in the form it is sent in: CloudEvents 1.0, JSON.</summary>
    public static string Of(Meter meter)
    {
        var definition = meter.Newest.Definition;
        var data = new JsonObject();
        foreach (var dimension in definition.Dimensions)
        {
            Set(data, dimension.Path, dimension.Default ?? Value(dimension.Name));
        }

        if (definition.ResourcePath is { } resource)
        {
            Set(data, resource, "resource-1");
        }

        if (definition.ValuePath is { } path)
        {
            Set(data, path, meter.Aggregation == Aggregation.UniqueCount ? JsonValue.Create("value-1") : JsonValue.Create(Amount(meter)));
        }

        foreach (var size in definition.Bands?.Paths ?? [])
        {
            Set(data, size, JsonValue.Create(1200), isKept: true);
        }

        return new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = "example-1",
            ["source"] = "/example",
            ["type"] = definition.EventType,
            ["data"] = data,
        }.ToJsonString(Readable);
    }

    /// <summary>The command that sends it.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="origin">How the host is reached.</param>
    public static string Command(Meter meter, string origin) => $"""
        curl {origin}/v1/events \
          -H "Authorization: Bearer $QUOIN_KEY" \
          -H "Content-Type: application/cloudevents+json" \
          -d '{Of(meter).Replace("'", "'\\''", StringComparison.Ordinal)}'
        """;

    private static int Amount(Meter meter) => meter.Aggregation == Aggregation.Sum ? 1200 : 1;

    private static string Value(string dimension) => dimension switch
    {
        "model" => "gpt-4o",
        "region" => "eu-central",
        _ => $"{dimension}-1",
    };

    private static void Set(JsonObject data, string path, JsonNode? value, bool isKept = false)
    {
        var names = path.Split('.');
        var at = data;
        foreach (var name in names[..^1])
        {
            at = at[name] as JsonObject ?? (JsonObject)(at[name] = new JsonObject());
        }

        if (!isKept || at[names[^1]] is null)
        {
            at[names[^1]] = value;
        }
    }
}
