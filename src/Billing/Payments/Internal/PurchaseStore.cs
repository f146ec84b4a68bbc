using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A purchase of credit as it is stored.</summary>
internal sealed record PurchaseRow
{
    public required OrgId Org { get; init; }

    public required PurchaseId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public PaymentRequestId? Request { get; init; }

    public required string OperationKey { get; init; }

    public required ProviderPlace Place { get; init; }

    /// <summary>Whether it was paid at a payment link.</summary>
    public bool IsOfLink { get; init; }

    public required long AmountMinor { get; init; }

    public long RefundedMinor { get; init; }

    public required string Currency { get; init; }

    public required PurchaseStatus Status { get; init; }

    public string? ProviderPayment { get; init; }

    public PaymentId? Payment { get; init; }

    public GrantId? Grant { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? PaidAt { get; init; }

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, purchase_id, billing_account_id, request_id, operation_key, provider, mode, is_of_link, amount_minor,
        refunded_minor, currency, status, provider_payment_id, payment_id, grant_id, created_at, paid_at
        """;

    public static PurchaseRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new PurchaseId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Request = row.IdOrNull(3) is { } request ? new PaymentRequestId(request) : null,
        OperationKey = row.GetString(4),
        Place = new ProviderPlace(row.GetString(5), row.Mode(6)),
        IsOfLink = row.GetBoolean(7),
        AmountMinor = row.GetInt64(8),
        RefundedMinor = row.GetInt64(9),
        Currency = row.GetString(10),
        Status = row.Word<PurchaseStatus>(11),
        ProviderPayment = row.TextOrNull(12),
        Payment = row.IdOrNull(13) is { } payment ? new PaymentId(payment) : null,
        Grant = row.IdOrNull(14) is { } grant ? new GrantId(grant) : null,
        CreatedAt = row.Instant(15),
        PaidAt = row.InstantOrNull(16),
    };
}

/// <summary>The purchases of an account.</summary>
internal sealed class PurchaseStore(NpgsqlDataSource database)
{
    private const string ByOperationSql = $"""
        select {PurchaseRow.Columns}
        from payments.purchases
        where org_id = $1
          and provider = $2
          and mode = $3
          and operation_key = $4
          and billing_account_id = $5
          and not is_of_link
        for update
        """;

    /// <summary>The account's purchase of an operation, locked; none of a payment link.</summary>
    public Task<PurchaseRow?> ByOperation(
        LockedAccount account, ProviderPlace place, string operationKey, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction
            .Sql(ByOperationSql, account.Org.Value, place.Provider, place.ModeWord, operationKey, account.BillingAccount.Value)
            .Only(PurchaseRow.Read, cancellationToken);
    }

    private const string ByPaymentSql = $"""
        select {PurchaseRow.Columns}
        from payments.purchases
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_payment_id = $4
          and billing_account_id = $5
        for update
        """;

    /// <summary>The account's purchase that a payment paid, locked.</summary>
    public Task<PurchaseRow?> ByPayment(
        LockedAccount account, ProviderPlace place, string payment, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction
            .Sql(ByPaymentSql, account.Org.Value, place.Provider, place.ModeWord, payment, account.BillingAccount.Value)
            .Only(PurchaseRow.Read, cancellationToken);
    }

    private const string PeekByPaymentSql = $"""
        select {PurchaseRow.Columns}
        from payments.purchases
        where org_id = $1
          and payment_id = $2
        """;

    /// <summary>The purchase a payment paid, without a lock: to look, never to decide a write by.</summary>
    public Task<PurchaseRow?> PeekByPayment(OrgId org, PaymentId payment, CancellationToken cancellationToken) =>
        database.Sql(PeekByPaymentSql, org.Value, payment.Value).Only(PurchaseRow.Read, cancellationToken);

    private const string InsertSql = """
        insert into payments.purchases
            (org_id, purchase_id, billing_account_id, request_id, operation_key, provider, mode, is_of_link, amount_minor,
            refunded_minor, currency, status, provider_payment_id, payment_id, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, $14, $14)
        """;

    /// <summary>Stores a new purchase, unpaid.</summary>
    public async Task<PurchaseRow> Insert(LockedAccount account, PurchaseRow purchase, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        await account.Transaction.Sql(
            InsertSql,
            purchase.Org.Value,
            purchase.Id.Value,
            purchase.BillingAccount.Value,
            purchase.Request?.Value,
            purchase.OperationKey,
            purchase.Place.Provider,
            purchase.Place.ModeWord,
            purchase.IsOfLink,
            purchase.AmountMinor,
            purchase.Currency,
            Word.Of(purchase.Status),
            purchase.ProviderPayment,
            purchase.Payment?.Value,
            account.Now).Run(cancellationToken);
        return purchase with { CreatedAt = account.Now };
    }

    private const string UpdateSql = """
        update payments.purchases
        set status = $3,
            refunded_minor = $4,
            provider_payment_id = $5,
            payment_id = $6,
            grant_id = $7,
            paid_at = $8,
            updated_at = $9
        where org_id = $1
          and purchase_id = $2
        """;

    /// <summary>
    /// Writes how a purchase stands. Its row was locked before; so it may be written after the books, which say the grant.
    /// </summary>
    /// <exception cref="InvalidOperationException">One status does not follow the other: a bug.</exception>
    public async Task<PurchaseRow> Update(
        LockedAccount account, PurchaseRow before, PurchaseRow after, CancellationToken cancellationToken)
    {
        StatusGuard.Check(before.Id, before.Status, after.Status, PurchaseStates.MayBecome);
        await account.Transaction.Sql(
            UpdateSql,
            before.Org.Value,
            before.Id.Value,
            Word.Of(after.Status),
            after.RefundedMinor,
            after.ProviderPayment,
            after.Payment?.Value,
            after.Grant?.Value,
            after.PaidAt,
            account.Now).Run(cancellationToken);
        return after;
    }

    private const string OfAccountSql = $"""
        select {PurchaseRow.Columns}
        from payments.purchases
        where org_id = $1
          and billing_account_id = $2
          and ($3::uuid is null or purchase_id < $3)
        order by purchase_id desc
        limit $4
        """;

    /// <summary>An account's purchases, the newest first.</summary>
    public Task<IReadOnlyList<PurchaseRow>> OfAccount(
        OrgId org, BillingAccountId account, PurchaseId? before, int count, CancellationToken cancellationToken) =>
        database.Sql(OfAccountSql, org.Value, account.Value, before?.Value, count).All(PurchaseRow.Read, cancellationToken);
}
