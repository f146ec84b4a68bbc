using System.Diagnostics;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Bench.Ledger;

/// <summary>
/// The rows a transfer becomes, inserted set-based and nothing more: the same columns and the same indexes to read them
/// by, without a unique key, a chain, a balance, a lock or a trigger.
/// </summary>
internal static class BareRows
{
    private const string CreateSql = """
        create schema bare;
        create table bare.transfers (like ledger.transfers, primary key (org_id, transfer_id));
        create table bare.entries (like ledger.entries, primary key (org_id, account_id, transfer_id, ordinal));
        """;

    private const string TransfersSql = """
        insert into bare.transfers
            (org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, metadata, reverses_transfer_id,
            occurred_at, recorded_at, chain_count, chain_hash)
        select org_id, transfer_id, org_id, key, transfer_id, 'usage_prepaid', 'bench', null, null, $4, $4, 1, $5
        from unnest($1::uuid[], $2::uuid[], $3::text[]) as posted (org_id, transfer_id, key)
        """;

    private const string EntriesSql = """
        insert into bare.entries (org_id, transfer_id, ordinal, account_id, currency, amount_micros, balance_after_micros)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[])
        """;

    public static async Task Create(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.Sql(CreateSql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Transfers a second, so many a transaction, on two connections.</summary>
    public static async Task<double> PerSecond(
        string connectionString, int batch, int organisations, int seconds, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 20 });
        var ids = new IdSource(TimeProvider.System);
        var orgs = Enumerable.Range(0, organisations).Select(_ => ids.Next()).ToArray();
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () =>
            {
                long count = 0;
                while (clock.Elapsed.TotalSeconds < seconds)
                {
                    await Insert(source, ids, orgs, batch, cancellationToken);
                    count += batch;
                }

                return count;
            },
            cancellationToken)));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static async Task Insert(
        NpgsqlDataSource source, IdSource ids, Guid[] orgs, int batch, CancellationToken cancellationToken)
    {
        var transfers = Enumerable.Range(0, batch).Select(_ => ids.Next()).ToArray();
        var owners = transfers.Select((_, index) => orgs[index % orgs.Length]).ToArray();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var insert = transaction.Batch();
        insert.Sql(
            TransfersSql,
            owners,
            transfers,
            transfers.Select(id => $"bench:{id:n}").ToArray(),
            TimeProvider.System.GetUtcNow(),
            new byte[32]);
        insert.Sql(
            EntriesSql,
            owners.SelectMany(org => new[] { org, org }).ToArray(),
            transfers.SelectMany(id => new[] { id, id }).ToArray(),
            Repeat<short>(batch, [0, 1]),
            owners.SelectMany(org => new[] { org, org }).ToArray(),
            Repeat(batch, ["USD", "USD"]),
            Repeat<long>(batch, [-1, 1]),
            Repeat<long>(batch, [1_000_000, 1_000_000]));
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static T[] Repeat<T>(int times, T[] pair) => [.. Enumerable.Repeat(pair, times).SelectMany(both => both)];
}
