using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The audit log: append-only, one hash chain per organisation and one for the platform. Writers of one chain wait for
/// each other until they commit, so record late in a transaction. No transaction records in two chains.
/// </summary>
/// <param name="database">Connections as <c>quoin_app</c>.</param>
/// <param name="time">Dates entries.</param>
public sealed class AuditLog(NpgsqlDataSource database, TimeProvider time) : IAudit
{
    // The upsert locks the chain's head, so each writer sees the hash of the one that committed before it.
    private const string RecordSql = """
        with head as (
            insert into accounts.audit_heads as h (org_id, sequence, hash)
            values ($1, 1, sha256($2 || int8send(1::bigint) || $3))
            on conflict (org_id) do update
            set sequence = h.sequence + 1, hash = sha256(h.hash || int8send(h.sequence + 1) || $3)
            returning h.sequence, h.hash
        )
        insert into accounts.audit_log (
            org_id, sequence, recorded_at, actor, action, subject, reason, before_state, after_state, hash)
        select $1, head.sequence, $4, $5, $6, $7, $8, $9::json, $10::json, head.hash
        from head
        """;

    /// <inheritdoc />
    public async Task Record(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        var recordedAt = Instant.Now(time);
        await using var command = transaction.Sql(
            RecordSql,
            AuditChain.Of(entry.Org),
            AuditChain.Start,
            AuditChain.Digest(entry, recordedAt),
            recordedAt,
            entry.Actor,
            entry.Action,
            entry.Subject,
            entry.Reason,
            entry.Before,
            entry.After);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string HeadSql = """
        select sequence, hash
        from accounts.audit_heads
        where org_id = $1
        """;

    private const string EntriesSql = """
        select sequence, recorded_at, actor, action, subject, reason, before_state::text, after_state::text, hash
        from accounts.audit_log
        where org_id = $1
        order by sequence
        """;

    /// <summary>Recomputes a chain from its first entry.</summary>
    /// <param name="org">The organisation; null for the platform's chain.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<AuditVerdict> Verify(OrgId? org, CancellationToken cancellationToken)
    {
        // One snapshot: an entry and its head are committed together.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var (headSequence, headHash) = await Head(transaction, org, cancellationToken);
        var (sequence, hash) = (0L, AuditChain.Start);

        await using var command = transaction.Sql(EntriesSql, AuditChain.Of(org));
        command.CommandTimeout = 0;
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            sequence++;
            if (row.GetInt64(0) != sequence)
            {
                return new AuditVerdict.Broken(sequence, "The entry is missing.");
            }

            var entry = Entry(org, row);
            hash = AuditChain.Next(hash, sequence, AuditChain.Digest(entry, row.GetFieldValue<DateTimeOffset>(1)));
            if (!hash.AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(8)))
            {
                return new AuditVerdict.Broken(sequence, "The entry, or one before it, is not as it was written.");
            }
        }

        if (sequence != headSequence || !hash.AsSpan().SequenceEqual(headHash))
        {
            return new AuditVerdict.Broken(
                Math.Min(sequence, headSequence) + 1,
                $"The chain's head stands at entry {headSequence}, its last entry is {sequence}.");
        }

        return new AuditVerdict.Intact(sequence, Convert.ToHexStringLower(hash));
    }

    private static async Task<(long Sequence, byte[] Hash)> Head(
        NpgsqlTransaction transaction, OrgId? org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(HeadSql, AuditChain.Of(org));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1))
            : (0, AuditChain.Start);
    }

    private static AuditEntry Entry(OrgId? org, NpgsqlDataReader row) => new(
        org,
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        Text(row, 5),
        Text(row, 6),
        Text(row, 7));

    private static string? Text(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
