using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The form of an exported audit log.</summary>
public enum AuditFileFormat
{
    /// <summary>JSON lines: each line is an entry as the API shows it.</summary>
    Jsonl,

    /// <summary>CSV (RFC 4180) with a line of names.</summary>
    Csv,
}

/// <summary>An audit log as a file, written while it is read, oldest first.</summary>
public static class AuditFile
{
    private const string Names =
        "sequence,recorded_at,actor,impersonator,action,subject,reason,before,after,hash";

    /// <summary>The answer that sends it.</summary>
    /// <param name="entries">The entries, oldest first.</param>
    /// <param name="format">The form.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static PushStreamHttpResult Of(
        IAsyncEnumerable<AuditRecord> entries, AuditFileFormat format, CancellationToken cancellationToken)
    {
        var isCsv = format == AuditFileFormat.Csv;
        return TypedResults.Stream(
            body => Write(body, entries, isCsv, cancellationToken),
            isCsv ? $"{MediaTypeNames.Text.Csv}; charset=utf-8; header=present" : "application/jsonl",
            isCsv ? "audit.csv" : "audit.jsonl");
    }

    private static async Task Write(
        Stream to, IAsyncEnumerable<AuditRecord> entries, bool isCsv, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = isCsv ? "\r\n" : "\n",
        };
        if (isCsv)
        {
            await writer.WriteLineAsync(Names.AsMemory(), cancellationToken);
        }

        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            var line = isCsv ? Line(entry) : JsonSerializer.Serialize(entry, JsonConventions.Options);
            await writer.WriteLineAsync(line.AsMemory(), cancellationToken);
        }
    }

    private static string Line(AuditRecord entry) => string.Join(
        ',',
        entry.Sequence.ToString(CultureInfo.InvariantCulture),
        Rfc3339.Format(entry.RecordedAt),
        Quoted(entry.Actor),
        Quoted(entry.Impersonator),
        Quoted(entry.Action),
        Quoted(entry.Subject),
        Quoted(entry.Reason),
        Quoted(entry.Before?.GetRawText()),
        Quoted(entry.After?.GetRawText()),
        entry.Hash);

    // A spreadsheet runs what begins like a formula; an apostrophe makes a text of it, as OWASP's "CSV injection" says.
    private static string Quoted(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        var harmless = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;
        return $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
