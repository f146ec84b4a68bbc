using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Usage as it was posted, as a caller's transaction sees it.</summary>
internal static class ReadUsagePostings
{
    private const string Selecting = """
        select t.transfer_id, t.billing_account_id, t.reference, t.occurred_at, earned.currency, earned.micros,
            adjusted.micros,
            (select r.transfer_id from ledger.transfers r where r.org_id = t.org_id and r.reverses_transfer_id = t.transfer_id)
        from ledger.transfers t
        left join lateral (
            select min(a.currency) as currency, sum(e.amount_micros)::bigint as micros
            from ledger.accounts a
            cross join lateral (
                select one.amount_micros
                from ledger.entries one
                where one.org_id = t.org_id
                    and one.account_id = a.account_id
                    and one.transfer_id = t.transfer_id
                offset 0
            ) e
            where a.org_id = t.org_id
                and a.billing_account_id = t.billing_account_id
                and a.kind = 'revenue'
        ) earned on true
        left join lateral (
            select coalesce(sum(e.amount_micros), 0)::bigint as micros
            from ledger.corrections c
            join ledger.accounts a on a.org_id = c.org_id
                and a.billing_account_id = t.billing_account_id
                and a.kind = 'revenue'
            cross join lateral (
                select one.amount_micros
                from ledger.entries one
                where one.org_id = c.org_id
                    and one.account_id = a.account_id
                    and one.transfer_id = c.transfer_id
                offset 0
            ) e
            where c.org_id = t.org_id
                and c.original_transfer_id = t.transfer_id
                and c.kind = 'adjustment'
                and c.state = 'posted'
                and not exists (
                    select from ledger.transfers r where r.org_id = c.org_id and r.reverses_transfer_id = c.transfer_id)
        ) adjusted on true
        where t.org_id = $1
        """;

    private const string FindSql = $"""
        {Selecting}
            and t.transfer_id = any($2)
        """;

    public static async Task<IReadOnlyList<PostedUsage>> Find(
        NpgsqlTransaction transaction,
        OrgId org,
        IReadOnlyCollection<TransferId> transfers,
        CancellationToken cancellationToken)
    {
        if (transfers.Count == 0)
        {
            return [];
        }

        await using var command = transaction.Sql(FindSql, org.Value, transfers.Select(transfer => transfer.Value).ToArray());
        return await Read(command, cancellationToken);
    }

    private const string RecordedSql = $"""
        {Selecting}
            and t.kind in ('usage_prepaid', 'usage_postpaid')
            and t.transfer_id > $2
            and t.transfer_id < $3
        order by t.transfer_id
        limit $4
        """;

    public static async Task<IReadOnlyList<PostedUsage>> Recorded(
        NpgsqlTransaction transaction,
        OrgId org,
        Period recorded,
        TransferId? after,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            RecordedSql,
            org.Value,
            after?.Value ?? IdBounds.Before(recorded.Start),
            IdBounds.After(recorded.End),
            limit);
        return await Read(command, cancellationToken);
    }

    private const string NextOrganisationSql = """
        select org_id
        from ledger.books
        where org_id > $1
        order by org_id
        limit 1
        """;

    public static async Task<OrgId?> NextOrganisation(
        NpgsqlTransaction transaction, OrgId after, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(NextOrganisationSql, after.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid org ? new OrgId(org) : null;
    }

    private static async Task<IReadOnlyList<PostedUsage>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<PostedUsage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new PostedUsage(
                new TransferId(reader.GetGuid(0)),
                new BillingAccountId(reader.GetGuid(1)),
                reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.IsDBNull(5) ? null : new Money(reader.GetInt64(5), Currency.Of(reader.GetString(4))),
                reader.GetInt64(6),
                reader.IsDBNull(7) ? null : new TransferId(reader.GetGuid(7))));
        }

        return found;
    }
}
