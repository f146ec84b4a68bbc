using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Reads transfers.</summary>
internal sealed class TransferQueries(NpgsqlDataSource database)
{
    private const string Selecting = $"""
        select t.transfer_id, t.billing_account_id, t.kind, t.key, t.reference, t.metadata, t.reverses_transfer_id,
            (select r.transfer_id from ledger.transfers r where r.org_id = t.org_id and r.reverses_transfer_id = t.transfer_id),
            t.occurred_at, t.recorded_at, t.chain_count, t.chain_hash, moved.currencies, moved.micros
        from ledger.transfers t
        cross join lateral (
            select array_agg(currency order by currency) as currencies, array_agg(micros order by currency) as micros
            from (
                select e.currency, sum(e.amount_micros)::bigint as micros
                from (select t.org_id, t.transfer_id, t.billing_account_id) t
                {EntriesOfTransfer.Join}
                where e.amount_micros > 0
                group by e.currency
            ) one_currency
        ) moved
        where t.org_id = $1
        """;

    private const string NewestSql = $"""
        {Selecting}
            and t.transfer_id < $2
            and ($3::uuid is null or t.billing_account_id = $3)
            and ($4::text is null or t.kind = $4)
            and ($5::text is null or t.key = $5)
            and ($6::text is null or t.reference ilike $6)
            and ($7::uuid is null or exists (
                select 1 from ledger.entries e
                where e.org_id = t.org_id and e.account_id = $7 and e.transfer_id = t.transfer_id))
            and ($8::timestamptz is null or t.recorded_at >= $8)
            and ($9::timestamptz is null or t.recorded_at < $9)
            and ($10::bigint is null or $10 <= any (moved.micros))
            and t.transfer_id > $11
        order by t.transfer_id desc
        limit $12
        """;

    public async Task<IReadOnlyList<Transfer>> Newest(
        OrgId org, TransferFilter filter, TransferId? before, int limit, CancellationToken cancellationToken)
    {
        var bound = filter.To is { } to ? IdBounds.After(to) : Guid.AllBitsSet;
        if (before is { } earlier && earlier.Value.CompareTo(bound) < 0)
        {
            bound = earlier.Value;
        }

        await using var command = database.Sql(
            NewestSql,
            org.Value,
            bound,
            filter.BillingAccount?.Value,
            filter.Kind,
            filter.Key,
            filter.Reference is { } part ? $"%{EscapeLike(part)}%" : null,
            filter.Account?.Value,
            filter.From?.ToUniversalTime(),
            filter.To?.ToUniversalTime(),
            filter.MovedMicrosMin,
            filter.From is { } from ? IdBounds.Before(from) : Guid.Empty,
            limit);
        return await Read(command, cancellationToken);
    }

    private const string OneSql = $"""
        {Selecting}
            and t.transfer_id = $2
        """;

    public async Task<Transfer?> One(OrgId org, TransferId transfer, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OneSql, org.Value, transfer.Value);
        return (await Read(command, cancellationToken)).SingleOrDefault();
    }

    private static async Task<IReadOnlyList<Transfer>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var transfers = new List<Transfer>();
        while (await reader.ReadAsync(cancellationToken))
        {
            transfers.Add(Read(reader));
        }

        return transfers;
    }

    private static Transfer Read(NpgsqlDataReader reader)
    {
        // A transfer that moved nothing, such as usage that came to nothing, has no entries.
        var currencies = reader.IsDBNull(12) ? [] : reader.GetFieldValue<string[]>(12);
        var micros = reader.IsDBNull(13) ? [] : reader.GetFieldValue<long[]>(13);
        return new Transfer(
            new TransferId(reader.GetGuid(0)),
            new BillingAccountId(reader.GetGuid(1)),
            reader.GetString(2),
            reader.GetString(3),
            reader.GetString(4),
            Metadata.FromJson(reader.IsDBNull(5) ? null : reader.GetString(5)),
            reader.IsDBNull(6) ? null : new TransferId(reader.GetGuid(6)),
            reader.IsDBNull(7) ? null : new TransferId(reader.GetGuid(7)),
            reader.GetFieldValue<DateTimeOffset>(8),
            reader.GetFieldValue<DateTimeOffset>(9),
            reader.GetInt64(10),
            reader.GetFieldValue<byte[]>(11),
            [.. currencies.Zip(micros, (currency, amount) => new Money(amount, Currency.Of(currency)))]);
    }

    private static string EscapeLike(string text) => text
        .Replace(@"\", @"\\", StringComparison.Ordinal)
        .Replace("%", @"\%", StringComparison.Ordinal)
        .Replace("_", @"\_", StringComparison.Ordinal);
}
