using Npgsql;
using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>
/// When the provider said something last, by its own clock. News is applied when it is newer, or as old with a greater id;
/// what was asked for instead is kept apart, so that it never makes newer news look old.
/// </summary>
/// <param name="EventAt">The provider's instant of the last news applied.</param>
/// <param name="EventId">The provider's id of it.</param>
/// <param name="ReconciledAt">When this program last asked, by its own clock.</param>
internal sealed record NewsStamp(DateTimeOffset? EventAt, string? EventId, DateTimeOffset? ReconciledAt)
{
    /// <summary>Nothing was ever said.</summary>
    public static readonly NewsStamp None = new(null, null, null);
}

/// <summary>A checkout as it is stored.</summary>
internal sealed record CheckoutRow
{
    public required OrgId Org { get; init; }

    public required CheckoutId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public required CheckoutFlow Flow { get; init; }

    public required ProviderPlace Place { get; init; }

    /// <summary>Null for a hold.</summary>
    public string? ProviderId { get; init; }

    public PaymentRequestId? Request { get; init; }

    public required string OperationKey { get; init; }

    /// <summary>Whether it was opened at a payment link.</summary>
    public bool IsOfLink { get; init; }

    public string? Customer { get; init; }

    public string? Subscription { get; init; }

    public string? Payment { get; init; }

    public string? Invoice { get; init; }

    public required CheckoutStatus Status { get; init; }

    public string? Url { get; init; }

    public long? AmountMinor { get; init; }

    public string? Currency { get; init; }

    /// <summary>As frozen, as JSON.</summary>
    public string Metadata { get; init; } = "{}";

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public NewsStamp News { get; init; } = NewsStamp.None;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, checkout_id, billing_account_id, flow, provider, mode, provider_checkout_id, request_id, operation_key,
        is_of_link, provider_customer_id, provider_subscription_id, provider_payment_id, provider_invoice_id, status, url,
        amount_minor, currency, metadata, expires_at, completed_at, last_event_at, last_event_id, last_reconciled_at,
        created_at, updated_at
        """;

    public static CheckoutRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new CheckoutId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Flow = row.Word<CheckoutFlow>(3),
        Place = new ProviderPlace(row.GetString(4), row.Mode(5)),
        ProviderId = row.TextOrNull(6),
        Request = row.IdOrNull(7) is { } request ? new PaymentRequestId(request) : null,
        OperationKey = row.GetString(8),
        IsOfLink = row.GetBoolean(9),
        Customer = row.TextOrNull(10),
        Subscription = row.TextOrNull(11),
        Payment = row.TextOrNull(12),
        Invoice = row.TextOrNull(13),
        Status = row.Word<CheckoutStatus>(14),
        Url = row.TextOrNull(15),
        AmountMinor = row.NumberOrNull(16),
        Currency = row.TextOrNull(17),
        Metadata = row.GetString(18),
        ExpiresAt = row.InstantOrNull(19),
        CompletedAt = row.InstantOrNull(20),
        News = new NewsStamp(row.InstantOrNull(21), row.TextOrNull(22), row.InstantOrNull(23)),
        CreatedAt = row.Instant(24),
        UpdatedAt = row.Instant(25),
    };
}
