using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Enumerations as they are stored: their names in snake case.</summary>
internal static class StoredWord
{
    /// <summary>The stored form.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>Reads the stored form.</summary>
    public static T Read<T>(string text)
        where T : struct, Enum =>
        Words<T>.ByText.TryGetValue(text, out var word)
            ? word
            : throw new InvalidOperationException($"'{text}' is no {typeof(T).Name}.");

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<string, T> ByText =
            Enum.GetValues<T>().ToDictionary(StoredWord.Of, StringComparer.Ordinal);
    }
}
