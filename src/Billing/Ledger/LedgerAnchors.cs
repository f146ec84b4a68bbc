using System.Data;
using System.Security.Cryptography;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger.AnchorBooks;
using Quoin.Platform;

namespace Quoin.Ledger;

/// <summary>Exports the heads of all chains, signed with this installation's key.</summary>
/// <param name="database">The database.</param>
/// <param name="secrets">Keeps the key.</param>
/// <param name="time">Dates anchors.</param>
public sealed class LedgerAnchors(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    /// <summary>
    /// The public key anchors are checked with, as PEM. It stays the same as long as the installation's wrapped keys do:
    /// give it to the auditor once, on a way of its own.
    /// </summary>
    public string PublicKeyPem()
    {
        using var key = AnchorKey.Of(secrets);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    private const string DatabaseSql = """
        select system_identifier::text, current_database()::text
        from pg_control_system()
        """;

    private const string HeadsSql = """
        select org_id, transfer_count, last_transfer_id, head_hash
        from ledger.books
        order by org_id
        """;

    /// <summary>Reads all heads as of one instant and signs them. It does not verify what lies before them.</summary>
    public async Task<LedgerAnchor> Take(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var named = await ReadDatabase(transaction, cancellationToken);
        var heads = await ReadHeads(transaction, cancellationToken);
        using var key = AnchorKey.Of(secrets);
        return LedgerAnchor.Sign(Internal.Instants.ToWholeMicros(time.GetUtcNow()), named, heads, key);
    }

    private static async Task<AnchoredDatabase> ReadDatabase(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(DatabaseSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new AnchoredDatabase(reader.GetString(0), reader.GetString(1));
    }

    private static async Task<List<AnchoredHead>> ReadHeads(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(HeadsSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var heads = new List<AnchoredHead>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var count = reader.GetInt64(1);
            heads.Add(new AnchoredHead(
                new OrgId(reader.GetGuid(0)),
                count,
                count == 0 ? null : new TransferId(reader.GetGuid(2)),
                reader.GetFieldValue<byte[]>(3)));
        }

        return heads;
    }
}
