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
    /// <param name="meter">The meter.</param>
    /// <param name="meters">All meters: others that read the same events want their values, too.</param>
    public static string Of(Meter meter, IEnumerable<Meter> meters)
    {
        var type = meter.Newest.Definition.EventType;
        var data = new JsonObject();
        Add(data, meter);
        foreach (var other in meters.Where(one =>
            one.Key != meter.Key && one.Newest.Definition is { IsOptional: false } also && also.EventType == type))
        {
            Add(data, other);
        }

        return new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = "example-1",
            ["source"] = "/example",
            ["type"] = type,
            ["data"] = data,
        }.ToJsonString(Readable);
    }

    /// <summary>The command that sends it.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="meters">All meters.</param>
    /// <param name="origin">How the host is reached.</param>
    public static string Command(Meter meter, IEnumerable<Meter> meters, string origin) => $"""
        curl {origin}/v1/events \
          -H "Authorization: Bearer $QUOIN_KEY" \
          -H "Content-Type: application/cloudevents+json" \
          -d '{Of(meter, meters).Replace("'", "'\\''", StringComparison.Ordinal)}'
        """;

    private static void Add(JsonObject data, Meter meter)
    {
        var definition = meter.Newest.Definition;
        foreach (var dimension in definition.Dimensions)
        {
            Set(data, dimension.Path, dimension.Default ?? Value(dimension.Name), isKept: true);
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
    }

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
