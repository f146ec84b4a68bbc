using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepMethods;

/// <summary>How a payment method stands.</summary>
public enum PaymentMethodStatus
{
    /// <summary>It can be charged.</summary>
    Active,

    /// <summary>It was taken away. Final.</summary>
    Detached,

    /// <summary>Its card has run out; the provider may still know a newer one.</summary>
    Expired,

    /// <summary>Nobody charges it any more.</summary>
    Disabled,
}

/// <summary>A payment method as it is stored.</summary>
internal sealed record MethodRow
{
    public const string Columns = """
        org_id, method_id, billing_account_id, customer_id, provider, mode, provider_method_id, type, brand, last4,
        expiry_month, expiry_year, is_default, status, last_event_at, last_event_id, last_reconciled_at, updated_at
        """;

    public required OrgId Org { get; init; }

    public required PaymentMethodId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public required PaymentCustomerId Customer { get; init; }

    public required ProviderPlace Place { get; init; }

    public required string ProviderId { get; init; }

    public required string Type { get; init; }

    public string? Brand { get; init; }

    public string? Last4 { get; init; }

    public int? ExpiryMonth { get; init; }

    public int? ExpiryYear { get; init; }

    public bool IsDefault { get; init; }

    public required PaymentMethodStatus Status { get; init; }

    public NewsStamp News { get; init; } = NewsStamp.None;

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether it may be shown and charged.</summary>
    public bool IsUsable => Status is PaymentMethodStatus.Active or PaymentMethodStatus.Expired;

    public static MethodRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new PaymentMethodId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Customer = new PaymentCustomerId(row.GetGuid(3)),
        Place = new ProviderPlace(row.GetString(4), row.Mode(5)),
        ProviderId = row.GetString(6),
        Type = row.GetString(7),
        Brand = row.TextOrNull(8),
        Last4 = row.TextOrNull(9),
        ExpiryMonth = row.IsDBNull(10) ? null : row.GetInt32(10),
        ExpiryYear = row.IsDBNull(11) ? null : row.GetInt32(11),
        IsDefault = row.GetBoolean(12),
        Status = row.Word<PaymentMethodStatus>(13),
        News = new NewsStamp(row.InstantOrNull(14), row.TextOrNull(15), row.InstantOrNull(16)),
        UpdatedAt = row.Instant(17),
    };
}

/// <summary>The payment methods of accounts. One that was taken away stays, and never comes back.</summary>
internal sealed class MethodStore(NpgsqlDataSource database, IdSource ids)
{
    private const string OfAccountSql = $"""
        select {MethodRow.Columns}
        from payments.payment_methods
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
          and status in ('active', 'expired')
        order by is_default desc, created_at desc, method_id desc
        limit $5
        """;

    /// <summary>What an account can pay with: the default first, then the newest.</summary>
    public Task<IReadOnlyList<MethodRow>> OfAccount(
        BillingAccountKey account, ProviderPlace place, CancellationToken cancellationToken) => database
        .Sql(
            OfAccountSql,
            account.Org.Value,
            account.Account.Value,
            place.Provider,
            place.ModeWord,
            ClientLimits.MethodsShownMax)
        .All(MethodRow.Read, cancellationToken);

    private const string AllSql = $"""
        select {MethodRow.Columns}
        from payments.payment_methods
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
        """;

    /// <summary>All an account has and had.</summary>
    public static Task<IReadOnlyList<MethodRow>> All(
        LockedAccount account, ProviderPlace place, CancellationToken cancellationToken) => account.Transaction
        .Sql(AllSql, account.Org.Value, account.BillingAccount.Value, place.Provider, place.ModeWord)
        .All(MethodRow.Read, cancellationToken);

    private const string FindSql = $"""
        select {MethodRow.Columns}
        from payments.payment_methods
        where org_id = $1
          and method_id = $2
        """;

    /// <summary>One of an organisation; null when it has none of this id.</summary>
    public Task<MethodRow?> Find(OrgId org, PaymentMethodId id, CancellationToken cancellationToken) =>
        database.Sql(FindSql, org.Value, id.Value).Only(MethodRow.Read, cancellationToken);

    private const string SaveSql = """
        insert into payments.payment_methods
            (org_id, method_id, billing_account_id, customer_id, provider, mode, provider_method_id, type, brand, last4,
            expiry_month, expiry_year, is_default, status, last_event_at, last_event_id, last_reconciled_at, created_at,
            updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)
        on conflict (org_id, method_id) do update
        set customer_id = excluded.customer_id,
            type = excluded.type,
            brand = excluded.brand,
            last4 = excluded.last4,
            expiry_month = excluded.expiry_month,
            expiry_year = excluded.expiry_year,
            is_default = excluded.is_default,
            status = excluded.status,
            last_event_at = excluded.last_event_at,
            last_event_id = excluded.last_event_id,
            last_reconciled_at = excluded.last_reconciled_at,
            updated_at = excluded.updated_at
        """;

    /// <summary>Writes a row, new or not.</summary>
    public static Task Save(LockedAccount account, MethodRow row, CancellationToken cancellationToken) => account.Transaction
        .Sql(
            SaveSql,
            row.Org.Value,
            row.Id.Value,
            row.BillingAccount.Value,
            row.Customer.Value,
            row.Place.Provider,
            row.Place.ModeWord,
            row.ProviderId,
            row.Type,
            row.Brand,
            row.Last4,
            row.ExpiryMonth,
            row.ExpiryYear,
            row.IsDefault,
            Word.Of(row.Status),
            row.News.EventAt,
            row.News.EventId,
            row.News.ReconciledAt,
            account.Now)
        .Run(cancellationToken);

    private const string ClearDefaultSql = """
        update payments.payment_methods
        set is_default = false,
            updated_at = $6
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
          and is_default
          and provider_method_id is distinct from $5::text
        """;

    private const string SetDefaultSql = """
        update payments.payment_methods
        set is_default = true,
            updated_at = $6
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
          and provider_method_id = $5::text
          and not is_default
          and status in ('active', 'expired')
        """;

    /// <summary>Makes one the account's default, by the provider's id; null leaves it without.</summary>
    public static async Task SetDefault(
        LockedAccount account, ProviderPlace place, string? providerId, CancellationToken cancellationToken)
    {
        foreach (var sql in new[] { ClearDefaultSql, SetDefaultSql })
        {
            await account.Transaction.Sql(
                sql,
                account.Org.Value,
                account.BillingAccount.Value,
                place.Provider,
                place.ModeWord,
                providerId,
                account.Now).Run(cancellationToken);
        }
    }

    private const string InsertSyncSql = """
        insert into payments.payment_method_syncs
            (org_id, sync_id, billing_account_id, customer_id, provider, mode, kind, provider_event_id, status, problem,
            fetched, is_whole, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    /// <summary>Keeps what was learnt, and how.</summary>
    public Task Record(
        LockedAccount account, ProviderPlace place, PaymentCustomerId? customer, MethodSync sync, CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            InsertSyncSql,
            account.Org.Value,
            ids.Next<PaymentMethodId>().Value,
            account.BillingAccount.Value,
            customer?.Value,
            place.Provider,
            place.ModeWord,
            sync.Kind,
            sync.EventId,
            Word.Of(sync.Status),
            sync.Problem,
            sync.Fetched,
            sync.IsWhole,
            account.Now).Run(cancellationToken);

    /// <summary>The row of what the provider says of a method, over the one there is.</summary>
    public MethodRow RowOf(
        LockedAccount account,
        ProviderPlace place,
        PaymentCustomerId customer,
        ProviderPaymentMethod said,
        MethodRow? before,
        NewsStamp news) => new()
        {
            Org = account.Org,
            Id = before?.Id ?? ids.Next<PaymentMethodId>(),
            BillingAccount = account.BillingAccount,
            Customer = customer,
            Place = place,
            ProviderId = said.Id,
            Type = said.Type,
            Brand = said.Brand,
            Last4 = said.Last4 is { Length: <= 4 } last4 ? last4 : null,
            ExpiryMonth = said.ExpiryMonth is >= 1 and <= 12 and var month ? month : null,
            ExpiryYear = said.ExpiryYear is >= 2000 and <= 2200 and var year ? year : null,
            IsDefault = before?.IsDefault ?? false,
            Status = PaymentMethodExpiry.HasRunOut(said.ExpiryYear, said.ExpiryMonth, account.Now)
                ? PaymentMethodStatus.Expired
                : PaymentMethodStatus.Active,
            News = news,
        };
}
