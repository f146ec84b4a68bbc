using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.TopUpByItself;

/// <summary>When and how an account's credit is bought by itself.</summary>
internal sealed record AutoTopUpRow
{
    public const string Columns = """
        org_id, billing_account_id, currency, threshold_micros, amount_minor, monthly_cap_minor, method_id, is_active,
        stopped_reason, stopped_at
        """;

    public required BillingAccountKey Account { get; init; }

    public required Currency Currency { get; init; }

    public required Money Threshold { get; init; }

    public required long AmountMinor { get; init; }

    public required long CapMinor { get; init; }

    /// <summary>Null takes the account's default.</summary>
    public PaymentMethodId? Method { get; init; }

    public bool IsActive { get; init; } = true;

    public string? StoppedReason { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    public static AutoTopUpRow Read(NpgsqlDataReader row)
    {
        var currency = Currency.Of(row.GetString(2));
        return new AutoTopUpRow
        {
            Account = new BillingAccountKey(new OrgId(row.GetGuid(0)), new BillingAccountId(row.GetGuid(1))),
            Currency = currency,
            Threshold = new Money(row.GetInt64(3), currency),
            AmountMinor = row.GetInt64(4),
            CapMinor = row.GetInt64(5),
            Method = row.IdOrNull(6) is { } method ? new PaymentMethodId(method) : null,
            IsActive = row.GetBoolean(7),
            StoppedReason = row.TextOrNull(8),
            StoppedAt = row.InstantOrNull(9),
        };
    }
}

/// <summary>The settings of automatic top-ups.</summary>
internal sealed class AutoTopUpStore(NpgsqlDataSource database)
{
    private const string FindSql = $"""
        select {AutoTopUpRow.Columns}
        from payments.auto_top_ups
        where org_id = $1
          and billing_account_id = $2
        """;

    /// <summary>An account's; null where its credit is not bought by itself.</summary>
    public Task<AutoTopUpRow?> Find(BillingAccountKey account, CancellationToken cancellationToken) =>
        database.Sql(FindSql, account.Org.Value, account.Account.Value).Only(AutoTopUpRow.Read, cancellationToken);

    /// <summary>As the transaction sees it, which holds the account's row.</summary>
    public static Task<AutoTopUpRow?> Find(LockedAccount account, CancellationToken cancellationToken) => account.Transaction
        .Sql(FindSql, account.Org.Value, account.BillingAccount.Value).Only(AutoTopUpRow.Read, cancellationToken);

    private const string ActiveSql = $"""
        select {AutoTopUpRow.Columns}
        from payments.auto_top_ups
        where is_active
          and (org_id, billing_account_id) > ($1, $2)
        order by org_id, billing_account_id
        limit $3
        """;

    /// <summary>Those to watch, behind one; a page.</summary>
    public Task<IReadOnlyList<AutoTopUpRow>> Active(Guid org, Guid account, CancellationToken cancellationToken) => database
        .Sql(ActiveSql, org, account, ClientLimits.AutoTopUpsAtOnce).All(AutoTopUpRow.Read, cancellationToken);

    private const string SaveSql = """
        insert into payments.auto_top_ups
            (org_id, billing_account_id, currency, threshold_micros, amount_minor, monthly_cap_minor, method_id, is_active,
            created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, true, $8, $8)
        on conflict (org_id, billing_account_id) do update
        set currency = excluded.currency,
            threshold_micros = excluded.threshold_micros,
            amount_minor = excluded.amount_minor,
            monthly_cap_minor = excluded.monthly_cap_minor,
            method_id = excluded.method_id,
            is_active = true,
            stopped_reason = null,
            stopped_at = null,
            updated_at = excluded.updated_at
        """;

    /// <summary>Sets an account's, and turns them on.</summary>
    public static Task Save(LockedAccount account, AutoTopUpRow row, CancellationToken cancellationToken) => account.Transaction
        .Sql(
            SaveSql,
            account.Org.Value,
            account.BillingAccount.Value,
            row.Currency.Code,
            row.Threshold.Micros,
            row.AmountMinor,
            row.CapMinor,
            row.Method?.Value,
            account.Now)
        .Run(cancellationToken);

    private const string StopSql = """
        update payments.auto_top_ups
        set is_active = false,
            stopped_reason = $3,
            stopped_at = $4,
            updated_at = $4
        where org_id = $1
          and billing_account_id = $2
          and is_active
        """;

    /// <summary>Stops an account's.</summary>
    /// <returns>Whether they were on.</returns>
    public static async Task<bool> Stop(LockedAccount account, string reason, CancellationToken cancellationToken) =>
        await account.Transaction.Sql(StopSql, account.Org.Value, account.BillingAccount.Value, reason, account.Now)
            .Run(cancellationToken) == 1;

    private const string RemoveSql = """
        delete from payments.auto_top_ups
        where org_id = $1
          and billing_account_id = $2
        """;

    /// <summary>Forgets an account's.</summary>
    public static Task Remove(LockedAccount account, CancellationToken cancellationToken) => account.Transaction
        .Sql(RemoveSql, account.Org.Value, account.BillingAccount.Value).Run(cancellationToken);
}
