using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A dispute as it is stored.</summary>
internal sealed record DisputeRow
{
    public required OrgId Org { get; init; }

    public required DisputeId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public required PaymentId Payment { get; init; }

    public required ProviderPlace Place { get; init; }

    public required string ProviderId { get; init; }

    public required DisputeStatus Status { get; init; }

    public required string ProviderStatus { get; init; }

    public required string Reason { get; init; }

    public required long AmountMinor { get; init; }

    public required string Currency { get; init; }

    public bool IsWithdrawn { get; init; }

    public bool IsReinstated { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? EvidenceDueAt { get; init; }

    public DateTimeOffset? OverdueToldAt { get; init; }

    public DateTimeOffset? EvidenceSubmittedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, dispute_id, billing_account_id, payment_id, provider, mode, provider_dispute_id, status, provider_status,
        reason, amount_minor, currency, is_withdrawn, is_reinstated, opened_at, evidence_due_at, overdue_told_at,
        evidence_submitted_at, closed_at
        """;

    public static DisputeRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new DisputeId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Payment = new PaymentId(row.GetGuid(3)),
        Place = new ProviderPlace(row.GetString(4), row.Mode(5)),
        ProviderId = row.GetString(6),
        Status = row.Word<DisputeStatus>(7),
        ProviderStatus = row.GetString(8),
        Reason = row.GetString(9),
        AmountMinor = row.GetInt64(10),
        Currency = row.GetString(11),
        IsWithdrawn = row.GetBoolean(12),
        IsReinstated = row.GetBoolean(13),
        OpenedAt = row.Instant(14),
        EvidenceDueAt = row.InstantOrNull(15),
        OverdueToldAt = row.InstantOrNull(16),
        EvidenceSubmittedAt = row.InstantOrNull(17),
        ClosedAt = row.InstantOrNull(18),
    };
}

/// <summary>The disputes of an account.</summary>
internal sealed class DisputeStore(NpgsqlDataSource database, ProviderIds providerIds)
{
    private const string ByProviderIdSql = $"""
        select {DisputeRow.Columns}
        from payments.disputes
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_dispute_id = $4
        for update
        """;

    /// <summary>A dispute by the provider's id, locked.</summary>
    public Task<DisputeRow?> ByProviderId(
        LockedAccount account, ProviderPlace place, string id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction.Sql(ByProviderIdSql, account.Org.Value, place.Provider, place.ModeWord, id)
            .Only(DisputeRow.Read, cancellationToken);
    }

    private const string ByIdSql = $"""
        select {DisputeRow.Columns}
        from payments.disputes
        where org_id = $1
          and dispute_id = $2
        for update
        """;

    /// <summary>A dispute of the account, locked; null when it has none of this id.</summary>
    public async Task<DisputeRow?> ById(LockedAccount account, DisputeId id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        var row = await account.Transaction.Sql(ByIdSql, account.Org.Value, id.Value)
            .Only(DisputeRow.Read, cancellationToken);
        return row?.BillingAccount == account.BillingAccount ? row : null;
    }

    private const string OfPaymentSql = $"""
        select {DisputeRow.Columns}
        from payments.disputes
        where org_id = $1
          and payment_id = $2
        order by dispute_id
        for update
        """;

    /// <summary>The disputes of a payment, the oldest first, locked.</summary>
    public Task<IReadOnlyList<DisputeRow>> OfPayment(
        LockedAccount account, PaymentId payment, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        return account.Transaction.Sql(OfPaymentSql, account.Org.Value, payment.Value)
            .All(DisputeRow.Read, cancellationToken);
    }

    private const string PeekSql = $"""
        select {DisputeRow.Columns}
        from payments.disputes
        where org_id = $1
          and dispute_id = $2
        """;

    /// <summary>A dispute as it is, without a lock: to look, never to decide a write by.</summary>
    public Task<DisputeRow?> Peek(OrgId org, DisputeId id, CancellationToken cancellationToken) =>
        database.Sql(PeekSql, org.Value, id.Value).Only(DisputeRow.Read, cancellationToken);

    private const string UpsertSql = """
        insert into payments.disputes
            (org_id, dispute_id, billing_account_id, payment_id, provider, mode, provider_dispute_id, status,
            provider_status, reason, amount_minor, currency, is_withdrawn, is_reinstated, opened_at, evidence_due_at,
            overdue_told_at, evidence_submitted_at, closed_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)
        on conflict (org_id, dispute_id) do update
        set status = excluded.status,
            provider_status = excluded.provider_status,
            reason = excluded.reason,
            amount_minor = excluded.amount_minor,
            is_withdrawn = disputes.is_withdrawn or excluded.is_withdrawn,
            is_reinstated = disputes.is_reinstated or excluded.is_reinstated,
            evidence_due_at = coalesce(excluded.evidence_due_at, disputes.evidence_due_at),
            overdue_told_at = coalesce(disputes.overdue_told_at, excluded.overdue_told_at),
            evidence_submitted_at = coalesce(disputes.evidence_submitted_at, excluded.evidence_submitted_at),
            closed_at = coalesce(disputes.closed_at, excluded.closed_at),
            updated_at = excluded.updated_at
        """;

    /// <summary>Writes a dispute: a new one, or one that was locked before and keeps its id.</summary>
    public async Task Save(
        LockedAccount account, DisputeRow? before, DisputeRow dispute, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Money);
        await account.Transaction.Sql(
            UpsertSql,
            dispute.Org.Value,
            dispute.Id.Value,
            dispute.BillingAccount.Value,
            dispute.Payment.Value,
            dispute.Place.Provider,
            dispute.Place.ModeWord,
            dispute.ProviderId,
            Word.Of(dispute.Status),
            dispute.ProviderStatus,
            dispute.Reason,
            dispute.AmountMinor,
            dispute.Currency,
            dispute.IsWithdrawn,
            dispute.IsReinstated,
            dispute.OpenedAt,
            dispute.EvidenceDueAt,
            dispute.OverdueToldAt,
            dispute.EvidenceSubmittedAt,
            dispute.ClosedAt,
            account.Now).Run(cancellationToken);
        if (before is null)
        {
            await providerIds.Add(
                account.Transaction,
                ProviderIds.Dispute,
                dispute.Place,
                dispute.ProviderId,
                dispute.Org,
                dispute.Id.Value,
                cancellationToken);
        }
    }

    private const string DueSql = $"""
        select {DisputeRow.Columns}
        from payments.disputes
        where status in ('opened', 'needs_response', 'evidence_due')
          and evidence_due_at <= $1
          and (status <> 'evidence_due' or (overdue_told_at is null and evidence_due_at <= $2))
        order by evidence_due_at, org_id, dispute_id
        limit $3
        """;

    /// <summary>Unanswered disputes whose deadline is near, or over and nobody was told; read without locks.</summary>
    public Task<IReadOnlyList<DisputeRow>> Due(
        DateTimeOffset near, DateTimeOffset now, int count, CancellationToken cancellationToken) =>
        database.Sql(DueSql, near, now, count).All(DisputeRow.Read, cancellationToken);

    private const string OpenSql = """
        select amount_minor, currency
        from payments.disputes
        where org_id = $1
          and status in ('opened', 'needs_response', 'evidence_due', 'evidence_submitted')
        """;

    /// <summary>How much of an organisation's payments is in open disputes, in micros of whatever currencies.</summary>
    public async Task<long> OpenMicros(OrgId org, CancellationToken cancellationToken) =>
        (await database.Sql(OpenSql, org.Value).All(
            row => MinorUnits.ToMoney(row.GetInt64(0), Currency.Of(row.GetString(1))).Micros, cancellationToken)).Sum();

    private const string OfAccountSql = $"""
        select {DisputeRow.Columns}
        from payments.disputes
        where org_id = $1
          and billing_account_id = $2
        order by dispute_id desc
        limit $3
        """;

    /// <summary>An account's disputes, the newest first.</summary>
    public Task<IReadOnlyList<DisputeRow>> OfAccount(
        OrgId org, BillingAccountId account, int count, CancellationToken cancellationToken) =>
        database.Sql(OfAccountSql, org.Value, account.Value, count).All(DisputeRow.Read, cancellationToken);

    private const string NewestSql = $"""
        select {DisputeRow.Columns}
        from payments.disputes
        where org_id = $1
          and ($2::text is null or status = $2)
          and ($3::uuid is null or dispute_id < $3)
        order by dispute_id desc
        limit $4
        """;

    /// <summary>An organisation's disputes, the newest first; in one status where that is named.</summary>
    public Task<IReadOnlyList<DisputeRow>> Newest(
        OrgId org, DisputeStatus? status, DisputeId? before, int count, CancellationToken cancellationToken) =>
        database.Sql(NewestSql, org.Value, status is { } one ? Word.Of(one) : null, before?.Value, count)
            .All(DisputeRow.Read, cancellationToken);
}
