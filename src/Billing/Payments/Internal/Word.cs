using System.Collections.Concurrent;
using System.Text.Json;

namespace Quoin.Payments.Internal;

/// <summary>Enumerations as PostgreSQL and the API have them: <c>past_due</c>.</summary>
internal static class Word
{
    private static readonly ConcurrentDictionary<Enum, string> Written = new();

    public static string Of<T>(T value)
        where T : struct, Enum =>
        Written.GetOrAdd(value, static one => JsonNamingPolicy.SnakeCaseLower.ConvertName(one.ToString()));

    public static T Read<T>(string word)
        where T : struct, Enum =>
        TryRead<T>(word, out var value) ? value : throw new FormatException($"'{word}' is no {typeof(T).Name}.");

    public static bool TryRead<T>(string word, out T value)
        where T : struct, Enum
    {
        foreach (var one in Enum.GetValues<T>())
        {
            if (string.Equals(Of(one), word, StringComparison.Ordinal))
            {
                value = one;
                return true;
            }
        }

        value = default;
        return false;
    }
}
