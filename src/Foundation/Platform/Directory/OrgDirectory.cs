using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Where a key of the directory leads.</summary>
/// <param name="Org">The organisation of the row.</param>
/// <param name="RowId">The row's id.</param>
public sealed record DirectoryPlace(OrgId Org, Guid RowId);

/// <summary>Every way adding to the directory can end.</summary>
public abstract record DirectoryOutcome
{
    private DirectoryOutcome()
    {
    }

    /// <summary>Another row has the key; nothing was written, and the transaction can go on.</summary>
    /// <param name="Place">Where it leads.</param>
    public sealed record Taken(DirectoryPlace Place) : DirectoryOutcome;

    /// <summary>The key leads to the row, from the commit on.</summary>
    public sealed record Added : DirectoryOutcome;
}

/// <summary>
/// Finds the organisation and row of something named from outside, before anything else is known: an API key, a
/// session, an invitation, a provider's id. Keyed by kind (<c>module.thing</c>, its owner's constant) and the SHA-256
/// of the name, which may be a secret.
/// </summary>
public sealed class OrgDirectory(NpgsqlDataSource database)
{
    /// <summary>The hash of a name, as UTF-8: 32 bytes.</summary>
    public static byte[] HashOf(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name));

    private const string AddSql = """
        insert into platform.directory (kind, key_hash, org_id, row_id)
        values ($1, $2, $3, $4)
        on conflict (kind, key_hash) do nothing
        """;

    private const string FindSql = """
        select key_hash, org_id, row_id
        from platform.directory
        where kind = $1
          and key_hash = any ($2)
        """;

    /// <summary>
    /// Makes a key lead to a row, in the transaction that writes the row. Waits for another transaction that is adding
    /// the same key. Adding the same row again is <see cref="DirectoryOutcome.Added"/>.
    /// </summary>
    public async Task<DirectoryOutcome> Add(
        NpgsqlTransaction transaction,
        string kind,
        byte[] keyHash,
        OrgId org,
        Guid rowId,
        CancellationToken cancellationToken)
    {
        await using var add = transaction.Sql(AddSql, kind, keyHash, org.Value, rowId);
        if (await add.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return new DirectoryOutcome.Added();
        }

        await using var find = transaction.Sql(FindSql, kind, new[] { keyHash });
        var there = (await Read(find, cancellationToken)).Values.SingleOrDefault()
            ?? throw new InvalidOperationException($"A {kind} key was removed while it was being added; try again.");
        return there == new DirectoryPlace(org, rowId)
            ? new DirectoryOutcome.Added()
            : new DirectoryOutcome.Taken(there);
    }

    /// <summary>Where a key leads.</summary>
    /// <returns>Null when it leads nowhere.</returns>
    public async Task<DirectoryPlace?> Find(string kind, byte[] keyHash, CancellationToken cancellationToken) =>
        (await Find(kind, [keyHash], cancellationToken)).Values.SingleOrDefault();

    /// <summary>Where several keys lead; one that leads nowhere is missing.</summary>
    public async Task<IReadOnlyDictionary<byte[], DirectoryPlace>> Find(
        string kind, IReadOnlyCollection<byte[]> keyHashes, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, kind, keyHashes.ToArray());
        return await Read(command, cancellationToken);
    }

    private const string RemoveSql = """
        delete from platform.directory
        where kind = $1
          and key_hash = $2
        """;

    /// <summary>Makes a key lead nowhere, in the transaction that ends what it led to.</summary>
    /// <returns>False when it led nowhere already.</returns>
    public async Task<bool> Remove(
        NpgsqlTransaction transaction, string kind, byte[] keyHash, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(RemoveSql, kind, keyHash);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static async Task<Dictionary<byte[], DirectoryPlace>> Read(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var places = new Dictionary<byte[], DirectoryPlace>(HashComparer.Instance);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var place = new DirectoryPlace(new OrgId(reader.GetGuid(1)), reader.GetGuid(2));
            places.Add(reader.GetFieldValue<byte[]>(0), place);
        }

        return places;
    }

    private sealed class HashComparer : IEqualityComparer<byte[]>
    {
        public static readonly HashComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        // A hash's first bytes are as even as any.
        public int GetHashCode(byte[] obj) => BitConverter.ToInt32(obj);
    }
}
