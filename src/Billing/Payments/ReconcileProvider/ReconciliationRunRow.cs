using Npgsql;
using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>A place in the list a run goes through.</summary>
internal readonly record struct RunCursor(Guid Org, Guid Row);

/// <summary>One comparison of what is stored with what the provider says.</summary>
internal sealed record ReconciliationRunRow(
    PaymentReconciliationId Id,
    ProviderPlace Place,
    ReconciliationScope Scope,
    ReconciliationStatus Status,
    string StartedBy,
    string Runner,
    long LeaseVersion,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    RunCursor? Cursor,
    long Scanned,
    long Drift,
    long Repaired,
    long Failed,
    string? Error)
{
    public const string Columns = """
        run_id, provider, mode, scope, status, started_by, runner, lease_version, started_at, finished_at, cursor_org_id,
        cursor_row_id, scanned_count, drift_count, repaired_count, failed_count, error
        """;

    public static ReconciliationRunRow Read(NpgsqlDataReader row) => new(
        new PaymentReconciliationId(row.GetGuid(0)),
        new ProviderPlace(row.GetString(1), row.Mode(2)),
        row.Word<ReconciliationScope>(3),
        row.Word<ReconciliationStatus>(4),
        row.GetString(5),
        row.GetString(6),
        row.GetInt64(7),
        row.Instant(8),
        row.InstantOrNull(9),
        row.IsDBNull(10) ? null : new RunCursor(row.GetGuid(10), row.GetGuid(11)),
        row.GetInt64(12),
        row.GetInt64(13),
        row.GetInt64(14),
        row.GetInt64(15),
        row.TextOrNull(16));
}

/// <summary>Something that did not fit, and what became of it.</summary>
internal sealed record ReconciliationFindingRow(
    OrgId Org,
    Guid Id,
    PaymentReconciliationId Run,
    BillingAccountId BillingAccount,
    string Kind,
    string Subject,
    string Stored,
    string Said,
    bool IsRepaired,
    string? Error,
    DateTimeOffset FoundAt)
{
    public const string Columns = """
        org_id, finding_id, run_id, billing_account_id, kind, subject, stored, said, is_repaired, error, found_at
        """;

    public static ReconciliationFindingRow Read(NpgsqlDataReader row) => new(
        new OrgId(row.GetGuid(0)),
        row.GetGuid(1),
        new PaymentReconciliationId(row.GetGuid(2)),
        new BillingAccountId(row.GetGuid(3)),
        row.GetString(4),
        row.GetString(5),
        row.GetString(6),
        row.GetString(7),
        row.GetBoolean(8),
        row.TextOrNull(9),
        row.Instant(10));
}
