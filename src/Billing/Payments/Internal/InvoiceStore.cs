using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A provider's invoice as it is stored.</summary>
internal sealed record InvoiceRow
{
    public required OrgId Org { get; init; }

    public required PaymentInvoiceId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public PaymentCustomerId? Customer { get; init; }

    /// <summary>Null for what is paid once.</summary>
    public SubscriptionId? Subscription { get; init; }

    public required ProviderPlace Place { get; init; }

    public required string ProviderId { get; init; }

    public string? ProviderSubscription { get; init; }

    public string? ProviderPayment { get; init; }

    public string? Number { get; init; }

    /// <summary>As the adapter's contract names it.</summary>
    public required string Status { get; init; }

    public required long DueMinor { get; init; }

    public required long PaidMinor { get; init; }

    public required long RemainingMinor { get; init; }

    public required string Currency { get; init; }

    public string? OperationKey { get; init; }

    public string? HostedUrl { get; init; }

    public string? PdfUrl { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? PaidAt { get; init; }

    public NewsStamp News { get; init; } = NewsStamp.None;

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, invoice_id, billing_account_id, customer_id, subscription_id, provider, mode, provider_invoice_id,
        provider_subscription_id, provider_payment_id, number, status, due_minor, paid_minor, remaining_minor, currency,
        operation_key, hosted_url, pdf_url, issued_at, due_at, paid_at, last_event_at, last_event_id, last_reconciled_at,
        updated_at
        """;

    public static InvoiceRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new PaymentInvoiceId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Customer = row.IdOrNull(3) is { } customer ? new PaymentCustomerId(customer) : null,
        Subscription = row.IdOrNull(4) is { } subscription ? new SubscriptionId(subscription) : null,
        Place = new ProviderPlace(row.GetString(5), row.Mode(6)),
        ProviderId = row.GetString(7),
        ProviderSubscription = row.TextOrNull(8),
        ProviderPayment = row.TextOrNull(9),
        Number = row.TextOrNull(10),
        Status = row.GetString(11),
        DueMinor = row.GetInt64(12),
        PaidMinor = row.GetInt64(13),
        RemainingMinor = row.GetInt64(14),
        Currency = row.GetString(15),
        OperationKey = row.TextOrNull(16),
        HostedUrl = row.TextOrNull(17),
        PdfUrl = row.TextOrNull(18),
        IssuedAt = row.Instant(19),
        DueAt = row.InstantOrNull(20),
        PaidAt = row.InstantOrNull(21),
        News = new NewsStamp(row.InstantOrNull(22), row.TextOrNull(23), row.InstantOrNull(24)),
        UpdatedAt = row.Instant(25),
    };
}

/// <summary>The invoices of an account.</summary>
internal sealed class InvoiceStore(NpgsqlDataSource database, ProviderIds providerIds)
{
    private const string ByProviderIdSql = $"""
        select {InvoiceRow.Columns}
        from payments.invoices
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_invoice_id = $4
        for update
        """;

    /// <summary>An invoice by the provider's id, locked; of whatever account, for the caller to compare.</summary>
    public Task<InvoiceRow?> ByProviderId(
        LockedAccount account, ProviderPlace place, string id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction.Sql(ByProviderIdSql, account.Org.Value, place.Provider, place.ModeWord, id)
            .Only(InvoiceRow.Read, cancellationToken);
    }

    private const string UpsertSql = """
        insert into payments.invoices
            (org_id, invoice_id, billing_account_id, customer_id, subscription_id, provider, mode, provider_invoice_id,
            provider_subscription_id, provider_payment_id, number, status, due_minor, paid_minor, remaining_minor,
            currency, operation_key, hosted_url, pdf_url, issued_at, due_at, paid_at, last_event_at, last_event_id,
            last_reconciled_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $24, $25, $26, $26)
        on conflict (org_id, invoice_id) do update
        set customer_id = coalesce(excluded.customer_id, invoices.customer_id),
            subscription_id = coalesce(excluded.subscription_id, invoices.subscription_id),
            provider_subscription_id = coalesce(excluded.provider_subscription_id, invoices.provider_subscription_id),
            provider_payment_id = coalesce(excluded.provider_payment_id, invoices.provider_payment_id),
            number = coalesce(excluded.number, invoices.number),
            status = excluded.status,
            due_minor = excluded.due_minor,
            paid_minor = excluded.paid_minor,
            remaining_minor = excluded.remaining_minor,
            operation_key = coalesce(invoices.operation_key, excluded.operation_key),
            hosted_url = coalesce(excluded.hosted_url, invoices.hosted_url),
            pdf_url = coalesce(excluded.pdf_url, invoices.pdf_url),
            due_at = excluded.due_at,
            paid_at = coalesce(excluded.paid_at, invoices.paid_at),
            last_event_at = excluded.last_event_at,
            last_event_id = excluded.last_event_id,
            last_reconciled_at = excluded.last_reconciled_at,
            updated_at = excluded.updated_at
        """;

    /// <summary>Writes an invoice: a new one, or one that was locked before and keeps its id.</summary>
    /// <param name="account">The account, locked.</param>
    /// <param name="before">As it was locked; null for a new one.</param>
    /// <param name="invoice">As it is to be.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    public async Task Save(
        LockedAccount account, InvoiceRow? before, InvoiceRow invoice, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        await account.Transaction.Sql(
            UpsertSql,
            invoice.Org.Value,
            invoice.Id.Value,
            invoice.BillingAccount.Value,
            invoice.Customer?.Value,
            invoice.Subscription?.Value,
            invoice.Place.Provider,
            invoice.Place.ModeWord,
            invoice.ProviderId,
            invoice.ProviderSubscription,
            invoice.ProviderPayment,
            invoice.Number,
            invoice.Status,
            invoice.DueMinor,
            invoice.PaidMinor,
            invoice.RemainingMinor,
            invoice.Currency,
            invoice.OperationKey,
            invoice.HostedUrl,
            invoice.PdfUrl,
            invoice.IssuedAt,
            invoice.DueAt,
            invoice.PaidAt,
            invoice.News.EventAt,
            invoice.News.EventId,
            invoice.News.ReconciledAt,
            account.Now).Run(cancellationToken);
        if (before is null)
        {
            await providerIds.Add(
                account.Transaction,
                ProviderIds.Invoice,
                invoice.Place,
                invoice.ProviderId,
                invoice.Org,
                invoice.Id.Value,
                cancellationToken);
        }
    }

    private const string OfAccountSql = $"""
        select {InvoiceRow.Columns}
        from payments.invoices
        where org_id = $1
          and billing_account_id = $2
        order by issued_at desc, invoice_id desc
        limit $3
        """;

    /// <summary>An account's invoices, the newest first.</summary>
    public Task<IReadOnlyList<InvoiceRow>> OfAccount(
        OrgId org, BillingAccountId account, int count, CancellationToken cancellationToken) =>
        database.Sql(OfAccountSql, org.Value, account.Value, count).All(InvoiceRow.Read, cancellationToken);
}
