using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepBooks;

/// <summary>Something of a payment that does not fit.</summary>
/// <param name="Kind">One of <see cref="FindingKinds"/>.</param>
/// <param name="Subject">The provider's id of what does not fit.</param>
/// <param name="Detail">What does not fit, for a person.</param>
/// <param name="AmountMinor">Of how much, in minor units; null where no money is meant.</param>
/// <param name="Currency">Of which currency.</param>
internal sealed record NewFinding(string Kind, string Subject, string Detail, long? AmountMinor, string? Currency)
{
    /// <summary>Whether it is open again when it is met after an operator had resolved it.</summary>
    public bool MayRecur { get; init; }
}

/// <summary>A finding as it is stored.</summary>
internal sealed record FindingRow(
    OrgId Org,
    FindingId Id,
    BillingAccountId BillingAccount,
    string Kind,
    string Subject,
    string Detail,
    long? AmountMinor,
    string? Currency,
    DateTimeOffset FoundAt,
    DateTimeOffset? ResolvedAt,
    string? ResolvedBy,
    string? Resolution)
{
    public const string Columns = """
        org_id, finding_id, billing_account_id, kind, subject, detail, amount_minor, currency, found_at, resolved_at,
        resolved_by, resolution
        """;

    public static FindingRow Read(NpgsqlDataReader row) => new(
        new OrgId(row.GetGuid(0)),
        new FindingId(row.GetGuid(1)),
        new BillingAccountId(row.GetGuid(2)),
        row.GetString(3),
        row.GetString(4),
        row.GetString(5),
        row.NumberOrNull(6),
        row.TextOrNull(7),
        row.Instant(8),
        row.InstantOrNull(9),
        row.TextOrNull(10),
        row.TextOrNull(11));
}

/// <summary>The kinds of findings: a closed list, which metrics may name.</summary>
internal static class FindingKinds
{
    /// <summary>Another amount was paid than was asked for.</summary>
    public const string AmountMismatch = "amount_mismatch";

    /// <summary>It was paid in another currency.</summary>
    public const string CurrencyMismatch = "currency_mismatch";

    /// <summary>A purchase was paid a second time, by another payment.</summary>
    public const string PaidTwice = "paid_twice";

    /// <summary>It says it pays a purchase nobody knows.</summary>
    public const string UnknownPurchase = "unknown_purchase";

    /// <summary>A second subscription was paid and has been ended.</summary>
    public const string DuplicatePaid = "duplicate_paid";

    /// <summary>More was given back than the purchase had left.</summary>
    public const string RefundBeyondCredit = "refund_beyond_credit";

    /// <summary>The provider never said what came of a refund.</summary>
    public const string RefundUnknown = "refund_unknown";

    /// <summary>The provider never said whether it took what speaks against a dispute.</summary>
    public const string EvidenceUnknown = "evidence_unknown";

    /// <summary>A subscription could not be followed in plans.</summary>
    public const string PlanNotFollowed = "plan_not_followed";
}

/// <summary>Keeps what does not fit until an operator has looked: each once, counted, and told in the log.</summary>
internal sealed class Findings(NpgsqlDataSource database, IdSource ids, Guardrails guardrails, ILogger<Findings> logger)
{
    private const string AddSql = """
        insert into payments.findings
            (org_id, finding_id, billing_account_id, kind, subject, detail, amount_minor, currency, found_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (org_id, kind, subject) do update
        set detail = excluded.detail,
            found_at = excluded.found_at,
            resolved_at = null,
            resolved_by = null,
            resolution = null
        where $10
          and findings.resolved_at is not null
        returning finding_id
        """;

    /// <summary>Keeps a finding, in the transaction that met it; one that is known already changes nothing.</summary>
    public async Task Add(LockedAccount account, NewFinding finding, CancellationToken cancellationToken)
    {
        await using var command = account.Transaction.Sql(
            AddSql,
            account.Org.Value,
            ids.Next<FindingId>().Value,
            account.BillingAccount.Value,
            finding.Kind,
            finding.Subject,
            finding.Detail,
            finding.AmountMinor,
            finding.Currency,
            account.Now,
            finding.MayRecur);
        if (await command.ExecuteScalarAsync(cancellationToken) is Guid id)
        {
            guardrails.Met(Guardrails.MoneyMismatch, finding.Kind);
            Log.MoneyMismatch(logger, new FindingId(id), finding.Kind, finding.Subject);
        }
    }

    private const string OpenSql = $"""
        select {FindingRow.Columns}
        from payments.findings
        where resolved_at is null
          and ($1::uuid is null or org_id = $1)
          and ($2::uuid is null or finding_id > $2)
        order by finding_id
        limit $3
        """;

    /// <summary>What nobody has resolved, the oldest first; of one organisation or of all.</summary>
    public Task<IReadOnlyList<FindingRow>> Open(
        OrgId? org, FindingId? after, int count, CancellationToken cancellationToken) =>
        database.Sql(OpenSql, org?.Value, after?.Value, count).All(FindingRow.Read, cancellationToken);

    private const string ResolveSql = $"""
        update payments.findings
        set resolved_at = $3,
            resolved_by = $4,
            resolution = $5
        where org_id = $1
          and finding_id = $2
          and resolved_at is null
        returning {FindingRow.Columns}
        """;

    /// <summary>Says that an operator has looked.</summary>
    /// <returns>Null when there is no open finding of this id.</returns>
    public static Task<FindingRow?> Resolve(
        NpgsqlTransaction transaction,
        OrgId org,
        FindingId id,
        DateTimeOffset now,
        string actor,
        string resolution,
        CancellationToken cancellationToken) =>
        transaction.Sql(ResolveSql, org.Value, id.Value, now, actor, resolution).Only(FindingRow.Read, cancellationToken);
}
