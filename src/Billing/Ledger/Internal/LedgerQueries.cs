using Npgsql;
using NpgsqlTypes;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>Reads of the books.</summary>
internal sealed class LedgerQueries(NpgsqlDataSource database)
{
    private const string BalancesSql = """
        select account_id, billing_account_id, kind, currency, balance_micros, held_micros, credit_limit_micros
        from ledger.accounts
        where org_id = $1
            and ($2::uuid is null or billing_account_id = $2)
        order by billing_account_id, currency, kind
        """;

    public async Task<IReadOnlyList<AccountBalance>> Balances(
        OrgId org,
        BillingAccountId? billingAccount,
        CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(BalancesSql);
        command.Parameters.Add(new() { Value = org.Value });
        command.Parameters.Add(Optional(billingAccount?.Value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var balances = new List<AccountBalance>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var currency = Currency.Of(reader.GetString(3));
            balances.Add(new AccountBalance(
                AccountId.From(reader.GetGuid(0)),
                BillingAccountId.From(reader.GetGuid(1)),
                LedgerNames.AccountKindOf(reader.GetString(2)),
                new Money(reader.GetInt64(4), currency),
                new Money(reader.GetInt64(5), currency),
                reader.IsDBNull(6) ? null : new Money(reader.GetInt64(6), currency)));
        }

        return balances;
    }

    private const string EntriesSql = """
        select e.transfer_id, e.ordinal, t.billing_account_id, e.account_id, a.kind, e.currency, e.amount_micros,
            e.balance_after_micros, t.kind, t.key, t.reference, t.occurred_at, t.recorded_at
        from ledger.entries e
        join ledger.transfers t on t.org_id = e.org_id and t.transfer_id = e.transfer_id
        join ledger.accounts a on a.org_id = e.org_id and a.account_id = e.account_id
        where e.org_id = $1
            and ($2::uuid is null or t.billing_account_id = $2)
            and ($3::uuid is null or e.account_id = $3)
            and ($4::uuid is null or e.transfer_id = $4)
            and (e.transfer_id, e.ordinal) < ($5, $6)
        order by e.transfer_id desc, e.ordinal desc
        limit $7
        """;

    public async Task<IReadOnlyList<Entry>> Entries(
        OrgId org,
        EntryFilter filter,
        EntryPosition? before,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(EntriesSql);
        command.Parameters.Add(new() { Value = org.Value });
        command.Parameters.Add(Optional(filter.BillingAccount?.Value));
        command.Parameters.Add(Optional(filter.Account?.Value));
        command.Parameters.Add(Optional(filter.Transfer?.Value));
        command.Parameters.Add(new() { Value = before?.Transfer.Value ?? Guid.AllBitsSet });
        command.Parameters.Add(new() { Value = before?.Ordinal ?? short.MaxValue });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<Entry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(Read(reader));
        }

        return entries;
    }

    private static Entry Read(NpgsqlDataReader reader)
    {
        var currency = Currency.Of(reader.GetString(5));
        return new Entry(
            new EntryPosition(TransferId.From(reader.GetGuid(0)), reader.GetInt16(1)),
            BillingAccountId.From(reader.GetGuid(2)),
            AccountId.From(reader.GetGuid(3)),
            LedgerNames.AccountKindOf(reader.GetString(4)),
            new Money(reader.GetInt64(6), currency),
            new Money(reader.GetInt64(7), currency),
            reader.GetString(8),
            reader.GetString(9),
            reader.GetString(10),
            reader.GetFieldValue<DateTimeOffset>(11),
            reader.GetFieldValue<DateTimeOffset>(12));
    }

    private static NpgsqlParameter Optional(Guid? value) =>
        new() { Value = value is { } given ? given : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid };
}
