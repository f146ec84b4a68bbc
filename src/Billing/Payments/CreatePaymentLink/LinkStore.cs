using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.CreatePaymentLink;

/// <summary>A payment link as it is stored.</summary>
internal sealed record LinkRow(
    OrgId Org,
    PaymentLinkId Id,
    BillingAccountId BillingAccount,
    PaymentRequestId Request,
    string OperationKey,
    ProviderPlace Place,
    string ProviderId,
    string Url,
    IReadOnlyList<PaymentLinkLine> Lines,
    long AmountMinor,
    Currency Currency,
    bool GivesCredit,
    bool IsActive,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DeactivatedAt,
    int Payments)
{
    public static LinkRow Read(NpgsqlDataReader row) => new(
        new OrgId(row.GetGuid(0)),
        new PaymentLinkId(row.GetGuid(1)),
        new BillingAccountId(row.GetGuid(2)),
        new PaymentRequestId(row.GetGuid(3)),
        row.GetString(4),
        new ProviderPlace(row.GetString(5), row.Mode(6)),
        row.GetString(7),
        row.GetString(8),
        JsonSerializer.Deserialize<PaymentLinkLine[]>(row.GetString(9), JsonConventions.Options)!,
        row.GetInt64(10),
        Currency.Of(row.GetString(11)),
        row.GetBoolean(12),
        row.GetBoolean(13),
        row.Instant(14),
        row.InstantOrNull(15),
        (int)row.GetInt64(16));
}

/// <summary>The payment links of accounts.</summary>
internal sealed class LinkStore(NpgsqlDataSource database)
{
    private const string Columns = """
        link.org_id, link.payment_link_id, link.billing_account_id, link.request_id, link.operation_key, link.provider,
        link.mode, link.provider_link_id, link.url, link.lines::text, link.amount_minor, link.currency, link.gives_credit,
        link.is_active, link.created_at, link.deactivated_at,
        (select count(*)
         from payments.payments paid
         where paid.org_id = link.org_id
           and paid.operation_key = link.operation_key
           and paid.status = 'succeeded')
        """;

    private const string InsertSql = """
        insert into payments.payment_links
            (org_id, payment_link_id, billing_account_id, request_id, operation_key, provider, mode, provider_link_id, url,
            lines, amount_minor, currency, gives_credit, is_active, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, true, $14, $14)
        """;

    /// <summary>Stores a link that was made.</summary>
    public static Task<int> Insert(LockedAccount account, LinkRow link, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        return account.Transaction.Sql(
            InsertSql,
            link.Org.Value,
            link.Id.Value,
            link.BillingAccount.Value,
            link.Request.Value,
            link.OperationKey,
            link.Place.Provider,
            link.Place.ModeWord,
            link.ProviderId,
            link.Url,
            JsonSerializer.Serialize(link.Lines, JsonConventions.Options),
            link.AmountMinor,
            link.Currency.Code,
            link.GivesCredit,
            account.Now).Run(cancellationToken);
    }

    private const string EndSql = """
        update payments.payment_links
        set is_active = false,
            deactivated_at = $3,
            updated_at = $3
        where org_id = $1
          and payment_link_id = $2
          and is_active
        """;

    /// <summary>Nobody can open it any more.</summary>
    /// <returns>Whether it was open.</returns>
    public static async Task<bool> End(LockedAccount account, PaymentLinkId link, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        return await account.Transaction.Sql(EndSql, account.Org.Value, link.Value, account.Now).Run(cancellationToken) == 1;
    }

    private const string FindSql = $"""
        select {Columns}
        from payments.payment_links link
        where link.org_id = $1
          and link.billing_account_id = $2
          and link.payment_link_id = $3
        """;

    /// <summary>A link of an account, without a lock; null when it has none of this id.</summary>
    public Task<LinkRow?> Find(
        OrgId org, BillingAccountId account, PaymentLinkId link, CancellationToken cancellationToken) =>
        database.Sql(FindSql, org.Value, account.Value, link.Value).Only(LinkRow.Read, cancellationToken);

    private const string NewestSql = $"""
        select {Columns}
        from payments.payment_links link
        where link.org_id = $1
          and link.billing_account_id = $2
          and ($3::uuid is null or link.payment_link_id < $3)
        order by link.payment_link_id desc
        limit $4
        """;

    /// <summary>An account's links, the newest first.</summary>
    public Task<IReadOnlyList<LinkRow>> Newest(
        OrgId org, BillingAccountId account, PaymentLinkId? before, int count, CancellationToken cancellationToken) =>
        database.Sql(NewestSql, org.Value, account.Value, before?.Value, count).All(LinkRow.Read, cancellationToken);
}
