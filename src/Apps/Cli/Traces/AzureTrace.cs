using System.Globalization;
using System.Security.Cryptography;
using CsvHelper;

namespace Quoin.Cli;

/// <summary>
/// A file in the form of Azure's public LLM inference traces: CSV with <c>TIMESTAMP,ContextTokens,GeneratedTokens</c>,
/// times in UTC without an offset, to 100 ns.
/// </summary>
/// <param name="Rows">The calls, in the file's order.</param>
/// <param name="Faults">The lines that are no call, the first <see cref="Limits.FaultsShownMax"/> of them.</param>
/// <param name="FaultCount">How many lines are no call.</param>
/// <param name="ContentHash">The first 16 hexadecimal digits of the file's SHA-256: the same bytes, the same ids.</param>
public sealed record AzureTrace(
    IReadOnlyList<TraceRow> Rows, IReadOnlyList<TraceFault> Faults, int FaultCount, string ContentHash)
{
    /// <summary>The column of arrival times.</summary>
    public const string TimeColumn = "TIMESTAMP";

    /// <summary>The column of prompt lengths.</summary>
    public const string InputColumn = "ContextTokens";

    /// <summary>The column of answer lengths.</summary>
    public const string OutputColumn = "GeneratedTokens";

    private const int HashDigits = 16;
    private static readonly CsvReaderOptions Csv = new()
    {
        Separator = ',',
        TrackLineNumbers = true,

        // A lost quote then spoils its own line, not the rest of the file.
        AllowLineBreaksInQuotes = false,
        MaxRecordSize = 64 * 1024,
    };

    private static readonly string[] TimeFormats = ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss"];

    /// <summary>Reads a trace to its end.</summary>
    /// <exception cref="InvalidDataException">It is no such file at all, or too long; the message says which.</exception>
    public static AzureTrace Read(Stream file)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var hashed = new HashingStream(file, sha);
        var (rows, faults, faultCount) = Parse(hashed);

        // The reader may stop before the last bytes; the hash is of all of them.
        hashed.CopyTo(Stream.Null);
        return new AzureTrace(rows, faults, faultCount, Convert.ToHexStringLower(sha.GetHashAndReset())[..HashDigits]);
    }

    /// <summary>The id of the event of a row: from the file's content and the row's line, so that it is sent once.</summary>
    public string EventIdOf(TraceRow row) => string.Create(CultureInfo.InvariantCulture, $"{ContentHash}-{row.Line}");

    private static (List<TraceRow> Rows, List<TraceFault> Faults, int FaultCount) Parse(Stream file)
    {
        using var csv = CsvReader.Create(file, Csv, leaveOpen: true);
        var columns = ColumnsOf(csv);
        var (rows, faults, faultCount) = (new List<TraceRow>(), new List<TraceFault>(), 0);
        while (csv.Read())
        {
            var line = checked((int)csv.LineNumber);
            if (ReadRow(csv, columns, line, out var row) is not { } reason)
            {
                RequireRoom(rows.Count);
                rows.Add(row);
                continue;
            }

            faultCount++;
            if (faults.Count < Limits.FaultsShownMax)
            {
                faults.Add(new TraceFault(line, reason));
            }
        }

        return (rows, faults, faultCount);
    }

    private static (int Time, int Input, int Output) ColumnsOf(CsvReader csv)
    {
        csv.ReadHeader();
        int Column(string name) => csv.TryGetFieldIndex(name, out var index)
            ? index
            : throw new InvalidDataException(
                $"The first line must name the columns {TimeColumn},{InputColumn},{OutputColumn}; {name} is missing.");
        return (Column(TimeColumn), Column(InputColumn), Column(OutputColumn));
    }

    private static void RequireRoom(int rows)
    {
        if (rows >= Limits.TraceRowsMax)
        {
            throw new InvalidDataException($"The trace has more than {Limits.TraceRowsMax} rows; split it.");
        }
    }

    private static string? ReadRow(CsvReader csv, (int Time, int Input, int Output) columns, int line, out TraceRow row)
    {
        row = default;
        if (csv.FieldCount != csv.Headers.Count)
        {
            return $"the row has {csv.FieldCount} fields, the heading {csv.Headers.Count}";
        }

        var (time, input, output) = (csv.GetString(columns.Time), csv.GetString(columns.Input), csv.GetString(columns.Output));
        if (!DateTimeOffset.TryParseExact(
            time, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
        {
            return $"{TimeColumn} '{Shown(time)}' is no time such as 2023-11-16 18:17:03.9799600";
        }

        if (!TryTokens(input, out var inputTokens))
        {
            return $"{InputColumn} '{Shown(input)}' is no whole number of tokens";
        }

        if (!TryTokens(output, out var outputTokens))
        {
            return $"{OutputColumn} '{Shown(output)}' is no whole number of tokens";
        }

        row = new TraceRow(line, instant, inputTokens, outputTokens);
        return null;
    }

    private static bool TryTokens(string text, out long tokens) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out tokens);

    private static string Shown(string field)
    {
        const int lettersMax = 40;
        return field.Length > lettersMax ? field[..lettersMax] + "…" : field;
    }

    /// <summary>Passes bytes through and hashes them on the way: a large file is read once.</summary>
    private sealed class HashingStream(Stream inner, IncrementalHash hash) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            hash.AppendData(buffer[..count]);
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
