using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Reads accounts and what stands, or stood, on them.</summary>
internal sealed class AccountQueries(NpgsqlDataSource database)
{
    private const string BalancesSql = """
        select account_id, billing_account_id, kind, currency, balance_micros, held_micros, credit_limit_micros
        from ledger.accounts
        where org_id = $1
            and ($2::uuid is null or billing_account_id = $2)
        order by billing_account_id, currency, kind, account_id
        """;

    public async Task<IReadOnlyList<AccountBalance>> Balances(
        OrgId org, BillingAccountId? billingAccount, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(BalancesSql, org.Value, billingAccount?.Value);
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

    // Ids rise with the time of recording, give or take what IdBounds allows: the index leads to the last few entries,
    // the time of recording decides among them.
    private const string BalancesAtSql = """
        select a.account_id, a.billing_account_id, a.kind, a.currency, last.balance_after_micros
        from ledger.accounts a
        cross join lateral (
            select e.balance_after_micros
            from ledger.entries e
            join ledger.transfers t on t.org_id = e.org_id and t.transfer_id = e.transfer_id
            where e.org_id = a.org_id
                and e.account_id = a.account_id
                and e.transfer_id < $4
                and t.recorded_at <= $3
            order by e.transfer_id desc, e.ordinal desc
            limit 1
        ) last
        where a.org_id = $1
            and ($2::uuid is null or a.billing_account_id = $2)
        order by a.billing_account_id, a.currency, a.kind, a.account_id
        """;

    public async Task<IReadOnlyList<BalanceAt>> BalancesAt(
        OrgId org, BillingAccountId? billingAccount, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            BalancesAtSql, org.Value, billingAccount?.Value, instant.ToUniversalTime(), IdBounds.After(instant));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var balances = new List<BalanceAt>();
        while (await reader.ReadAsync(cancellationToken))
        {
            balances.Add(new BalanceAt(
                AccountId.From(reader.GetGuid(0)),
                BillingAccountId.From(reader.GetGuid(1)),
                LedgerNames.AccountKindOf(reader.GetString(2)),
                new Money(reader.GetInt64(4), Currency.Of(reader.GetString(3)))));
        }

        return balances;
    }
}

/// <summary>
/// Bounds of transfer ids for a time of recording. A transfer's id and its time are taken at the same moment, and both
/// only rise within an organisation; a busy id source runs a little ahead.
/// </summary>
internal static class IdBounds
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <summary>Every transfer recorded at or before the instant has a smaller id.</summary>
    public static Guid After(DateTimeOffset instant) => instant >= DateTimeOffset.MaxValue - Slack
        ? Guid.AllBitsSet
        : IdSource.LowerBound(instant + Slack);

    /// <summary>Every transfer recorded at or after the instant has a larger id.</summary>
    public static Guid Before(DateTimeOffset instant) => instant <= DateTimeOffset.UnixEpoch + Slack
        ? Guid.Empty
        : IdSource.LowerBound(instant - Slack);
}
