namespace Quoin.Accounts;

/// <summary>Enumerations as PostgreSQL keeps them: their name in lower case.</summary>
internal static class StoredWord
{
    public static string Of<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static T Read<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word, ignoreCase: true);
}
