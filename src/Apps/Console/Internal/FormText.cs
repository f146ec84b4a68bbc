using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.ConsolePages;

/// <summary>What people write into the fields of a form. A form without a script sends empty fields, too.</summary>
public static class FormText
{
    private const NumberStyles Amounts = NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands
        | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    // What browsers send for a date with a time of day, a date alone, and what an address may say by hand.
    private static readonly string[] InstantForms =
        ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd"];

    /// <summary>What a form without a script left empty counts as left out, so its fields are read here.</summary>
    public static string? Of(HttpRequest request, string name) => Of(request.Query[name].ToString());

    /// <summary>The organisation an address names; one that does not exist where what it names is no id.</summary>
    public static OrgId? Org(HttpRequest request) =>
        Of(request, "org") is not { } text ? null
        : Id.TryParse<OrgId>(text, out var org) ? org
        : OrgId.From(Guid.Empty);

    /// <summary>The text of a field; null when nothing was written.</summary>
    public static string? Of(string? field) => string.IsNullOrWhiteSpace(field) ? null : field.Trim();

    /// <summary>An instant, UTC; null when the field holds none.</summary>
    public static DateTimeOffset? Instant(string? field) =>
        DateTime.TryParseExact(
            Of(field),
            InstantForms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant)
        && instant.Year is >= 1970 and < 9_999
            ? new DateTimeOffset(instant)
            : null;

    /// <summary>An instant as a field for a date and a time of day wants it.</summary>
    public static string? Of(DateTimeOffset? instant) =>
        instant?.UtcDateTime.ToString(
            instant.Value.Second == 0 ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>What is wrong with a request, in one sentence.</summary>
    internal static string Sentence(InvalidInput input)
    {
        var text = input.ToString();
        return char.ToUpperInvariant(text[0]) + text[1..].Replace('_', ' ');
    }

    /// <summary>Units of a currency as micros; null when the field holds no amount that fits.</summary>
    public static long? Micros(string? field) =>
        decimal.TryParse(Of(field), Amounts, CultureInfo.InvariantCulture, out var units)
        && units is >= 0 and <= long.MaxValue / Money.MicrosPerUnit
            ? (long)decimal.Ceiling(units * Money.MicrosPerUnit)
            : null;
}
