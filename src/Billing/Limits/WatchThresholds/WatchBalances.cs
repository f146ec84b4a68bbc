using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>An alert about a billing account's credit.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Which billing account.</param>
/// <param name="Threshold">Below which it is told.</param>
/// <param name="IsArmed">Whether it would be told now: it is told once, until the credit was above again.</param>
internal sealed record BalanceAlert(OrgId Org, BillingAccountId BillingAccount, Money Threshold, bool IsArmed);

/// <summary>Compares credit with its alerts, and tells of each fall once.</summary>
internal sealed class WatchBalances(
    NpgsqlDataSource database, Ledger.Ledger ledger, Outbox outbox, TimeProvider time)
{
    /// <summary>Looks at all alerts of some shards once.</summary>
    /// <returns>Whether anything was told.</returns>
    public async Task<bool> Run(IReadOnlyList<int> shards, CancellationToken cancellationToken)
    {
        var isTold = false;
        (Guid Org, Guid Account) after = default;
        while (await Page(after, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var alert in page.Where(one => shards.Contains(OrgShard.Of(one.Org, Limits.WatchShards))))
            {
                isTold |= await Look(alert, cancellationToken);
            }

            after = (page[^1].Org.Value, page[^1].BillingAccount.Value);
        }

        return isTold;
    }

    private const string PageSql = """
        select org_id, billing_account_id, currency, threshold_micros, is_armed
        from limits.balance_alerts
        where (org_id, billing_account_id) > ($1, $2)
        order by org_id, billing_account_id
        limit $3
        """;

    private async Task<IReadOnlyList<BalanceAlert>> Page((Guid Org, Guid Account) after, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PageSql, after.Org, after.Account, Limits.WatchedAtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<BalanceAlert>();
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add(new BalanceAlert(
                new OrgId(reader.GetGuid(0)),
                new BillingAccountId(reader.GetGuid(1)),
                new Money(reader.GetInt64(3), Currency.Of(reader.GetString(2))),
                reader.GetBoolean(4)));
        }

        return page;
    }

    // Only where it still stands as it was read: of two replicas one turns it, and tells.
    private const string TurnSql = """
        update limits.balance_alerts
        set is_armed = $5,
            changed_at = $6
        where org_id = $1
            and billing_account_id = $2
            and threshold_micros = $3
            and is_armed = $4
        """;

    private async Task<bool> Look(BalanceAlert alert, CancellationToken cancellationToken)
    {
        var balances = await ledger.Balances(alert.Org, alert.BillingAccount, cancellationToken);
        var available = BalanceSummary.Of(balances)
            .Where(summary => summary.Available.Currency == alert.Threshold.Currency)
            .Aggregate(Money.Zero(alert.Threshold.Currency), (sum, summary) => sum + summary.Available);
        var isLow = available.Micros < alert.Threshold.Micros;
        if (isLow != alert.IsArmed)
        {
            return false;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = Instant.Now(time);
        await using var turn = transaction.Sql(
            TurnSql,
            alert.Org.Value,
            alert.BillingAccount.Value,
            alert.Threshold.Micros,
            alert.IsArmed,
            !isLow,
            now);
        if (await turn.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return false;
        }

        if (isLow)
        {
            var news = new BalanceLow(alert.BillingAccount, available, alert.Threshold, now);
            await outbox.Publish(
                transaction, alert.Org, alert.BillingAccount.ToString(), news, correlationId: null, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return isLow;
    }
}
