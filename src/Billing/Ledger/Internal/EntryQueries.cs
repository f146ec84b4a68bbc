using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Reads entries.</summary>
internal sealed class EntryQueries(NpgsqlDataSource database)
{
    private const string Columns = """
        e.transfer_id, e.ordinal, t.billing_account_id, e.account_id, a.kind, e.currency, e.amount_micros,
            e.balance_after_micros, t.kind, t.key, t.reference, t.occurred_at, t.recorded_at
        """;

    private const string Selecting = $"""
        select {Columns}
        from ledger.entries e
        join ledger.transfers t on t.org_id = e.org_id and t.transfer_id = e.transfer_id
        join ledger.accounts a on a.org_id = e.org_id and a.account_id = e.account_id
        where e.org_id = $1
        """;

    // So many entries are on as many transfers at most, and one more where the page before ended within it.
    private const string NewestSql = $"""
        select {Columns}
        from (
            select *
            from ledger.transfers t
            where t.org_id = $1
                and ($2::uuid is null or t.billing_account_id = $2)
                and t.transfer_id >= coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
                and t.transfer_id <= coalesce($3::uuid, $4)
                and {EntriesOfTransfer.Exist}
            order by t.transfer_id desc
            limit $6 + 1
        ) t
        {EntriesOfTransfer.Join}
        join ledger.accounts a on a.org_id = e.org_id and a.account_id = e.account_id
        where (t.transfer_id, e.ordinal) < ($4, $5)
        order by t.transfer_id desc, e.ordinal desc
        limit $6
        """;

    // A statement of its own: only then does every plan use the account's index.
    private const string NewestOfAccountSql = $"""
        {Selecting}
            and ($2::uuid is null or t.billing_account_id = $2)
            and ($3::uuid is null or e.transfer_id = $3)
            and (e.transfer_id, e.ordinal) < ($4, $5)
            and e.account_id = $7
        order by e.transfer_id desc, e.ordinal desc
        limit $6
        """;

    public async Task<IReadOnlyList<Entry>> Newest(
        OrgId org, EntryFilter filter, EntryPosition? before, int limit, CancellationToken cancellationToken)
    {
        object?[] values =
        [
            org.Value,
            filter.BillingAccount?.Value,
            filter.Transfer?.Value,
            before?.Transfer.Value ?? Guid.AllBitsSet,
            before?.Ordinal ?? short.MaxValue,
            limit,
        ];
        await using var command = filter.Account is { } account
            ? database.Sql(NewestOfAccountSql, [.. values, account.Value])
            : database.Sql(NewestSql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<Entry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(Read(reader));
        }

        return entries;
    }

    private const string NewestInPeriodSql = $"""
        {Selecting}
            and e.account_id = $2
            and e.transfer_id > $3
            and (e.transfer_id, e.ordinal) < ($4, $5)
            and t.recorded_at >= $6
            and t.recorded_at < $7
        order by e.transfer_id desc, e.ordinal desc
        limit $8
        """;

    public async Task<IReadOnlyList<Entry>> Newest(
        OrgId org, AccountId account, Period period, EntryPosition? before, int limit, CancellationToken cancellationToken)
    {
        var start = before ?? new EntryPosition(TransferId.From(IdBounds.After(period.End)), 0);
        await using var command = database.Sql(
            NewestInPeriodSql,
            org.Value,
            account.Value,
            IdBounds.Before(period.Start),
            start.Transfer.Value,
            start.Ordinal,
            period.Start.ToUniversalTime(),
            period.End.ToUniversalTime(),
            limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<Entry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(Read(reader));
        }

        return entries;
    }

    private const string OfAccountSql = $"""
        {Selecting}
            and e.account_id = $2
            and (e.transfer_id, e.ordinal) > ($3, $7)
            and e.transfer_id < $4
            and t.recorded_at >= $5
            and t.recorded_at < $6
        order by e.transfer_id, e.ordinal
        limit $8
        """;

    public async Task<IReadOnlyList<Entry>> OfAccount(
        OrgId org, AccountId account, Period period, EntryPosition? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            OfAccountSql,
            org.Value,
            account.Value,
            after?.Transfer.Value ?? IdBounds.Before(period.Start),
            IdBounds.After(period.End),
            period.Start.ToUniversalTime(),
            period.End.ToUniversalTime(),
            after?.Ordinal ?? short.MaxValue,
            limit);
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
}
