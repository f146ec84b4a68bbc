using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>The ending of a subscription that should not be there, as it is stored.</summary>
internal sealed record RemediationRow(
    OrgId Org,
    RemediationId Id,
    BillingAccountId BillingAccount,
    ProviderPlace Place,
    string CanonicalProviderId,
    string DuplicateProviderId,
    string Algorithm,
    string? OperationKey,
    RemediationStatus Status,
    int Attempts,
    DateTimeOffset? LastAttemptAt,
    DateTimeOffset? ResolvedAt,
    string? Resolution,
    string? Error,
    DateTimeOffset CreatedAt)
{
    public const string Columns = """
        org_id, remediation_id, billing_account_id, provider, mode, canonical_provider_id, duplicate_provider_id,
        algorithm, operation_key, status, attempts, last_attempt_at, resolved_at, resolution, error, created_at
        """;

    public static RemediationRow Read(NpgsqlDataReader row) => new(
        new OrgId(row.GetGuid(0)),
        new RemediationId(row.GetGuid(1)),
        new BillingAccountId(row.GetGuid(2)),
        new ProviderPlace(row.GetString(3), row.Mode(4)),
        row.GetString(5),
        row.GetString(6),
        row.GetString(7),
        row.TextOrNull(8),
        row.Word<RemediationStatus>(9),
        row.GetInt32(10),
        row.InstantOrNull(11),
        row.InstantOrNull(12),
        row.TextOrNull(13),
        row.TextOrNull(14),
        row.Instant(15));
}

/// <summary>
/// What should not be at the provider: written with what shows it, done by a job. One row for each duplicate, for ever:
/// seeing it again starts nothing again.
/// </summary>
internal sealed class Remediations(NpgsqlDataSource database, Jobs jobs, IdSource ids)
{
    /// <summary>The resolution of one that was ended; others were spared, or over before.</summary>
    public const string EndedAtProvider = "ended at the provider";

    private const string InsertSql = """
        insert into payments.remediations
            (org_id, remediation_id, billing_account_id, provider, mode, action, canonical_provider_id,
            canonical_subscription_id, duplicate_provider_id, algorithm, operation_key, provider_event_id, status,
            created_at, updated_at)
        values ($1, $2, $3, $4, $5, 'cancel_duplicate_subscription', $6, $7, $8, $9, $10, $11, 'pending', $12, $12)
        on conflict on constraint one_remediation_of_a_duplicate do nothing
        """;

    /// <summary>Has duplicates ended, those of them for which that was not decided before.</summary>
    public async Task Add(
        LockedAccount account,
        SubscriptionRow canonical,
        IReadOnlyCollection<SubscriptionRow> duplicates,
        string? eventId,
        CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Remediations);
        var added = new List<(RemediationId Id, string? Correlation)>();
        foreach (var duplicate in duplicates)
        {
            var id = ids.Next<RemediationId>();
            if (await Insert(account, id, canonical, duplicate, eventId, cancellationToken))
            {
                added.Add((id, duplicate.OperationKey));
            }
        }

        foreach (var (id, correlation) in added)
        {
            await Enqueue(account, id, correlation, cancellationToken);
        }
    }

    private static async Task<bool> Insert(
        LockedAccount account,
        RemediationId id,
        SubscriptionRow canonical,
        SubscriptionRow duplicate,
        string? eventId,
        CancellationToken cancellationToken) => await account.Transaction.Sql(
            InsertSql,
            account.Org.Value,
            id.Value,
            account.BillingAccount.Value,
            duplicate.Place.Provider,
            duplicate.Place.ModeWord,
            canonical.ProviderId,
            canonical.Id.Value,
            duplicate.ProviderId,
            CanonicalSelection.Algorithm,
            duplicate.OperationKey,
            eventId,
            account.Now).Run(cancellationToken) == 1;

    /// <summary>Asks for the job of a remediation.</summary>
    public async Task Enqueue(
        LockedAccount account, RemediationId id, string? correlation, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Jobs);
        await jobs.Enqueue(
            account.Transaction,
            new CancelDuplicate(account.Org, account.BillingAccount, id),
            new JobTerms { UniqueKey = id.ToString(), Org = account.Org, CorrelationId = correlation },
            cancellationToken);
    }

    private const string FindSql = $"""
        select {RemediationRow.Columns}
        from payments.remediations
        where org_id = $1
          and remediation_id = $2
        """;

    /// <summary>A remediation; null when there is none.</summary>
    public Task<RemediationRow?> Peek(OrgId org, RemediationId id, CancellationToken cancellationToken) =>
        database.Sql(FindSql, org.Value, id.Value).Only(RemediationRow.Read, cancellationToken);

    /// <summary>A remediation of a locked account.</summary>
    public Task<RemediationRow?> ById(LockedAccount account, RemediationId id, CancellationToken cancellationToken)
    {
        account.Enter(LockStage.Remediations);
        return account.Transaction.Sql(FindSql + "\nfor update", account.Org.Value, id.Value)
            .Only(RemediationRow.Read, cancellationToken);
    }

    private const string MarkSql = """
        update payments.remediations
        set status = $3,
            attempts = $4,
            last_attempt_at = coalesce($5, last_attempt_at),
            resolved_at = $6,
            resolution = $7,
            error = $8,
            updated_at = $9
        where org_id = $1
          and remediation_id = $2
        """;

    /// <summary>Writes how a remediation stands.</summary>
    public Task Mark(LockedAccount account, RemediationRow row, CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            MarkSql,
            row.Org.Value,
            row.Id.Value,
            Word.Of(row.Status),
            row.Attempts,
            row.LastAttemptAt,
            row.ResolvedAt,
            row.Resolution,
            row.Error,
            account.Now).Run(cancellationToken);
}
