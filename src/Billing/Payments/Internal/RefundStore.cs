using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A refund as it is stored.</summary>
internal sealed record RefundRow
{
    public required OrgId Org { get; init; }

    public required RefundId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public required PaymentId Payment { get; init; }

    public PurchaseId? Purchase { get; init; }

    public required ProviderPlace Place { get; init; }

    public required string ProviderPayment { get; init; }

    public required RefundKind Kind { get; init; }

    public required long AmountMinor { get; init; }

    public required string Currency { get; init; }

    public bool Forgives { get; init; } = true;

    public required RefundStatus Status { get; init; }

    public required string Reason { get; init; }

    public bool NeedsSecond { get; init; }

    public required string RequestedBy { get; init; }

    public required string RequestedByOrigin { get; init; }

    public DateTimeOffset RequestedAt { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? DecisionReason { get; init; }

    public int Attempts { get; init; }

    public string? ProviderRefund { get; init; }

    public string? Failure { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, refund_id, billing_account_id, payment_id, purchase_id, provider, mode, provider_payment_id, kind,
        amount_minor, currency, forgives, status, reason, needs_second, requested_by, requested_by_origin, requested_at,
        decided_by, decided_at, decision_reason, attempts, provider_refund_id, failure, finished_at
        """;

    public static RefundRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new RefundId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Payment = new PaymentId(row.GetGuid(3)),
        Purchase = row.IdOrNull(4) is { } purchase ? new PurchaseId(purchase) : null,
        Place = new ProviderPlace(row.GetString(5), row.Mode(6)),
        ProviderPayment = row.GetString(7),
        Kind = row.Word<RefundKind>(8),
        AmountMinor = row.GetInt64(9),
        Currency = row.GetString(10),
        Forgives = row.GetBoolean(11),
        Status = row.Word<RefundStatus>(12),
        Reason = row.GetString(13),
        NeedsSecond = row.GetBoolean(14),
        RequestedBy = row.GetString(15),
        RequestedByOrigin = row.GetString(16),
        RequestedAt = row.Instant(17),
        DecidedBy = row.TextOrNull(18),
        DecidedAt = row.InstantOrNull(19),
        DecisionReason = row.TextOrNull(20),
        Attempts = row.GetInt32(21),
        ProviderRefund = row.TextOrNull(22),
        Failure = row.TextOrNull(23),
        FinishedAt = row.InstantOrNull(24),
    };
}

/// <summary>The refunds of an account.</summary>
internal sealed class RefundStore(NpgsqlDataSource database, ProviderIds providerIds)
{
    private const string ByIdSql = $"""
        select {RefundRow.Columns}
        from payments.refunds
        where org_id = $1
          and refund_id = $2
        for update
        """;

    /// <summary>A refund of the account, locked; null when it has none of this id.</summary>
    public async Task<RefundRow?> ById(LockedAccount account, RefundId id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        var row = await account.Transaction.Sql(ByIdSql, account.Org.Value, id.Value)
            .Only(RefundRow.Read, cancellationToken);
        return row?.BillingAccount == account.BillingAccount ? row : null;
    }

    private const string ByProviderIdSql = $"""
        select {RefundRow.Columns}
        from payments.refunds
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_refund_id = $4
        for update
        """;

    /// <summary>A refund by the provider's id, locked.</summary>
    public Task<RefundRow?> ByProviderId(
        LockedAccount account, ProviderPlace place, string id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction.Sql(ByProviderIdSql, account.Org.Value, place.Provider, place.ModeWord, id)
            .Only(RefundRow.Read, cancellationToken);
    }

    /// <summary>
    /// Whether a provider's id that no refund has now is of an attempt that failed and was followed by another: what is told
    /// of it is neither the new attempt's nor a refund that somebody made at the provider.
    /// </summary>
    public async Task<bool> WasTriedAgain(ProviderPlace place, string id, CancellationToken cancellationToken) =>
        await providerIds.Find(ProviderIds.Refund, place, id, cancellationToken) is not null;

    private const string OfPaymentSql = $"""
        select {RefundRow.Columns}
        from payments.refunds
        where org_id = $1
          and payment_id = $2
        order by refund_id
        """;

    /// <summary>All refunds of a payment whose row the caller locked.</summary>
    public Task<IReadOnlyList<RefundRow>> OfPayment(
        LockedAccount account, PaymentId payment, CancellationToken cancellationToken) =>
        account.Transaction.Sql(OfPaymentSql, account.Org.Value, payment.Value).All(RefundRow.Read, cancellationToken);

    private const string PeekSql = $"""
        select {RefundRow.Columns}
        from payments.refunds
        where org_id = $1
          and refund_id = $2
        """;

    /// <summary>A refund as it is, without a lock: to look, never to decide a write by.</summary>
    public Task<RefundRow?> Peek(OrgId org, RefundId id, CancellationToken cancellationToken) =>
        database.Sql(PeekSql, org.Value, id.Value).Only(RefundRow.Read, cancellationToken);

    private const string InsertSql = """
        insert into payments.refunds
            (org_id, refund_id, billing_account_id, payment_id, purchase_id, provider, mode, provider_payment_id, kind,
            amount_minor, currency, forgives, status, reason, needs_second, requested_by, requested_by_origin,
            requested_at, decided_by, decided_at, decision_reason, attempts, provider_refund_id, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $18)
        """;

    /// <summary>Stores a new refund, unfinished.</summary>
    public async Task<RefundRow> Insert(LockedAccount account, RefundRow refund, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        await account.Transaction.Sql(
            InsertSql,
            refund.Org.Value,
            refund.Id.Value,
            refund.BillingAccount.Value,
            refund.Payment.Value,
            refund.Purchase?.Value,
            refund.Place.Provider,
            refund.Place.ModeWord,
            refund.ProviderPayment,
            Word.Of(refund.Kind),
            refund.AmountMinor,
            refund.Currency,
            refund.Forgives,
            Word.Of(refund.Status),
            refund.Reason,
            refund.NeedsSecond,
            refund.RequestedBy,
            refund.RequestedByOrigin,
            account.Now,
            refund.DecidedBy,
            refund.DecidedAt,
            refund.DecisionReason,
            refund.Attempts,
            refund.ProviderRefund).Run(cancellationToken);
        await Remember(account, refund, cancellationToken);
        return refund with { RequestedAt = account.Now };
    }

    private const string UpdateSql = """
        update payments.refunds
        set status = $3,
            decided_by = $4,
            decided_at = $5,
            decision_reason = $6,
            attempts = $7,
            provider_refund_id = $8,
            failure = $9,
            updated_at = $10,
            finished_at = case when $3 in ('succeeded', 'failed', 'rejected') then coalesce(finished_at, $10) end
        where org_id = $1
          and refund_id = $2
        """;

    /// <summary>Writes how a refund stands; its row was locked before, so it may be written after the books.</summary>
    /// <exception cref="InvalidOperationException">One status does not follow the other: a bug.</exception>
    public async Task<RefundRow> Update(
        LockedAccount account, RefundRow before, RefundRow after, CancellationToken cancellationToken)
    {
        StatusGuard.Check(before.Id, before.Status, after.Status, RefundStates.MayBecome);
        await account.Transaction.Sql(
            UpdateSql,
            before.Org.Value,
            before.Id.Value,
            Word.Of(after.Status),
            after.DecidedBy,
            after.DecidedAt,
            after.DecisionReason,
            after.Attempts,
            after.ProviderRefund,
            after.Failure,
            account.Now).Run(cancellationToken);
        if (after.ProviderRefund != before.ProviderRefund)
        {
            await Remember(account, after, cancellationToken);
        }

        return after;
    }

    private const string NewestSql = $"""
        select {RefundRow.Columns}
        from payments.refunds
        where org_id = $1
          and ($2::uuid is null or billing_account_id = $2)
          and ($3::text is null or status = $3)
          and ($4::uuid is null or refund_id < $4)
        order by refund_id desc
        limit $5
        """;

    /// <summary>An organisation's refunds, the newest first; of one account and in one status where they are named.</summary>
    public Task<IReadOnlyList<RefundRow>> Newest(
        OrgId org,
        BillingAccountId? account,
        RefundStatus? status,
        RefundId? before,
        int count,
        CancellationToken cancellationToken) =>
        database.Sql(
            NewestSql, org.Value, account?.Value, status is { } one ? Word.Of(one) : null, before?.Value, count)
            .All(RefundRow.Read, cancellationToken);

    private Task Remember(LockedAccount account, RefundRow refund, CancellationToken cancellationToken) =>
        refund.ProviderRefund is { } id
            ? providerIds.Add(
                account.Transaction, ProviderIds.Refund, refund.Place, id, refund.Org, refund.Id.Value, cancellationToken)
            : Task.CompletedTask;
}
