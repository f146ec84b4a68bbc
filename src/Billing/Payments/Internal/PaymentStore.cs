using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A provider's payment as it is stored.</summary>
internal sealed record PaymentRow
{
    public required OrgId Org { get; init; }

    public required PaymentId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public PaymentInvoiceId? Invoice { get; init; }

    public CheckoutId? Checkout { get; init; }

    public PaymentRequestId? Request { get; init; }

    public required ProviderPlace Place { get; init; }

    public required string ProviderId { get; init; }

    public string? ProviderCharge { get; init; }

    public string? ProviderCustomer { get; init; }

    public required PaymentKind Kind { get; init; }

    public required ProviderPaymentStatus Status { get; init; }

    public required long AmountMinor { get; init; }

    public long RefundedMinor { get; init; }

    public required string Currency { get; init; }

    public string? OperationKey { get; init; }

    public string? FailureMessage { get; init; }

    public string? ReceiptUrl { get; init; }

    /// <summary>As frozen, as JSON.</summary>
    public string Metadata { get; init; } = "{}";

    public DateTimeOffset? PaidAt { get; init; }

    public NewsStamp News { get; init; } = NewsStamp.None;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, payment_id, billing_account_id, invoice_id, checkout_id, request_id, provider, mode, provider_payment_id,
        provider_charge_id, provider_customer_id, kind, status, amount_minor, refunded_minor, currency, operation_key,
        failure_message, receipt_url, metadata, paid_at, last_event_at, last_event_id, last_reconciled_at, created_at,
        updated_at
        """;

    public static PaymentRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new PaymentId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Invoice = row.IdOrNull(3) is { } invoice ? new PaymentInvoiceId(invoice) : null,
        Checkout = row.IdOrNull(4) is { } checkout ? new CheckoutId(checkout) : null,
        Request = row.IdOrNull(5) is { } request ? new PaymentRequestId(request) : null,
        Place = new ProviderPlace(row.GetString(6), row.Mode(7)),
        ProviderId = row.GetString(8),
        ProviderCharge = row.TextOrNull(9),
        ProviderCustomer = row.TextOrNull(10),
        Kind = row.Word<PaymentKind>(11),
        Status = row.Word<ProviderPaymentStatus>(12),
        AmountMinor = row.GetInt64(13),
        RefundedMinor = row.GetInt64(14),
        Currency = row.GetString(15),
        OperationKey = row.TextOrNull(16),
        FailureMessage = row.TextOrNull(17),
        ReceiptUrl = row.TextOrNull(18),
        Metadata = row.GetString(19),
        PaidAt = row.InstantOrNull(20),
        News = new NewsStamp(row.InstantOrNull(21), row.TextOrNull(22), row.InstantOrNull(23)),
        CreatedAt = row.Instant(24),
        UpdatedAt = row.Instant(25),
    };
}

/// <summary>The payments of an account.</summary>
internal sealed class PaymentStore(NpgsqlDataSource database, ProviderIds providerIds)
{
    private const string ByProviderIdSql = $"""
        select {PaymentRow.Columns}
        from payments.payments
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_payment_id = $4
        for update
        """;

    /// <summary>A payment by the provider's id, locked; of whatever account, for the caller to compare.</summary>
    public Task<PaymentRow?> ByProviderId(
        LockedAccount account, ProviderPlace place, string id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction.Sql(ByProviderIdSql, account.Org.Value, place.Provider, place.ModeWord, id)
            .Only(PaymentRow.Read, cancellationToken);
    }

    private const string ByIdSql = $"""
        select {PaymentRow.Columns}
        from payments.payments
        where org_id = $1
          and payment_id = $2
        for update
        """;

    /// <summary>A payment of the account, locked; null when it has none of this id.</summary>
    public async Task<PaymentRow?> ById(LockedAccount account, PaymentId id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        var row = await account.Transaction.Sql(ByIdSql, account.Org.Value, id.Value)
            .Only(PaymentRow.Read, cancellationToken);
        return row?.BillingAccount == account.BillingAccount ? row : null;
    }

    private const string ByChargeSql = $"""
        select {PaymentRow.Columns}
        from payments.payments
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_charge_id = $4
        for update
        """;

    /// <summary>A payment by the provider's id of its charge, locked; of whatever account, for the caller to compare.</summary>
    public Task<PaymentRow?> ByCharge(
        LockedAccount account, ProviderPlace place, string charge, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction.Sql(ByChargeSql, account.Org.Value, place.Provider, place.ModeWord, charge)
            .Only(PaymentRow.Read, cancellationToken);
    }

    private const string PeekSql = $"""
        select {PaymentRow.Columns}
        from payments.payments
        where org_id = $1
          and payment_id = $2
        """;

    /// <summary>A payment as it is, without a lock: to look, never to decide a write by.</summary>
    public Task<PaymentRow?> Peek(OrgId org, PaymentId id, CancellationToken cancellationToken) =>
        database.Sql(PeekSql, org.Value, id.Value).Only(PaymentRow.Read, cancellationToken);

    private const string UpsertSql = """
        insert into payments.payments
            (org_id, payment_id, billing_account_id, invoice_id, checkout_id, request_id, provider, mode,
            provider_payment_id, provider_charge_id, provider_customer_id, kind, status, amount_minor, refunded_minor,
            currency, operation_key, failure_message, receipt_url, metadata, paid_at, last_event_at, last_event_id,
            last_reconciled_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $24, $25, $25)
        on conflict (org_id, payment_id) do update
        set invoice_id = coalesce(excluded.invoice_id, payments.invoice_id),
            checkout_id = coalesce(excluded.checkout_id, payments.checkout_id),
            request_id = coalesce(excluded.request_id, payments.request_id),
            provider_charge_id = excluded.provider_charge_id,
            provider_customer_id = coalesce(excluded.provider_customer_id, payments.provider_customer_id),
            kind = excluded.kind,
            status = excluded.status,
            amount_minor = excluded.amount_minor,
            refunded_minor = excluded.refunded_minor,
            operation_key = coalesce(payments.operation_key, excluded.operation_key),
            failure_message = excluded.failure_message,
            receipt_url = coalesce(excluded.receipt_url, payments.receipt_url),
            metadata = excluded.metadata,
            paid_at = coalesce(payments.paid_at, excluded.paid_at),
            last_event_at = excluded.last_event_at,
            last_event_id = excluded.last_event_id,
            last_reconciled_at = excluded.last_reconciled_at,
            updated_at = excluded.updated_at
        """;

    /// <summary>Writes a payment: a new one, or one that was locked before and keeps its id.</summary>
    /// <param name="account">The account, locked.</param>
    /// <param name="before">As it was locked; null for a new one.</param>
    /// <param name="payment">As it is to be.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    public async Task Save(
        LockedAccount account, PaymentRow? before, PaymentRow payment, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        await account.Transaction.Sql(
            UpsertSql,
            payment.Org.Value,
            payment.Id.Value,
            payment.BillingAccount.Value,
            payment.Invoice?.Value,
            payment.Checkout?.Value,
            payment.Request?.Value,
            payment.Place.Provider,
            payment.Place.ModeWord,
            payment.ProviderId,
            payment.ProviderCharge,
            payment.ProviderCustomer,
            Word.Of(payment.Kind),
            Word.Of(payment.Status),
            payment.AmountMinor,
            payment.RefundedMinor,
            payment.Currency,
            payment.OperationKey,
            payment.FailureMessage,
            payment.ReceiptUrl,
            payment.Metadata,
            payment.PaidAt,
            payment.News.EventAt,
            payment.News.EventId,
            payment.News.ReconciledAt,
            account.Now).Run(cancellationToken);
        if (before is null)
        {
            await Remember(account, ProviderIds.Payment, payment, payment.ProviderId, cancellationToken);
        }

        if (payment.ProviderCharge is { } charge && before?.ProviderCharge != charge)
        {
            await Remember(account, ProviderIds.Charge, payment, charge, cancellationToken);
        }
    }

    private const string OfAccountSql = $"""
        select {PaymentRow.Columns}
        from payments.payments
        where org_id = $1
          and billing_account_id = $2
        order by created_at desc, payment_id desc
        limit $3
        """;

    /// <summary>An account's payments, the newest first.</summary>
    public Task<IReadOnlyList<PaymentRow>> OfAccount(
        OrgId org, BillingAccountId account, int count, CancellationToken cancellationToken) =>
        database.Sql(OfAccountSql, org.Value, account.Value, count).All(PaymentRow.Read, cancellationToken);

    private Task Remember(
        LockedAccount account, string kind, PaymentRow payment, string id, CancellationToken cancellationToken) =>
        providerIds.Add(account.Transaction, kind, payment.Place, id, payment.Org, payment.Id.Value, cancellationToken);
}
