using System.Text.Json;

namespace Quoin.Ledger.Internal;

/// <summary>Metadata as text: one form for one content, because the chain covers it.</summary>
internal static class Metadata
{
    /// <summary>A JSON object with sorted names; null for none.</summary>
    public static string? ToJson(IReadOnlyDictionary<string, string> metadata) => metadata.Count == 0
        ? null
        : JsonSerializer.Serialize(new SortedDictionary<string, string>(metadata.ToDictionary(), StringComparer.Ordinal));

    /// <summary>Reads it back.</summary>
    public static IReadOnlyDictionary<string, string> FromJson(string? json) => json is null
        ? new Dictionary<string, string>()
        : JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
}
