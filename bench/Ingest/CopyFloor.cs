using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Bench.Ingest;

/// <summary>
/// The floor: bare binary COPY of the rows an event becomes, into tables with the same columns and indexes, fifty
/// thousand events a commit: the event itself, and its 16-byte key in the table that tells events apart for ever, whose
/// index takes keys in no order. The rows are laid out beforehand; only ids are patched between commits.
/// </summary>
internal static class CopyFloor
{
    private const int RowsPerCommit = 50_000;

    private const string CreateSql = """
        create table public.floor (like metering.events);
        alter table public.floor add primary key (org_id, fold_id, ordinal);
        create table public.floor_keys (like metering.event_keys including indexes);
        """;

    private const string CopySql = """
        copy public.floor
            (org_id, fold_id, ordinal, billing_account_id, recorded_at, occurred_at, source, event_id, type, subject, data)
        from stdin (format binary)
        """;

    private const string CopyKeysSql = """
        copy public.floor_keys (org_id, key_hash, body_hash, fold_id, ordinal)
        from stdin (format binary)
        """;

    /// <summary>Events a second over so many connections.</summary>
    /// <param name="connectionString">The owner's.</param>
    /// <param name="connections">How many copy at once.</param>
    /// <param name="withKeys">Whether each event's key is copied too, as the product must; without it, only events are.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<double> Run(
        string connectionString,
        int connections,
        bool withKeys,
        int seconds,
        CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var create = source.CreateCommand(CreateSql))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        var clock = Stopwatch.StartNew();
        var duration = TimeSpan.FromSeconds(seconds);
        var rows = await Task.WhenAll(Enumerable.Range(0, connections)
            .Select(_ => Task.Run(() => Copy(source, withKeys, clock, duration, cancellationToken), cancellationToken)));
        return rows.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static async Task<long> Copy(
        NpgsqlDataSource source,
        bool withKeys,
        Stopwatch clock,
        TimeSpan duration,
        CancellationToken cancellationToken)
    {
        var ids = new IdSource(TimeProvider.System);
        var (bytes, folds) = LayOutEvents(ids);
        var (keyBytes, keys) = LayOutKeys(ids);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        long rows = 0;
        while (clock.Elapsed < duration)
        {
            var fold = ids.Next();
            foreach (var place in folds)
            {
                fold.TryWriteBytes(bytes.AsSpan(place), bigEndian: true, out _);
            }

            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using (var copy = await connection.BeginRawBinaryCopyAsync(CopySql, cancellationToken))
            {
                await copy.WriteAsync(bytes, cancellationToken);
            }

            if (withKeys)
            {
                foreach (var place in keys)
                {
                    RandomNumberGenerator.Fill(keyBytes.AsSpan(place, 16));
                }

                await using var copyKeys = await connection.BeginRawBinaryCopyAsync(CopyKeysSql, cancellationToken);
                await copyKeys.WriteAsync(keyBytes, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            rows += RowsPerCommit;
        }

        return rows;
    }

    private static (byte[] Bytes, int[] Folds) LayOutEvents(IdSource ids)
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

    private static (byte[] Bytes, int[] Keys) LayOutKeys(IdSource ids)
    {
        var buffer = new BinaryCopyBuffer(RowsPerCommit * 128);
        var org = ids.Next();
        var marker = Guid.Parse("01234567-89ab-7cde-8f01-23456789abcd");
        for (var ordinal = 0; ordinal < RowsPerCommit; ordinal++)
        {
            buffer.Row(5);
            buffer.Uuid(org);
            buffer.Uuid(marker);
            buffer.Uuid(ids.Next());
            buffer.Uuid(ids.Next());
            buffer.Integer(ordinal);
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
