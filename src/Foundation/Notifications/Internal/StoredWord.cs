using System.Text.Json;

namespace Quoin.Notifications.Internal;

/// <summary>Enumerations as PostgreSQL keeps them: in snake case, as the API shows them.</summary>
internal static class StoredWord
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static T Read<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
