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
            and (not $7 or impersonator is not null)
        """;

    private const string NewestSql = $"""
        select {Columns}
        from accounts.audit_log
        where {Matches}
            and ($8::bigint is null or sequence < $8)
        order by sequence desc
        limit $9
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
            and sequence > $8
        order by sequence
        limit $9
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
            await IdOf(search.Actor, cancellationToken),
            search.Action?.TrimEnd('.'),
            await IdOf(search.Subject, cancellationToken),
            search.From,
            search.To,
            search.Impersonated,
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

    // The log knows ids alone; people know addresses. One that is nobody's is in no log.
    private async Task<string?> IdOf(string? text, CancellationToken cancellationToken) =>
        text?.Contains('@', StringComparison.Ordinal) == true
        && await UserRows.FindByEmail(database, text.Trim(), cancellationToken) is { } person
            ? person.Id.ToString()
            : text;

    private const string PeopleSql = """
        select u.user_id, u.name, u.email, o.user_id is not null
        from accounts.users u
        left join accounts.operators o using (user_id)
        where u.user_id = any($1)
        """;

    private const string KeysSql = """
        select key_id, label
        from accounts.keys
        where org_id = $1
            and key_id = any($2)
        """;

    /// <summary>
    /// What people and keys are called that stand in some entries, by their ids. In an organisation's log the operator's
    /// people have no names: who they are is the operator's own affair.
    /// </summary>
    /// <param name="org">The organisation; null for the platform.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyDictionary<string, AuditName>> NamesIn(
        OrgId? org, IReadOnlyList<AuditRecord> entries, CancellationToken cancellationToken)
    {
        var ids = entries
            .SelectMany(entry => new[] { entry.Actor, entry.Subject, entry.Impersonator })
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var people = ids.Select(id => Id.TryParse<UserId>(id, out var user) ? user.Value : (Guid?)null).OfType<Guid>();
        var names = new Dictionary<string, AuditName>(StringComparer.Ordinal);
        await using (var command = database.Sql(PeopleSql, people.ToArray()))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                var id = new UserId(row.GetGuid(0)).ToString();
                var email = row.IsDBNull(2) ? null : row.GetString(2);
                names[id] = org is not null && row.GetBoolean(3) ? new AuditName("The operator", null)
                    : new AuditName(row.IsDBNull(1) ? email ?? id : row.GetString(1), email);
            }
        }

        var keys = ids.Select(id => Id.TryParse<KeyId>(id, out var key) ? key.Value : (Guid?)null).OfType<Guid>();
        await using var labels = database.Sql(KeysSql, AuditChain.Of(org), keys.ToArray());
        await using var label = await labels.ExecuteReaderAsync(cancellationToken);
        while (await label.ReadAsync(cancellationToken))
        {
            names[new KeyId(label.GetGuid(0)).ToString()] = new AuditName(label.GetString(1), null);
        }

        return names;
    }

    private static JsonElement? State(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : JsonElement.Parse(row.GetString(column));
}
