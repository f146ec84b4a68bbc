using System.Security.Cryptography;
using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.AnswerDisputes;

/// <summary>What was written against a dispute.</summary>
internal sealed record EvidenceDraft(string Explanation, string? CustomerName, string? CustomerEmail);

/// <summary>A file with its bytes.</summary>
internal sealed record StoredFile(string Name, string ContentType, byte[] Content);

/// <summary>What speaks against disputes, and its files by their hashes.</summary>
internal sealed class EvidenceStore(NpgsqlDataSource database)
{
    private const string EvidenceSql = """
        select status, explanation, customer_name, customer_email, submitted_by, submitted_at, refusal
        from payments.dispute_evidence
        where org_id = $1
          and dispute_id = $2
        """;

    private const string FilesSql = """
        select name, content_type, length(content), encode(sha256, 'hex')
        from payments.dispute_files
        where org_id = $1
          and dispute_id = $2
        order by added_at, sha256
        """;

    /// <summary>What was written; null when nothing was.</summary>
    public async Task<Evidence?> Find(OrgId org, DisputeId dispute, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await Read(
            connection.Sql(EvidenceSql, org.Value, dispute.Value),
            connection.Sql(FilesSql, org.Value, dispute.Value),
            cancellationToken);
    }

    /// <summary>What was written, of a dispute whose row is locked.</summary>
    public static Task<Evidence?> Find(LockedAccount account, DisputeId dispute, CancellationToken cancellationToken) => Read(
        account.Transaction.Sql(EvidenceSql, account.Org.Value, dispute.Value),
        account.Transaction.Sql(FilesSql, account.Org.Value, dispute.Value),
        cancellationToken);

    private static async Task<Evidence?> Read(
        NpgsqlCommand evidence, NpgsqlCommand files, CancellationToken cancellationToken)
    {
        var written = await evidence.Only(
            row => new Evidence(
                row.Word<EvidenceStatus>(0),
                row.GetString(1),
                row.TextOrNull(2),
                row.TextOrNull(3),
                [],
                row.TextOrNull(4),
                row.InstantOrNull(5),
                row.TextOrNull(6)),
            cancellationToken);
        var kept = await files.All(
            row => new EvidenceFile(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetString(3)), cancellationToken);
        return written is not null
            ? written with { Files = kept }
            : kept.Count == 0 ? null : new Evidence(EvidenceStatus.Draft, string.Empty, null, null, kept, null, null, null);
    }

    private const string WriteSql = """
        insert into payments.dispute_evidence
            (org_id, dispute_id, explanation, customer_name, customer_email, status, written_by, updated_at)
        values ($1, $2, $3, $4, $5, 'draft', $6, $7)
        on conflict (org_id, dispute_id) do update
        set explanation = excluded.explanation,
            customer_name = excluded.customer_name,
            customer_email = excluded.customer_email,
            written_by = excluded.written_by,
            updated_at = excluded.updated_at
        where dispute_evidence.status = 'draft'
        """;

    /// <summary>Writes a draft.</summary>
    public static Task<int> Write(
        LockedAccount account, DisputeId dispute, EvidenceDraft draft, string actor, CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            WriteSql,
            account.Org.Value,
            dispute.Value,
            draft.Explanation,
            draft.CustomerName,
            draft.CustomerEmail,
            actor,
            account.Now).Run(cancellationToken);

    private const string AddFileSql = """
        insert into payments.dispute_files (org_id, dispute_id, sha256, name, content_type, content, added_by, added_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (org_id, dispute_id, sha256) do nothing
        """;

    /// <summary>Adds a file; the same bytes are there once.</summary>
    public static Task<int> Add(
        LockedAccount account, DisputeId dispute, StoredFile file, string actor, CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            AddFileSql,
            account.Org.Value,
            dispute.Value,
            SHA256.HashData(file.Content),
            file.Name,
            file.ContentType,
            file.Content,
            actor,
            account.Now).Run(cancellationToken);

    private const string ContentsSql = """
        select name, content_type, content
        from payments.dispute_files
        where org_id = $1
          and dispute_id = $2
        order by added_at, sha256
        """;

    /// <summary>The files with their bytes.</summary>
    public Task<IReadOnlyList<StoredFile>> Contents(OrgId org, DisputeId dispute, CancellationToken cancellationToken) =>
        database.Sql(ContentsSql, org.Value, dispute.Value).All(
            row => new StoredFile(row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2)), cancellationToken);

    private const string MoveSql = """
        update payments.dispute_evidence
        set status = $3,
            submitted_by = coalesce($4, submitted_by),
            submitted_at = coalesce($5, submitted_at),
            refusal = null,
            updated_at = $6
        where org_id = $1
          and dispute_id = $2
        """;

    /// <summary>Moves it on.</summary>
    public static Task<int> Move(
        LockedAccount account,
        DisputeId dispute,
        EvidenceStatus to,
        string? actor,
        DateTimeOffset? submittedAt,
        CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            MoveSql, account.Org.Value, dispute.Value, Word.Of(to), actor, submittedAt, account.Now).Run(cancellationToken);

    private const string RefuseSql = """
        update payments.dispute_evidence
        set status = 'draft',
            submitted_by = null,
            refusal = $3,
            refusals = refusals + 1,
            updated_at = $4
        where org_id = $1
          and dispute_id = $2
          and status = 'submitting'
        """;

    /// <summary>Makes what was being sent a draft again, with why it was refused.</summary>
    public static Task<int> Refuse(
        LockedAccount account, DisputeId dispute, string refusal, CancellationToken cancellationToken) =>
        account.Transaction.Sql(RefuseSql, account.Org.Value, dispute.Value, refusal, account.Now).Run(cancellationToken);

    private const string RefusalsSql = """
        select refusals
        from payments.dispute_evidence
        where org_id = $1
          and dispute_id = $2
        """;

    /// <summary>How often what was written was refused.</summary>
    public async Task<int> Refusals(OrgId org, DisputeId dispute, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(RefusalsSql, org.Value, dispute.Value);
        return await command.ExecuteScalarAsync(cancellationToken) as int? ?? 0;
    }
}
