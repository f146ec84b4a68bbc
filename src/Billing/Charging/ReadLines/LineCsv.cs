using System.Globalization;
using System.Text;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Rated lines as CSV (RFC 4180): a line with names, then the lines, newest first.</summary>
internal static class LineCsv
{
    private const string Names =
        "line,kind,billing_account,meter,dimensions,period_start,usage_start,quantity,events,price_version,price_cell,"
        + "price_source,discount_bps,currency,amount,amount_micros,is_late,transfer,rated_at";

    /// <summary>Writes all lines of a filter while they are read, a page at a time.</summary>
    public static async Task Write(
        Stream to,
        Charging charging,
        OrgId org,
        LineFilter filter,
        Func<RatedLine, LineRow> show,
        CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = "\r\n",
        };
        await writer.WriteLineAsync(Names.AsMemory(), cancellationToken);
        RatedLineId? before = null;
        while (true)
        {
            var page = await charging.Lines(org, filter, before, Limits.LinesPerReadMax, cancellationToken);
            foreach (var line in page)
            {
                await writer.WriteLineAsync(Text(show(line)).AsMemory(), cancellationToken);
            }

            if (page.Count < Limits.LinesPerReadMax)
            {
                return;
            }

            before = page[^1].Id;
        }
    }

    private static string Text(LineRow line) => string.Join(
        ',',
        line.Id,
        line.Kind,
        line.BillingAccount,
        line.Meter,
        Quoted(string.Join(';', line.Dimensions.Select(pair => $"{pair.Key}={pair.Value}"))),
        Rfc3339.Format(line.PeriodStart),
        Rfc3339.Format(line.UsageStart),
        line.Quantity.ToString(CultureInfo.InvariantCulture),
        line.EventCount.ToString(CultureInfo.InvariantCulture),
        line.PriceVersion,
        Quoted(line.PriceCell),
        line.PriceSource,
        line.DiscountBps.ToString(CultureInfo.InvariantCulture),
        line.Amount.Currency.Code,
        line.Amount.ToString().Split(' ')[0],
        line.Amount.Micros.ToString(CultureInfo.InvariantCulture),
        line.IsLate ? "true" : "false",
        line.Transfer?.ToString(),
        Rfc3339.Format(line.RatedAt));

    // A spreadsheet runs what begins like a formula; an apostrophe makes a text of it, as OWASP's "CSV injection" says.
    private static string Quoted(string text)
    {
        var harmless = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? $"'{text}" : text;
        return $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
