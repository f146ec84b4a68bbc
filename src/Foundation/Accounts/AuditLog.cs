using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The audit log: append-only, one hash chain per organisation and one for the platform. Writers of one chain wait for
/// each other until they commit, so record late in a transaction. No transaction records in two chains, but
/// one that makes an organisation: its chain is new, so nobody can be waiting for it.
/// </summary>
/// <param name="database">Connections as <c>quoin_app</c>.</param>
/// <param name="time">Dates entries.</param>
/// <param name="requests">Tells whether an act happens in an impersonated session.</param>
public sealed class AuditLog(NpgsqlDataSource database, TimeProvider time, IHttpContextAccessor requests) : IAudit
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
            org_id, sequence, recorded_at, actor, action, subject, reason, before_state, after_state, impersonator, hash)
        select $1, head.sequence, $4, $5, $6, $7, $8, $9::json, $10::json, $11, head.hash
        from head
        """;

    /// <inheritdoc />
    public async Task Record(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        var recordedAt = Instant.Now(time);
        entry = entry with { Impersonator = entry.Impersonator ?? ImpersonatorOf(entry.Actor) };
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
            entry.After,
            entry.Impersonator);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Work that is gathered from many requests may run in the context of one of them: only its own caller's acts count.
    private string? ImpersonatorOf(string actor) =>
        requests.HttpContext?.FindCaller() is { Impersonator: { } impersonator } caller && caller.Actor == actor
            ? impersonator
            : null;

    private const string HeadSql = """
        select sequence, hash
        from accounts.audit_heads
        where org_id = $1
        """;

    private const string EntriesSql = """
        select sequence, recorded_at, actor, action, subject, reason, before_state::text, after_state::text, hash,
            impersonator
        from accounts.audit_log
        where org_id = $1
            and sequence > $2
        order by sequence
        """;

    /// <summary>Recomputes a chain from its first entry.</summary>
    /// <param name="org">The organisation; null for the platform's chain.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<AuditVerdict> Verify(OrgId? org, CancellationToken cancellationToken) =>
        (await Verify(org, long.MaxValue, cancellationToken)).Verdict;

    /// <summary>Recomputes the newest entries of a chain: enough to show beside them, whatever its length.</summary>
    /// <param name="org">The organisation; null for the platform's chain.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<AuditVerification> VerifyNewest(OrgId? org, CancellationToken cancellationToken)
    {
        var (from, verdict) = await Verify(org, Limits.AuditVerifiedAtOnce, cancellationToken);
        return verdict switch
        {
            AuditVerdict.Intact(var entries, var head) => new AuditVerification(from, entries, head, null, null),
            AuditVerdict.Broken(var sequence, var why) => new AuditVerification(from, sequence - 1, null, sequence, why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task<(long From, AuditVerdict Verdict)> Verify(
        OrgId? org, long entriesMax, CancellationToken cancellationToken)
    {
        // One snapshot: an entry and its head are committed together.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var (headSequence, headHash) = await Head(transaction, org, cancellationToken);
        var start = Math.Max(0, headSequence - entriesMax);
        var (sequence, hash) = (start, await HashAt(transaction, org, start, cancellationToken));
        if (hash is null)
        {
            return (start + 1, new AuditVerdict.Broken(start, "The entry is missing."));
        }

        await using var command = transaction.Sql(EntriesSql, AuditChain.Of(org), start);
        command.CommandTimeout = 0;
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            sequence++;
            if (row.GetInt64(0) != sequence)
            {
                return (start + 1, new AuditVerdict.Broken(sequence, "The entry is missing."));
            }

            var entry = Entry(org, row);
            hash = AuditChain.Next(hash, sequence, AuditChain.Digest(entry, row.GetFieldValue<DateTimeOffset>(1)));
            if (!hash.AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(8)))
            {
                return (
                    start + 1,
                    new AuditVerdict.Broken(sequence, "The entry, or one before it, is not as it was written."));
            }
        }

        AuditVerdict verdict = sequence == headSequence && hash.AsSpan().SequenceEqual(headHash)
            ? new AuditVerdict.Intact(sequence, Convert.ToHexStringLower(hash))
            : new AuditVerdict.Broken(
                Math.Min(sequence, headSequence) + 1,
                $"The chain's head stands at entry {headSequence}, its last entry is {sequence}.");
        return (start + 1, verdict);
    }

    private const string HashSql = """
        select hash
        from accounts.audit_log
        where org_id = $1
            and sequence = $2
        """;

    private static async Task<byte[]?> HashAt(
        NpgsqlTransaction transaction, OrgId? org, long sequence, CancellationToken cancellationToken)
    {
        if (sequence == 0)
        {
            return AuditChain.Start;
        }

        await using var command = transaction.Sql(HashSql, AuditChain.Of(org), sequence);
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken);
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
        Text(row, 7))
    {
        Impersonator = Text(row, 9),
    };

    private static string? Text(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
