using System.Buffers.Binary;
using System.Diagnostics;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Bench.Ingest;

/// <summary>
/// The floor: bare binary COPY into a table with the columns and the primary key of the events table, fifty thousand
/// rows a commit. The rows are laid out beforehand; only their fold is patched between commits.
/// </summary>
internal static class CopyFloor
{
    private const int RowsPerCommit = 50_000;

    private const string CreateSql = """
        create table public.floor (like metering.events);
        alter table public.floor add primary key (org_id, fold_id, ordinal);
        """;

    private const string CopySql = """
        copy public.floor
            (org_id, fold_id, ordinal, billing_account_id, recorded_at, occurred_at, source, event_id, type, subject, data)
        from stdin (format binary)
        """;

    /// <summary>Rows a second over so many connections.</summary>
    public static async Task<double> Run(string connectionString, int connections, int seconds, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var create = source.CreateCommand(CreateSql))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        var clock = Stopwatch.StartNew();
        var duration = TimeSpan.FromSeconds(seconds);
        var rows = await Task.WhenAll(Enumerable.Range(0, connections)
            .Select(_ => Task.Run(() => Copy(source, clock, duration, cancellationToken), cancellationToken)));
        return rows.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static async Task<long> Copy(NpgsqlDataSource source, Stopwatch clock, TimeSpan duration, CancellationToken cancellationToken)
    {
        var ids = new IdSource(TimeProvider.System);
        var (bytes, folds) = LayOut(ids);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        long rows = 0;
        while (clock.Elapsed < duration)
        {
            var fold = ids.Next();
            foreach (var place in folds)
            {
                fold.TryWriteBytes(bytes.AsSpan(place), bigEndian: true, out _);
            }

            await using (var copy = await connection.BeginRawBinaryCopyAsync(CopySql, cancellationToken))
            {
                await copy.WriteAsync(bytes, cancellationToken);
            }

            rows += RowsPerCommit;
        }

        return rows;
    }

    private static (byte[] Bytes, int[] Folds) LayOut(IdSource ids)
    {
        var buffer = new BinaryCopyBuffer(RowsPerCommit * 512);
        var org = ids.Next();
        var account = ids.Next();
        var marker = Guid.Parse("01234567-89ab-7cde-8f01-23456789abcd");
        var now = TimeProvider.System.GetUtcNow();
        for (var ordinal = 0; ordinal < RowsPerCommit; ordinal++)
        {
            buffer.Row(11);
            buffer.Uuid(org);
            buffer.Uuid(marker);
            buffer.Integer(ordinal);
            buffer.Uuid(account);
            buffer.Instant(now);
            buffer.Instant(now);
            buffer.Text("/bench/gateway-1"u8);
            buffer.Text(System.Text.Encoding.ASCII.GetBytes(ids.Next().ToString("n")));
            buffer.Text("llm.completion"u8);
            buffer.Null();
            buffer.Jsonb(EventLoad.Data);
        }

        var bytes = buffer.Complete().ToArray();
        return (bytes, FindAll(bytes, marker));
    }

    private static int[] FindAll(byte[] bytes, Guid marker)
    {
        Span<byte> pattern = stackalloc byte[16];
        marker.TryWriteBytes(pattern, bigEndian: true, out _);
        var places = new List<int>();
        for (var from = 0; bytes.AsSpan(from).IndexOf(pattern) is var found and >= 0; from = places[^1] + 16)
        {
            places.Add(from + found);
        }

        return [.. places];
    }
}
