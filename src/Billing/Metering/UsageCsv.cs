using System.Globalization;
using System.Text;
using Quoin.Platform;

namespace Quoin.Metering;

/// <summary>
/// Usage as CSV (RFC 4180): a line with names, then one line a row: window, meter, the dimensions asked for, quantity,
/// count of events. What would be longer than a file may be breaks off, and the connection with it.
/// </summary>
public static class UsageCsv
{
    /// <summary>Writes usage while it is read.</summary>
    /// <param name="to">Where to; it stays open.</param>
    /// <param name="groupBy">The dimensions asked for, each a column.</param>
    /// <param name="points">The rows.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task Write(
        Stream to, IReadOnlyList<string> groupBy, IAsyncEnumerable<UsagePoint> points, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = "\r\n",
        };
        string[] names = ["window_start", "meter", .. groupBy.Select(Quoted), "quantity", "event_count"];
        await writer.WriteLineAsync(string.Join(',', names).AsMemory(), cancellationToken);
        var count = 0;
        await foreach (var point in points.WithCancellation(cancellationToken))
        {
            if (++count > Limits.UsageCsvRowsMax)
            {
                throw new InvalidOperationException($"Usage came to more than {Limits.UsageCsvRowsMax} lines of CSV.");
            }

            await writer.WriteLineAsync(Line(groupBy, point).AsMemory(), cancellationToken);
        }
    }

    private static string Line(IReadOnlyList<string> groupBy, UsagePoint point)
    {
        var values = point.Group.ToDictionary();
        string[] cells =
        [
            Rfc3339.Format(point.WindowStart),
            point.Meter,
            .. groupBy.Select(name => Quoted(values.GetValueOrDefault(name, string.Empty))),
            point.Quantity.ToString(CultureInfo.InvariantCulture),
            point.EventCount.ToString(CultureInfo.InvariantCulture),
        ];
        return string.Join(',', cells);
    }

    // A spreadsheet runs what begins like a formula; an apostrophe makes a text of it, as OWASP's "CSV injection" says.
    private static string Quoted(string text)
    {
        var harmless = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? $"'{text}" : text;
        return $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
