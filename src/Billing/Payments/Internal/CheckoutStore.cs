using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>The checkouts of an account. Statuses go the ways <see cref="CheckoutTransition"/> knows, and no other.</summary>
internal sealed class CheckoutStore(NpgsqlDataSource database, ProviderIds providerIds)
{
    private const string BlockingSql = $"""
        select {CheckoutRow.Columns}
        from payments.checkouts
        where org_id = $1
          and billing_account_id = $2
          and status in ('open', 'completed_pending_subscription', 'recovery_verification_pending')
        order by checkout_id
        for update
        """;

    /// <summary>The account's unfinished checkouts of every flow, locked, oldest first.</summary>
    public Task<IReadOnlyList<CheckoutRow>> Unfinished(LockedAccount account, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        return account.Transaction.Sql(BlockingSql, account.Org.Value, account.BillingAccount.Value)
            .All(CheckoutRow.Read, cancellationToken);
    }

    private const string ByProviderIdSql = $"""
        select {CheckoutRow.Columns}
        from payments.checkouts
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_checkout_id = $4
        for update
        """;

    /// <summary>A checkout by the provider's id, locked; of whatever account, for the caller to compare.</summary>
    public Task<CheckoutRow?> ByProviderId(
        LockedAccount account, ProviderPlace place, string id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        return account.Transaction.Sql(ByProviderIdSql, account.Org.Value, place.Provider, place.ModeWord, id)
            .Only(CheckoutRow.Read, cancellationToken);
    }

    private const string ByOperationSql = $"""
        select {CheckoutRow.Columns}
        from payments.checkouts
        where org_id = $1
          and provider = $2
          and mode = $3
          and operation_key = $4
          and not is_of_link
        for update
        """;

    /// <summary>The checkout of an operation, locked; of whatever account, for the caller to compare.</summary>
    public Task<CheckoutRow?> ByOperation(
        LockedAccount account, ProviderPlace place, string operationKey, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        return account.Transaction.Sql(ByOperationSql, account.Org.Value, place.Provider, place.ModeWord, operationKey)
            .Only(CheckoutRow.Read, cancellationToken);
    }

    private const string ByIdSql = $"""
        select {CheckoutRow.Columns}
        from payments.checkouts
        where org_id = $1
          and checkout_id = $2
        for update
        """;

    /// <summary>A checkout of the account, locked; null when it has none of this id.</summary>
    public async Task<CheckoutRow?> ById(LockedAccount account, CheckoutId id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        var row = await account.Transaction.Sql(ByIdSql, account.Org.Value, id.Value)
            .Only(CheckoutRow.Read, cancellationToken);
        return row?.BillingAccount == account.BillingAccount ? row : null;
    }

    private const string PeekSql = $"""
        select {CheckoutRow.Columns}
        from payments.checkouts
        where org_id = $1
          and checkout_id = $2
        """;

    /// <summary>A checkout as it is, without a lock: to look, never to decide a write by.</summary>
    public Task<CheckoutRow?> Peek(OrgId org, CheckoutId id, CancellationToken cancellationToken) =>
        database.Sql(PeekSql, org.Value, id.Value).Only(CheckoutRow.Read, cancellationToken);

    private const string InsertSql = """
        insert into payments.checkouts
            (org_id, checkout_id, billing_account_id, flow, provider, mode, provider_checkout_id, request_id,
            operation_key, is_of_link, provider_customer_id, provider_subscription_id, provider_payment_id,
            provider_invoice_id, status, url, amount_minor, currency, metadata, expires_at, completed_at, last_event_at,
            last_event_id, last_reconciled_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $24, $25, $25)
        """;

    /// <summary>Stores a new checkout.</summary>
    public async Task<CheckoutRow> Insert(LockedAccount account, CheckoutRow checkout, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        await account.Transaction.Sql(
            InsertSql,
            checkout.Org.Value,
            checkout.Id.Value,
            checkout.BillingAccount.Value,
            Word.Of(checkout.Flow),
            checkout.Place.Provider,
            checkout.Place.ModeWord,
            checkout.ProviderId,
            checkout.Request?.Value,
            checkout.OperationKey,
            checkout.IsOfLink,
            checkout.Customer,
            checkout.Subscription,
            checkout.Payment,
            checkout.Invoice,
            Word.Of(checkout.Status),
            checkout.Url,
            checkout.AmountMinor,
            checkout.Currency,
            checkout.Metadata,
            checkout.ExpiresAt,
            checkout.CompletedAt,
            checkout.News.EventAt,
            checkout.News.EventId,
            checkout.News.ReconciledAt,
            account.Now).Run(cancellationToken);
        await Remember(account, checkout, cancellationToken);
        return checkout with { CreatedAt = account.Now, UpdatedAt = account.Now };
    }

    private const string UpdateSql = """
        update payments.checkouts
        set provider_checkout_id = coalesce($3, provider_checkout_id),
            request_id = coalesce($4, request_id),
            provider_customer_id = coalesce($5, provider_customer_id),
            provider_subscription_id = coalesce($6, provider_subscription_id),
            provider_payment_id = coalesce($7, provider_payment_id),
            provider_invoice_id = coalesce($8, provider_invoice_id),
            status = $9,
            url = coalesce($10, url),
            amount_minor = coalesce($11, amount_minor),
            currency = coalesce($12, currency),
            metadata = $13,
            expires_at = $14,
            completed_at = coalesce(completed_at, $15),
            last_event_at = $16,
            last_event_id = $17,
            last_reconciled_at = $18,
            updated_at = $19
        where org_id = $1
          and checkout_id = $2
        """;

    /// <summary>Writes what is known now; what was known and is not said again stays.</summary>
    /// <param name="account">The account, locked.</param>
    /// <param name="before">As it was locked.</param>
    /// <param name="after">As it is to be; its status is where it asks to go.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    /// <returns>How its status moved; nothing at all is written unless it moved or stayed where it may be written.</returns>
    public async Task<CheckoutTransition> Update(
        LockedAccount account, CheckoutRow before, CheckoutRow after, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        var transition = CheckoutTransition.Decide(before.Status, after.Status);
        if (transition is CheckoutTransition.Invalid || CheckoutTransition.IsTerminal(before.Status))
        {
            return transition;
        }

        var status = transition is CheckoutTransition.Moved(var to) ? to : before.Status;
        await Write(account, before, after with { Status = status }, cancellationToken);
        return transition;
    }

    /// <summary>
    /// Writes what a final checkout turned out to name (its provider ids, its page): its status stays.
    /// </summary>
    public async Task Complete(
        LockedAccount account, CheckoutRow before, CheckoutRow after, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Checkouts);
        await Write(account, before, after with { Status = before.Status }, cancellationToken);
    }

    private async Task Write(
        LockedAccount account, CheckoutRow before, CheckoutRow after, CancellationToken cancellationToken)
    {
        await account.Transaction.Sql(
            UpdateSql,
            before.Org.Value,
            before.Id.Value,
            after.ProviderId,
            after.Request?.Value,
            after.Customer,
            after.Subscription,
            after.Payment,
            after.Invoice,
            Word.Of(after.Status),
            after.Url,
            after.AmountMinor,
            after.Currency,
            after.Metadata,
            after.ExpiresAt,
            after.CompletedAt,
            after.News.EventAt,
            after.News.EventId,
            after.News.ReconciledAt,
            account.Now).Run(cancellationToken);
        if (after.ProviderId != before.ProviderId)
        {
            await Remember(account, after with { Id = before.Id }, cancellationToken);
        }
    }

    /// <summary>Moves a checkout and nothing else.</summary>
    public Task<CheckoutTransition> Move(
        LockedAccount account, CheckoutRow checkout, CheckoutStatus to, CancellationToken cancellationToken) =>
        Update(account, checkout, checkout with { Status = to }, cancellationToken);

    private const string DueSql = $"""
        select {CheckoutRow.Columns}
        from payments.checkouts
        where status = $1
          and (org_id, checkout_id) > ($2, $3)
          and ($4::timestamptz is null or expires_at is null or expires_at <= $4)
          and ($5::timestamptz is null or completed_at <= $5)
        order by org_id, checkout_id
        limit $6
        """;

    /// <summary>Unfinished checkouts of a status over all accounts, after a place in the list; read without locks.</summary>
    /// <param name="status">Which.</param>
    /// <param name="after">The last one seen; null begins.</param>
    /// <param name="endedBefore">Only those whose end is not after this, or that have none; null any.</param>
    /// <param name="completedBefore">Only those completed not after this; null any.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<CheckoutRow>> Due(
        CheckoutStatus status,
        (OrgId Org, CheckoutId Id)? after,
        DateTimeOffset? endedBefore,
        DateTimeOffset? completedBefore,
        int count,
        CancellationToken cancellationToken) =>
        database.Sql(
            DueSql,
            Word.Of(status),
            after?.Org.Value ?? Guid.Empty,
            after?.Id.Value ?? Guid.Empty,
            endedBefore,
            completedBefore,
            count).All(CheckoutRow.Read, cancellationToken);

    private Task Remember(LockedAccount account, CheckoutRow checkout, CancellationToken cancellationToken) =>
        checkout.ProviderId is { } id
            ? providerIds.Add(
                account.Transaction, ProviderIds.Checkout, checkout.Place, id, checkout.Org, checkout.Id.Value, cancellationToken)
            : Task.CompletedTask;
}
