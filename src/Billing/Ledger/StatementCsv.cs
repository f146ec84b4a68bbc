using System.Globalization;
using System.Text;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger;

/// <summary>
/// A statement as CSV (RFC 4180): a line with names, the opening balance, the entries, the closing balance. A file
/// without the last line is cut off.
/// </summary>
public static class StatementCsv
{
    private const string Names =
        "recorded_at,occurred_at,transfer,ordinal,kind,key,reference,currency,amount,balance_after,amount_micros";

    /// <summary>Writes a statement while it is read.</summary>
    /// <param name="to">Where to; it stays open.</param>
    /// <param name="opening">What stood on the account before the first entry.</param>
    /// <param name="statement">The entries, oldest first.</param>
    /// <param name="cancellationToken">Stops it; the last line is then missing.</param>
    public static async Task Write(
        Stream to, Money opening, IAsyncEnumerable<Entry> statement, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = "\r\n",
        };
        await writer.WriteLineAsync(Names.AsMemory(), cancellationToken);
        await writer.WriteLineAsync(Bound("opening_balance", opening).AsMemory(), cancellationToken);
        var closing = opening;
        await foreach (var entry in statement.WithCancellation(cancellationToken))
        {
            await writer.WriteLineAsync(Line(entry).AsMemory(), cancellationToken);
            closing = entry.BalanceAfter;
        }

        await writer.WriteLineAsync(Bound("closing_balance", closing).AsMemory(), cancellationToken);
    }

    private static string Bound(string kind, Money balance) =>
        $",,,,{kind},,,{balance.Currency},,{Units(balance)},";

    private static string Line(Entry entry) => string.Join(
        ',',
        Rfc3339.Format(entry.RecordedAt),
        Rfc3339.Format(entry.OccurredAt),
        entry.Position.Transfer.ToString(),
        entry.Position.Ordinal.ToString(CultureInfo.InvariantCulture),
        entry.Kind,
        Quoted(entry.Key),
        Quoted(entry.Reference),
        entry.Amount.Currency.Code,
        Units(entry.Amount),
        Units(entry.BalanceAfter),
        entry.Amount.Micros.ToString(CultureInfo.InvariantCulture));

    // A spreadsheet runs what begins like a formula; an apostrophe makes a text of it, as OWASP's "CSV injection" says.
    private static string Quoted(string text)
    {
        var harmless = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? $"'{text}" : text;
        return $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Units(Money amount) => amount.ToString().Split(' ')[0];
}
