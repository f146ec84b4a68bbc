using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Reads the audit log: an organisation's, or the platform's.</summary>
/// <param name="database">Connections as <c>quoin_app</c>.</param>
public sealed class AuditReader(NpgsqlDataSource database)
{
    private const string Columns = """
        sequence, recorded_at, actor, action, subject, reason, before_state::text, after_state::text, impersonator, hash
        """;

    // Conditions that are not asked for are null. An action's noun alone asks for everything that happens to such things.
    private const string Matches = """
        org_id = $1
            and ($2::text is null or actor = $2 or impersonator = $2)
            and ($3::text is null or action = $3 or action like $3 || '.%')
            and ($4::text is null or subject = $4)
            and ($5::timestamptz is null or recorded_at >= $5)
            and ($6::timestamptz is null or recorded_at < $6)
        """;

    private const string NewestSql = $"""
        select {Columns}
        from accounts.audit_log
        where {Matches}
            and ($7::bigint is null or sequence < $7)
        order by sequence desc
        limit $8
        """;

    /// <summary>The newest entries that match, newest first.</summary>
    /// <param name="org">The organisation; null for the platform.</param>
    /// <param name="search">Which entries.</param>
    /// <param name="before">Only entries before this one; null for the newest.</param>
    /// <param name="rowsMax">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<AuditRecord>> Newest(
        OrgId? org, AuditSearch search, long? before, int rowsMax, CancellationToken cancellationToken) =>
        Read(NewestSql, org, search, before, rowsMax, cancellationToken);

    private const string OldestSql = $"""
        select {Columns}
        from accounts.audit_log
        where {Matches}
            and sequence > $7
        order by sequence
        limit $8
        """;

    /// <summary>All entries that match, oldest first, read a part at a time: no reader holds a connection meanwhile.</summary>
    /// <param name="org">The organisation; null for the platform.</param>
    /// <param name="search">Which entries.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<AuditRecord> All(
        OrgId? org, AuditSearch search, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            var part = await Read(OldestSql, org, search, after, Limits.AuditExportedAtOnce, cancellationToken);
            foreach (var entry in part)
            {
                yield return entry;
            }

            if (part.Count < Limits.AuditExportedAtOnce)
            {
                yield break;
            }

            after = part[^1].Sequence;
        }
    }

    private async Task<IReadOnlyList<AuditRecord>> Read(
        string sql, OrgId? org, AuditSearch search, long? from, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            sql,
            AuditChain.Of(org),
            search.Actor,
            search.Action?.TrimEnd('.'),
            search.Subject,
            search.From,
            search.To,
            from,
            rowsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<AuditRecord>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(new AuditRecord(
                row.GetInt64(0),
                row.GetFieldValue<DateTimeOffset>(1),
                row.GetString(2),
                row.GetString(3),
                row.GetString(4),
                row.IsDBNull(5) ? null : row.GetString(5),
                State(row, 6),
                State(row, 7),
                row.IsDBNull(8) ? null : row.GetString(8),
                Convert.ToHexStringLower(row.GetFieldValue<byte[]>(9))));
        }

        return rows;
    }

    private static JsonElement? State(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : JsonElement.Parse(row.GetString(column));
}
