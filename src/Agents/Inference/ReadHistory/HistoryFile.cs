using System.Globalization;
using System.Text;
using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// The history as a file, written while it is read: CSV (RFC 4180) or a JSON array. What would be longer than a file may be
/// breaks off, and the connection with it.
/// </summary>
internal static class HistoryFile
{
    private const string Header =
        "request_id,created_at,model,prompt_tokens,completion_tokens,currency,cost_micros,status,billing_status,"
        + "is_estimated,key,session";

    /// <summary>Writes CSV.</summary>
    public static async Task WriteCsv(Stream to, IAsyncEnumerable<HistoryItem> items, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = "\r\n",
        };
        await writer.WriteLineAsync(Header.AsMemory(), cancellationToken);
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await writer.WriteLineAsync(Line(item).AsMemory(), cancellationToken);
        }
    }

    /// <summary>Writes a JSON array.</summary>
    public static Task WriteJson(Stream to, IAsyncEnumerable<HistoryItem> items, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeAsync(to, items, JsonConventions.Options, cancellationToken);

    /// <summary>
    /// A text as a cell. A spreadsheet runs what begins like a formula; an apostrophe makes a text of it, as OWASP's "CSV
    /// injection" says.
    /// </summary>
    public static string Cell(string? text)
    {
        var harmless = text is { Length: > 0 } && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;
        return $"\"{harmless?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Line(HistoryItem item) => string.Join(
        ',',
        item.RequestId.ToString(),
        Rfc3339.Format(item.CreatedAt),
        Cell(item.Model),
        item.PromptTokens.ToString(CultureInfo.InvariantCulture),
        item.CompletionTokens.ToString(CultureInfo.InvariantCulture),
        item.Currency?.ToString(),
        item.CostMicros?.ToString(CultureInfo.InvariantCulture),
        item.Status,
        item.BillingStatus,
        item.IsEstimated ? "true" : "false",
        Cell(item.Key),
        Cell(item.Session));
}
