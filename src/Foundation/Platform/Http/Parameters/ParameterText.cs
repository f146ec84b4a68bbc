using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>How one value of a parameter is read from text.</summary>
internal static class ParameterText
{
    /// <summary>The longest free text: names of models, meters and dimensions are shorter.</summary>
    public const int TextLengthMax = 256;

    public static bool IsCursor(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Cursor<>);

    /// <summary>Reads a value; where it cannot, <paramref name="expected"/> says what would have been one.</summary>
    public static bool TryRead(Type type, string text, [NotNullWhen(true)] out object? value, out string expected)
    {
        (value, expected) = Read(type, text);
        return value is not null;
    }

    /// <summary>The names an enumeration's values have outside.</summary>
    public static IEnumerable<string> NamesOf(Type enumeration) =>
        Enum.GetNames(enumeration).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);

    private static (object? Value, string Expected) Read(Type type, string text) => type switch
    {
        _ when type == typeof(string) =>
            (text.Length is > 0 and <= TextLengthMax && !text.Any(char.IsControl) ? text : null,
                $"a text of 1 to {TextLengthMax} characters without control characters"),
        _ when type == typeof(DateTimeOffset) =>
            (Rfc3339.TryParse(text, out DateTimeOffset instant) ? instant : null,
                "an RFC 3339 instant as 2026-11-20T08:15:00Z (in a query, + is written %2B)"),
        _ when type == typeof(PageLimit) => (Limit(text), $"a whole number from 1 to {PageLimit.RowsMax}"),
        _ when type == typeof(int) =>
            (Whole(text) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : null, "a whole number"),
        _ when type == typeof(long) => (Whole(text), "a whole number"),
        _ when type == typeof(decimal) =>
            (ExactNumber.TryParse(text, out var number) ? number : null, "a decimal number of at most 28 digits"),
        _ when type == typeof(bool) => (text is "true" ? true : text is "false" ? false : null, "true or false"),
        _ when type == typeof(Currency) => (Currency.TryParse(text, out var currency) ? currency : null, "a currency code as USD"),
        _ when type.IsEnum => (Named(type, text), $"one of {string.Join(", ", NamesOf(type))}"),
        _ when IdConverterFactory.IsId(type) => (ReadId(type, text), $"a {PrefixOf(type)}_… id"),
        _ when IsCursor(type) => (type.GetMethod("Read")!.Invoke(null, [text]), "a next_cursor of this list, unchanged"),
        _ => throw new NotSupportedException($"{type} cannot be a request parameter."),
    };

    private static object? Limit(string text) =>
        Whole(text) is >= 1 and <= PageLimit.RowsMax and var rows ? new PageLimit((int)rows) : null;

    private static long? Whole(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static object? Named(Type enumeration, string text)
    {
        var index = NamesOf(enumeration).ToList().IndexOf(text);
        return index < 0 ? null : Enum.Parse(enumeration, Enum.GetNames(enumeration)[index]);
    }

    /// <summary>The letters before the underscore of an id type.</summary>
    public static string PrefixOf(Type idType) =>
        (string)Generic(nameof(PrefixOfId), idType).Invoke(null, null)!;

    private static object? ReadId(Type idType, string text) =>
        Generic(nameof(ReadIdOf), idType).CreateDelegate<Func<string, object?>>()(text);

    private static MethodInfo Generic(string name, Type idType) =>
        typeof(ParameterText).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(idType);

    private static string PrefixOfId<TId>()
        where TId : struct, IId<TId> => TId.Prefix;

    private static object? ReadIdOf<TId>(string text)
        where TId : struct, IId<TId> => Id.TryParse<TId>(text, out var id) ? id : null;
}
