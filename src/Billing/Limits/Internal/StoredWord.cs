using System.Text.Json;

namespace Quoin.Limiting.Internal;

/// <summary>Enumerations as the database keeps them: lower snake case.</summary>
internal static class StoredWord
{
    public static string Of<T>(T word)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

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
