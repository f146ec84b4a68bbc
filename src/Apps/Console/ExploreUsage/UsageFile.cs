using System.Globalization;
using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>An answer of the explorer as CSV (RFC 4180): a line for each group and step in which anything was used.</summary>
internal static class UsageFile
{
    /// <summary>The file.</summary>
    public static FileContentHttpResult Of(Exploration found)
    {
        var text = new StringBuilder();
        var names = found.By.Where(name => name != UsageQuestion.ByMeter).ToList();
        Line(text, ["from", "to", "meter", .. names.Select(Text), "quantity", "unit", "events", "currency", "amount", "amount_micros"]);
        for (var column = 0; column < found.Range.Columns.Count; column++)
        {
            foreach (var group in found.Usage.Groups.Where(group => IsAny(group, column)))
            {
                var values = group.Values.ToDictionary();
                var amount = new Money(group.Micros[column], found.Currency);
                Line(
                    text,
                    [
                        Rfc3339.Format(found.Range.Bounds[column]),
                        Rfc3339.Format(found.Range.Bounds[column + 1]),
                        Text(found.Meter?.Key ?? group.Meter ?? string.Empty),
                        .. names.Select(name => Text(values[name])),
                        group.Unit is null ? string.Empty : group.Quantities[column].ToString(CultureInfo.InvariantCulture),
                        Text(group.Unit ?? string.Empty),
                        group.Events[column].ToString(CultureInfo.InvariantCulture),
                        found.Currency.Code,
                        amount.ToString().Split(' ')[0],
                        amount.Micros.ToString(CultureInfo.InvariantCulture),
                    ]);
            }
        }

        return TypedResults.File(
            Encoding.UTF8.GetBytes(text.ToString()),
            $"{MediaTypeNames.Text.Csv}; charset=utf-8; header=present",
            $"usage-{found.Meter?.Key ?? "all"}-{found.Range.FromDay}-{found.Range.ToDay}.csv");
    }

    private static bool IsAny(UsageGroup group, int column) =>
        group.Quantities[column] != 0 || group.Micros[column] != 0 || group.Events[column] != 0;

    private static void Line(StringBuilder text, IEnumerable<string> fields) => text.AppendJoin(',', fields).Append("\r\n");

    // A spreadsheet runs what begins like a formula; an apostrophe makes a text of it, as OWASP's "CSV injection" says.
    private static string Text(string text)
    {
        var harmless = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? $"'{text}" : text;
        return $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
