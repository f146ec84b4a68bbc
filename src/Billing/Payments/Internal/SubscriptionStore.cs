using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.Internal;

/// <summary>A subscription as it is stored.</summary>
internal sealed record SubscriptionRow
{
    public required OrgId Org { get; init; }

    public required SubscriptionId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public required PaymentCustomerId Customer { get; init; }

    public required ProviderPlace Place { get; init; }

    public required string ProviderId { get; init; }

    public PlanVersionId? Plan { get; init; }

    public required SubscriptionStatus Status { get; init; }

    /// <summary>The provider's own word, for people.</summary>
    public required string ProviderStatus { get; init; }

    public bool IsCurrent { get; init; }

    /// <summary>When the provider made it; written once.</summary>
    public DateTimeOffset? ProviderCreatedAt { get; init; }

    public DateTimeOffset? PeriodStart { get; init; }

    public DateTimeOffset? PeriodEnd { get; init; }

    public DateTimeOffset? TrialEnd { get; init; }

    public bool EndsWithPeriod { get; init; }

    public DateTimeOffset? CanceledAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public bool IsPaused { get; init; }

    public string? LatestInvoice { get; init; }

    public string? OperationKey { get; init; }

    public NewsStamp News { get; init; } = NewsStamp.None;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, subscription_id, billing_account_id, customer_id, provider, mode, provider_subscription_id,
        plan_version_id, status, provider_status, is_current, provider_created_at, period_start, period_end, trial_end,
        ends_with_period, canceled_at, ended_at, is_paused, latest_invoice, operation_key, last_event_at, last_event_id,
        last_reconciled_at, created_at, updated_at
        """;

    public static SubscriptionRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new SubscriptionId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Customer = new PaymentCustomerId(row.GetGuid(3)),
        Place = new ProviderPlace(row.GetString(4), row.Mode(5)),
        ProviderId = row.GetString(6),
        Plan = row.IdOrNull(7) is { } plan ? new PlanVersionId(plan) : null,
        Status = row.Word<SubscriptionStatus>(8),
        ProviderStatus = row.GetString(9),
        IsCurrent = row.GetBoolean(10),
        ProviderCreatedAt = row.InstantOrNull(11),
        PeriodStart = row.InstantOrNull(12),
        PeriodEnd = row.InstantOrNull(13),
        TrialEnd = row.InstantOrNull(14),
        EndsWithPeriod = row.GetBoolean(15),
        CanceledAt = row.InstantOrNull(16),
        EndedAt = row.InstantOrNull(17),
        IsPaused = row.GetBoolean(18),
        LatestInvoice = row.TextOrNull(19),
        OperationKey = row.TextOrNull(20),
        News = new NewsStamp(row.InstantOrNull(21), row.TextOrNull(22), row.InstantOrNull(23)),
        CreatedAt = row.Instant(24),
        UpdatedAt = row.Instant(25),
    };
}

/// <summary>A part of a subscription as it is stored.</summary>
internal sealed record SubscriptionItemRow(
    string ProviderItem,
    string ProviderPrice,
    PlanPriceId? Price,
    PriceComponent Component,
    PriceUsage Usage,
    int? Quantity,
    bool IsActive);

/// <summary>
/// The subscriptions of an account, of which at most one is current; one that has ended never is, whoever writes it.
/// </summary>
internal sealed class SubscriptionStore(NpgsqlDataSource database, ProviderIds providerIds)
{
    private const string OfAccountSql = $"""
        select {SubscriptionRow.Columns}
        from payments.subscriptions
        where org_id = $1
          and billing_account_id = $2
        order by subscription_id
        for update
        """;

    /// <summary>The account's subscriptions, ended ones too, locked.</summary>
    public Task<IReadOnlyList<SubscriptionRow>> OfAccount(LockedAccount account, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Subscriptions);
        return account.Transaction.Sql(OfAccountSql, account.Org.Value, account.BillingAccount.Value)
            .All(SubscriptionRow.Read, cancellationToken);
    }

    private const string CurrentSql = $"""
        select {SubscriptionRow.Columns}
        from payments.subscriptions
        where org_id = $1
          and billing_account_id = $2
          and is_current
        """;

    /// <summary>The account's current subscription as it is, without a lock; null when it has none.</summary>
    public Task<SubscriptionRow?> PeekCurrent(OrgId org, BillingAccountId account, CancellationToken cancellationToken) =>
        database.Sql(CurrentSql, org.Value, account.Value).Only(SubscriptionRow.Read, cancellationToken);

    private const string PeekSql = $"""
        select {SubscriptionRow.Columns}
        from payments.subscriptions
        where org_id = $1
          and billing_account_id = $2
        order by subscription_id desc
        """;

    /// <summary>The account's subscriptions as they are, without a lock, the newest first.</summary>
    public Task<IReadOnlyList<SubscriptionRow>> Peek(
        OrgId org, BillingAccountId account, CancellationToken cancellationToken) =>
        database.Sql(PeekSql, org.Value, account.Value).All(SubscriptionRow.Read, cancellationToken);

    private const string StatusesSql = """
        select distinct status
        from payments.subscriptions
        where org_id = $1
        """;

    /// <summary>How an organisation's subscriptions of all accounts stand, each status once.</summary>
    public Task<IReadOnlyList<SubscriptionStatus>> Statuses(OrgId org, CancellationToken cancellationToken) =>
        database.Sql(StatusesSql, org.Value).All(row => row.Word<SubscriptionStatus>(0), cancellationToken);

    private const string IsPaidSql = """
        select remaining_minor = 0 or status = 'paid'
        from payments.invoices
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_invoice_id = $4
        """;

    /// <summary>Whether nothing of its newest invoice is owed, as far as is known here.</summary>
    public async Task<bool> IsPaid(SubscriptionRow subscription, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            IsPaidSql,
            subscription.Org.Value,
            subscription.Place.Provider,
            subscription.Place.ModeWord,
            subscription.LatestInvoice ?? string.Empty);
        return await command.ExecuteScalarAsync(cancellationToken) is not false;
    }

    private const string InsertSql = """
        insert into payments.subscriptions
            (org_id, subscription_id, billing_account_id, customer_id, provider, mode, provider_subscription_id,
            plan_version_id, status, provider_status, is_current, provider_created_at, period_start, period_end,
            trial_end, ends_with_period, canceled_at, ended_at, is_paused, latest_invoice, operation_key, last_event_at,
            last_event_id, last_reconciled_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $24, $25, $25)
        """;

    /// <summary>Stores a new subscription; never as current, which <see cref="SetCurrent"/> decides once for all.</summary>
    public async Task<SubscriptionRow> Insert(
        LockedAccount account, SubscriptionRow subscription, CancellationToken cancellationToken)
    {
        await account.Transaction.Sql(
            InsertSql,
            subscription.Org.Value,
            subscription.Id.Value,
            subscription.BillingAccount.Value,
            subscription.Customer.Value,
            subscription.Place.Provider,
            subscription.Place.ModeWord,
            subscription.ProviderId,
            subscription.Plan?.Value,
            Word.Of(subscription.Status),
            subscription.ProviderStatus,
            false,
            subscription.ProviderCreatedAt,
            subscription.PeriodStart,
            subscription.PeriodEnd,
            subscription.TrialEnd,
            subscription.EndsWithPeriod,
            subscription.CanceledAt,
            subscription.EndedAt,
            subscription.IsPaused,
            subscription.LatestInvoice,
            subscription.OperationKey,
            subscription.News.EventAt,
            subscription.News.EventId,
            subscription.News.ReconciledAt,
            account.Now).Run(cancellationToken);
        await providerIds.Add(
            account.Transaction,
            ProviderIds.Subscription,
            subscription.Place,
            subscription.ProviderId,
            subscription.Org,
            subscription.Id.Value,
            cancellationToken);
        return subscription with { IsCurrent = false, CreatedAt = account.Now, UpdatedAt = account.Now };
    }

    // Whoever ends it makes it not current, in the same statement.
    private const string UpdateSql = """
        update payments.subscriptions
        set plan_version_id = coalesce($3, plan_version_id),
            status = $4,
            provider_status = $5,
            is_current = is_current and $4 not in ('canceled', 'incomplete_expired'),
            provider_created_at = coalesce(provider_created_at, $6),
            period_start = $7,
            period_end = $8,
            trial_end = $9,
            ends_with_period = $10,
            canceled_at = $11,
            ended_at = $12,
            is_paused = $13,
            latest_invoice = coalesce($14, latest_invoice),
            operation_key = coalesce(operation_key, $15),
            last_event_at = $16,
            last_event_id = $17,
            last_reconciled_at = $18,
            updated_at = $19
        where org_id = $1
          and subscription_id = $2
        """;

    /// <summary>Writes what the provider says of a subscription now; whether it is current is not said here.</summary>
    public async Task<SubscriptionRow> Update(
        LockedAccount account, SubscriptionRow subscription, CancellationToken cancellationToken)
    {
        await account.Transaction.Sql(
            UpdateSql,
            subscription.Org.Value,
            subscription.Id.Value,
            subscription.Plan?.Value,
            Word.Of(subscription.Status),
            subscription.ProviderStatus,
            subscription.ProviderCreatedAt,
            subscription.PeriodStart,
            subscription.PeriodEnd,
            subscription.TrialEnd,
            subscription.EndsWithPeriod,
            subscription.CanceledAt,
            subscription.EndedAt,
            subscription.IsPaused,
            subscription.LatestInvoice,
            subscription.OperationKey,
            subscription.News.EventAt,
            subscription.News.EventId,
            subscription.News.ReconciledAt,
            account.Now).Run(cancellationToken);
        return subscription with
        {
            IsCurrent = subscription.IsCurrent && !subscription.Status.IsTerminal(),
            UpdatedAt = account.Now,
        };
    }

    private const string ClearCurrentSql = """
        update payments.subscriptions
        set is_current = false,
            updated_at = $4
        where org_id = $1
          and billing_account_id = $2
          and is_current
          and ($3::uuid is null or subscription_id <> $3)
        """;

    private const string SetCurrentSql = """
        update payments.subscriptions
        set is_current = true,
            updated_at = $3
        where org_id = $1
          and subscription_id = $2
          and not is_current
        """;

    /// <summary>Makes one subscription the current one, or none: in two statements that no reader sees between.</summary>
    public async Task SetCurrent(LockedAccount account, SubscriptionId? subscription, CancellationToken cancellationToken)
    {
        var (org, billingAccount) = (account.Org.Value, account.BillingAccount.Value);
        await account.Transaction.Sql(ClearCurrentSql, org, billingAccount, subscription?.Value, account.Now)
            .Run(cancellationToken);
        if (subscription is { } id)
        {
            await account.Transaction.Sql(SetCurrentSql, org, id.Value, account.Now).Run(cancellationToken);
        }
    }

    private const string ItemsSql = """
        select provider_item_id, provider_price_id, plan_price_id, component, usage_type, quantity, is_active
        from payments.subscription_items
        where org_id = $1
          and subscription_id = $2
        order by provider_item_id
        """;

    /// <summary>What a subscription is made of, former parts too.</summary>
    public Task<IReadOnlyList<SubscriptionItemRow>> Items(
        OrgId org, SubscriptionId subscription, CancellationToken cancellationToken) =>
        database.Sql(ItemsSql, org.Value, subscription.Value).All(ReadItem, cancellationToken);

    private const string UpsertItemSql = """
        insert into payments.subscription_items
            (org_id, subscription_id, provider, mode, provider_item_id, provider_price_id, plan_price_id, component,
            usage_type, quantity, is_active, last_event_at, last_event_id, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true, $11, $12, $13, $13)
        on conflict (org_id, subscription_id, provider_item_id) do update
        set provider_price_id = excluded.provider_price_id,
            plan_price_id = excluded.plan_price_id,
            component = excluded.component,
            usage_type = excluded.usage_type,
            quantity = excluded.quantity,
            is_active = true,
            last_event_at = excluded.last_event_at,
            last_event_id = excluded.last_event_id,
            updated_at = excluded.updated_at
        """;

    private const string RetireItemsSql = """
        update payments.subscription_items
        set is_active = false,
            updated_at = $4
        where org_id = $1
          and subscription_id = $2
          and is_active
          and provider_item_id <> all ($3)
        """;

    /// <summary>Writes what a subscription is made of now; parts that are not named any more are kept, not in use.</summary>
    public async Task SetItems(
        LockedAccount account,
        SubscriptionRow subscription,
        IReadOnlyList<SubscriptionItemRow> items,
        CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            await account.Transaction.Sql(
                UpsertItemSql,
                subscription.Org.Value,
                subscription.Id.Value,
                subscription.Place.Provider,
                subscription.Place.ModeWord,
                item.ProviderItem,
                item.ProviderPrice,
                item.Price?.Value,
                Word.Of(item.Component),
                Word.Of(item.Usage),
                item.Quantity,
                subscription.News.EventAt,
                subscription.News.EventId,
                account.Now).Run(cancellationToken);
        }

        await account.Transaction.Sql(
            RetireItemsSql,
            subscription.Org.Value,
            subscription.Id.Value,
            items.Select(item => item.ProviderItem).ToArray(),
            account.Now).Run(cancellationToken);
    }

    private static SubscriptionItemRow ReadItem(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.IdOrNull(2) is { } price ? new PlanPriceId(price) : null,
        row.Word<PriceComponent>(3),
        row.Word<PriceUsage>(4),
        row.IsDBNull(5) ? null : row.GetInt32(5),
        row.GetBoolean(6));
}
