using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// A key of its own for each purpose, kept wrapped in the database, unwrapped in memory. Synchronous, as Data
/// Protection asks it to be: the database is read once per purpose and process.
/// </summary>
internal sealed class PurposeKeys(NpgsqlDataSource database, MasterKeys masterKeys, TimeProvider time)
{
    // "secret" in ASCII: any constant does, as long as nobody else on the database takes it.
    private const long RotationLock = 0x736563726574;

    private readonly ConcurrentDictionary<string, PurposeKey> current = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Purpose, int Version), PurposeKey> all = new();

    /// <summary>The key to seal with; made when a purpose is first used.</summary>
    public PurposeKey Current(string purpose) => current.GetOrAdd(purpose, ReadOrCreate);

    /// <summary>The key that stays whatever follows it; made when a purpose is first used.</summary>
    public PurposeKey First(string purpose)
    {
        if (all.TryGetValue((purpose, 1), out var known))
        {
            return known;
        }

        Current(purpose);
        return Get(purpose, 1);
    }

    /// <summary>The key something was sealed with.</summary>
    /// <exception cref="CryptographicException">There is no such key.</exception>
    public PurposeKey Get(string purpose, int version)
    {
        if (!all.ContainsKey((purpose, version)))
        {
            Read(purpose);
        }

        return all.TryGetValue((purpose, version), out var key)
            ? key
            : throw new CryptographicException($"There is no key {version} for {purpose}.");
    }

    private const string ExcludeRotationSql = """
        select pg_advisory_xact_lock_shared($1)
        """;

    private const string CreateSql = """
        insert into platform.wrapped_keys (purpose, version, master_key_id, wrapped, created_at)
        values ($1, 1, $2, $3, $4)
        on conflict (purpose, version) do nothing
        """;

    private PurposeKey ReadOrCreate(string purpose)
    {
        if (Read(purpose) is { } known)
        {
            return known;
        }

        // Under the lock, and with the key read anew: wrapped with one that is being dropped, it would be lost.
        using var connection = database.OpenConnection();
        using var transaction = connection.BeginTransaction();
        using (var exclude = transaction.Sql(ExcludeRotationSql, RotationLock))
        {
            exclude.ExecuteNonQuery();
        }

        masterKeys.Refresh();
        var master = masterKeys.Current;
        var wrapped = master.Wrap(RandomNumberGenerator.GetBytes(SealedBox.KeyBytes), Context(purpose, 1));
        using (var create = transaction.Sql(CreateSql, purpose, master.Id, wrapped, time.GetUtcNow()))
        {
            create.ExecuteNonQuery();
        }

        transaction.Commit();

        // Another replica may have been first; whoever was, its key is the one.
        return Read(purpose)!;
    }

    private const string ReadSql = """
        select version, master_key_id, wrapped
        from platform.wrapped_keys
        where purpose = $1
        order by version
        """;

    private PurposeKey? Read(string purpose)
    {
        using var command = database.Sql(ReadSql, purpose);
        using var reader = command.ExecuteReader();
        PurposeKey? latest = null;
        while (reader.Read())
        {
            var version = reader.GetInt32(0);
            var master = masterKeys.Get(reader.GetString(1));
            var key = master.Unwrap(reader.GetFieldValue<byte[]>(2), Context(purpose, version));
            latest = all[(purpose, version)] = new PurposeKey(version, key);
        }

        return latest;
    }

    private const string LockSql = """
        select pg_advisory_lock($1)
        """;

    private const string UnlockSql = """
        select pg_advisory_unlock($1)
        """;

    /// <summary>
    /// Wraps every key with the current master key, after putting a new one in the file where there is one. One
    /// rotation at a time, from the file's first change to its last.
    /// </summary>
    /// <returns>How many were wrapped with another.</returns>
    public async Task<int> RotateMasterKey(IAudit audit, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var exclude = connection.Sql(LockSql, RotationLock))
        {
            await exclude.ExecuteNonQueryAsync(cancellationToken);
        }

        try
        {
            masterKeys.Refresh();
            masterKeys.ReplaceInFile();
            var count = await Rewrap(connection, audit, actor, cancellationToken);
            masterKeys.DropPreviousFromFile();
            return count;
        }
        finally
        {
            await Unlock(connection);
        }
    }

    private static async Task Unlock(NpgsqlConnection connection)
    {
        // A connection that broke has already given its locks back, and its failure is the one to tell.
        if (connection.State == System.Data.ConnectionState.Open)
        {
            await using var unlock = connection.Sql(UnlockSql, RotationLock);
            await unlock.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private const string ReadAllSql = """
        select purpose, version, master_key_id, wrapped
        from platform.wrapped_keys
        order by purpose, version
        for update
        """;

    private const string RewrapSql = """
        update platform.wrapped_keys
        set master_key_id = $3,
            wrapped = $4
        where purpose = $1
          and version = $2
        """;

    private async Task<int> Rewrap(
        NpgsqlConnection connection, IAudit audit, string actor, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var master = masterKeys.Current;
        var rows = await ReadAll(transaction, cancellationToken);
        var others = rows.Where(row => row.MasterKeyId != master.Id).ToList();
        foreach (var (purpose, version, masterKeyId, wrapped) in others)
        {
            var context = Context(purpose, version);
            var key = masterKeys.Get(masterKeyId).Unwrap(wrapped, context);
            await using var command = transaction.Sql(
                RewrapSql, purpose, version, master.Id, master.Wrap(key, context));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var state = JsonSerializer.Serialize(new { rewrapped_keys = others.Count }, JsonConventions.Options);
        var entry = new AuditEntry(Org: null, actor, "master_key.rotated", master.Id, After: state);
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return others.Count;
    }

    private const string MasterKeyIdsSql = """
        select distinct master_key_id
        from platform.wrapped_keys
        """;

    /// <summary>Fails unless this replica can unwrap every key there is.</summary>
    /// <exception cref="MasterKeyException">It cannot.</exception>
    public async Task Check(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(MasterKeyIdsSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            masterKeys.Get(reader.GetString(0));
        }
    }

    private static async Task<List<(string Purpose, int Version, string MasterKeyId, byte[] Wrapped)>> ReadAll(
        NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ReadAllSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(string, int, string, byte[])>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetString(0), reader.GetInt32(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3)));
        }

        return rows;
    }

    // A wrapped key moved to another row does not unwrap.
    private static byte[] Context(string purpose, int version) => Encoding.UTF8.GetBytes($"{purpose}/{version}");
}

/// <summary>One unwrapped key.</summary>
/// <param name="Version">Its version within its purpose.</param>
/// <param name="Key">32 bytes; never logged, never stored.</param>
internal sealed record PurposeKey(int Version, byte[] Key);
