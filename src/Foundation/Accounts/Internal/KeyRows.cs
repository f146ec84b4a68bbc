using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The columns of keys, in the order every query here selects them.</summary>
internal static class KeyRows
{
    public const string Columns = """
        k.key_id, k.prefix, k.last_four, k.label, k.roles, k.created_by, k.created_at, k.expires_at, k.revoked_by,
        k.revoked_at, k.last_used_at, k.scopes, k.project_id, k.service_account_id, k.replaces_key_id,
        k.replaced_by_key_id, k.retires_at, k.user_id, k.first_key_id
        """;

    public const int ColumnCount = 19;

    public static KeyProfile Key(NpgsqlDataReader row) => new(
        new KeyId(row.GetGuid(0)),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4),
        row.GetString(5),
        row.GetFieldValue<DateTimeOffset>(6),
        Instant(row, 7),
        row.IsDBNull(8) ? null : row.GetString(8),
        Instant(row, 9),
        Instant(row, 10),
        Scopes(row),
        row.IsDBNull(12) ? null : new ProjectId(row.GetGuid(12)),
        row.IsDBNull(13) ? null : new ServiceAccountId(row.GetGuid(13)),
        row.IsDBNull(14) ? null : new KeyId(row.GetGuid(14)),
        row.IsDBNull(15) ? null : new KeyId(row.GetGuid(15)),
        Instant(row, 16),
        row.IsDBNull(17) ? null : new UserId(row.GetGuid(17)))
    {
        FirstKeyId = new KeyId(row.GetGuid(18)),
    };

    private const string InsertSql = """
        insert into accounts.keys (
            org_id, key_id, secret_hash, prefix, last_four, label, roles, created_by, created_at, expires_at, scopes,
            project_id, service_account_id, replaces_key_id, user_id, first_key_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """;

    public static async Task Insert(
        NpgsqlTransaction transaction, OrgId owner, KeyProfile key, byte[] hash, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            owner.Value,
            key.Id.Value,
            hash,
            key.Prefix,
            key.LastFour,
            key.Label,
            key.Roles?.ToArray(),
            key.CreatedBy,
            key.CreatedAt,
            key.ExpiresAt,
            key.Scopes?.ToArray(),
            key.ProjectId?.Value,
            key.ServiceAccountId?.Value,
            key.ReplacesKeyId?.Value,
            key.UserId?.Value,
            key.FirstKeyId.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string LockSql = $"""
        select {Columns}
        from accounts.keys k
        where k.org_id = $1
            and k.key_id = $2
        for update
        """;

    /// <summary>A key that nobody else changes until the transaction ends; null where there is none.</summary>
    public static async Task<KeyProfile?> Lock(
        NpgsqlTransaction transaction, OrgId owner, KeyId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, owner.Value, id.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Key(row) : null;
    }

    private const string CountOfProjectSql = """
        select count(*)
        from accounts.keys
        where org_id = $1
            and project_id = $2
            and revoked_at is null
            and (expires_at is null or expires_at > $3)
            and (retires_at is null or retires_at > $3)
        """;

    /// <summary>How many keys of a project work at an instant.</summary>
    public static async Task<long> CountOfProject(
        NpgsqlTransaction transaction,
        OrgId org,
        ProjectId project,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(CountOfProjectSql, org.Value, project.Value, now);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // Keys of organisations made before there were scopes have none: they may do all that a key may.
    private static IReadOnlyList<string>? Scopes(NpgsqlDataReader row) =>
        !row.IsDBNull(11) ? row.GetFieldValue<string[]>(11)
        : row.IsDBNull(4) ? [.. KeyScopes.Usual.Select(scope => scope.Name)]
        : null;

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
