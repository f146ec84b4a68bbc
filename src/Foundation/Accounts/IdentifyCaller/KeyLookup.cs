using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Finds keys by the hash of a presented secret, in memory where it was read less than a second ago.</summary>
internal sealed class KeyLookup : IDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly OrgDirectory directory;
    private readonly AccountsMetrics metrics;
    private readonly TimeProvider time;
    private readonly FreshCache<SecretHash, KnownKey> keys;
    private readonly SemaphoreSlim readings = new(Limits.KeyReadingsAtOnceMax);

    public KeyLookup(NpgsqlDataSource database, OrgDirectory directory, AccountsMetrics metrics, TimeProvider time)
    {
        (this.database, this.directory, this.metrics, this.time) = (database, directory, metrics, time);
        keys = new(Query, Limits.KeysRememberedMax, time);
    }

    public ValueTask<KnownKey?> Find(SecretHash hash, CancellationToken cancellationToken) =>
        keys.Find(hash, cancellationToken);

    public void Dispose() => readings.Dispose();

    private async Task<IReadOnlyDictionary<SecretHash, KnownKey>> Query(
        IReadOnlyList<SecretHash> hashes, CancellationToken cancellationToken)
    {
        // Whoever sends wrong keys by the thousand waits here, and does not take the connections of the others.
        await readings.WaitAsync(cancellationToken);
        var startedAt = time.GetTimestamp();
        try
        {
            return await Read(hashes, cancellationToken);
        }
        finally
        {
            readings.Release();
            metrics.KeysRead(time.GetElapsedTime(startedAt));
        }
    }

    private const string ReadSql = $"""
        select {KeyRows.Columns}, k.org_id, k.secret_hash, s.disabled_at is not null, m.role,
            coalesce(o.state <> 'active', false), b.billing_account_id
        from unnest($1, $2) as asked (org_id, key_id)
        join accounts.keys k using (org_id, key_id)
        left join accounts.service_accounts s
            on s.org_id = k.org_id and s.service_account_id = k.service_account_id
        left join accounts.users u
            on u.user_id = k.user_id and u.state = 'active'
        left join accounts.members m
            on m.org_id = k.org_id and m.user_id = u.user_id
        left join accounts.organisations o on o.org_id = k.org_id
        left join lateral (
            select a.billing_account_id
            from accounts.billing_accounts a
            where k.project_id is not null
                and a.org_id = k.org_id
                and a.status = 'active'
                and (a.is_default or a.project_id = k.project_id)
            order by a.is_default, a.billing_account_id
            limit 1
        ) b on true
        """;

    private async Task<IReadOnlyDictionary<SecretHash, KnownKey>> Read(
        IReadOnlyList<SecretHash> hashes, CancellationToken cancellationToken)
    {
        var found = new Dictionary<SecretHash, KnownKey>(hashes.Count);
        var places = await directory.Find(
            DirectoryKinds.Key, [.. hashes.Select(hash => hash.ToBytes())], cancellationToken);
        if (places.Count == 0)
        {
            return found;
        }

        await using var command = database.Sql(
            ReadSql,
            places.Values.Select(place => place.Org.Value).ToArray(),
            places.Values.Select(place => place.RowId).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var hash = SecretHash.From(row.GetFieldValue<byte[]>(KeyRows.ColumnCount + 1));
            found[hash] = new KnownKey(
                new OrgId(row.GetGuid(KeyRows.ColumnCount)),
                KeyRows.Key(row),
                hash,
                row.GetBoolean(KeyRows.ColumnCount + 2),
                row.IsDBNull(KeyRows.ColumnCount + 3) ? null : row.GetString(KeyRows.ColumnCount + 3),
                row.GetBoolean(KeyRows.ColumnCount + 4),
                row.IsDBNull(KeyRows.ColumnCount + 5) ? null : new BillingAccountId(row.GetGuid(KeyRows.ColumnCount + 5)));
        }

        return found;
    }
}
