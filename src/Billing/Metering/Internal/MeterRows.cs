using System.Text.Json;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Meters as rows.</summary>
internal static class MeterRows
{
    /// <summary>
    /// Reads meters from rows of seven columns, one row a version: id, key, aggregation, unit, version, when it takes
    /// effect, definition. Those of one meter follow each other.
    /// </summary>
    public static async Task<List<Meter>> Read(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var meters = new List<Meter>();
        var versions = new List<MeterVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new MeterId(reader.GetGuid(0));
            if (meters.Count == 0 || meters[^1].Id != id)
            {
                versions = [];
                meters.Add(new Meter(
                    id, reader.GetString(1), AggregationOf(reader.GetString(2)), reader.GetString(3), versions));
            }

            versions.Add(new MeterVersion(
                reader.GetInt32(4), reader.GetFieldValue<DateTimeOffset>(5), DefinitionOf(reader.GetString(6))));
        }

        return meters;
    }

    /// <summary>A definition as it is stored.</summary>
    public static string Text(MeterDefinition definition) =>
        JsonSerializer.Serialize(definition, JsonConventions.Options);

    /// <summary>An aggregation as it is stored.</summary>
    public static string Text(Aggregation aggregation) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(aggregation.ToString());

    private static MeterDefinition DefinitionOf(string text) =>
        JsonSerializer.Deserialize<MeterDefinition>(text, JsonConventions.Options)
        ?? throw new JsonException("A meter's definition is null.");

    private static Aggregation AggregationOf(string text) =>
        Enum.GetValues<Aggregation>().First(aggregation => Text(aggregation) == text);
}
