using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Finds keys by their line: the keys that replaced each other, known by the first of them.</summary>
internal sealed class FindLines(NpgsqlDataSource database, TimeProvider time)
{
    private const string WorksSql = """
        k.revoked_at is null
            and (k.expires_at is null or k.expires_at > $2)
            and (k.retires_at is null or k.retires_at > $2)
        """;

    // The last of a line was replaced by none: ids tell less, for replicas whose clocks differ give them.
    private const string NewestFirstSql = "k.replaced_by_key_id is not null, k.key_id desc";

    private const string WorkingSql = $"""
        select {KeyRows.Columns}
        from accounts.keys k
        where k.org_id = $1
            and k.first_key_id = $3
            and {WorksSql}
        order by {NewestFirstSql}
        """;

    public Task<IReadOnlyList<KeyProfile>> Working(OrgId owner, KeyId first, CancellationToken cancellationToken) =>
        Read(database.Sql(WorkingSql, owner.Value, time.GetUtcNow(), first.Value), cancellationToken);

    private const string AllWorkingSql = $"""
        select distinct on (k.first_key_id) {KeyRows.Columns}
        from accounts.keys k
        where k.org_id = $1
            and k.scopes = $3
            and {WorksSql}
        order by k.first_key_id, {NewestFirstSql}
        """;

    public Task<IReadOnlyList<KeyProfile>> AllWorking(
        OrgId owner, IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        Read(database.Sql(AllWorkingSql, owner.Value, time.GetUtcNow(), scopes.ToArray()), cancellationToken);

    private const string IdsSql = """
        select k.key_id
        from accounts.keys k
        where k.org_id = $1
            and k.first_key_id = any($2)
        order by k.key_id desc
        limit $3
        """;

    public async Task<IReadOnlyList<KeyId>> Ids(
        OrgId owner, IReadOnlyCollection<KeyId> firsts, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            IdsSql, owner.Value, firsts.Select(first => first.Value).ToArray(), rowsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<KeyId>();
        while (await row.ReadAsync(cancellationToken))
        {
            ids.Add(new KeyId(row.GetGuid(0)));
        }

        return ids;
    }

    private static async Task<IReadOnlyList<KeyProfile>> Read(NpgsqlCommand sql, CancellationToken cancellationToken)
    {
        await using var command = sql;
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<KeyProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            keys.Add(KeyRows.Key(row));
        }

        return keys;
    }
}
