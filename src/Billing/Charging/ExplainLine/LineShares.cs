using System.Buffers.Text;
using System.Security.Cryptography;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>
/// Links to explanations. The secret text in a link names the share, sealed with a key of its own purpose: nobody makes
/// or changes one, and it opens nothing else. The row says when it ends, and may end it any time.
/// </summary>
internal sealed class LineShares(NpgsqlDataSource database, Secrets secrets, TimeProvider time, IdSource ids, IAudit audit)
{
    private const string Purpose = "charging.line_share";
    private const int IdBytes = 16;
    private const int TokenLettersMax = 400;

    private const string AddSql = """
        insert into charging.line_shares (org_id, share_id, line_id, created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        """;

    public async Task<(LineShare Share, string Token)> Create(
        OrgId org,
        RatedLineId line,
        TimeSpan lasts,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var share = new LineShare(ids.Next<LineShareId>(), line, actor, now, now + lasts, null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = transaction.Sql(
            AddSql, org.Value, share.Id.Value, line.Value, actor, share.CreatedAt, share.ExpiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await audit.Record(
            transaction, new AuditEntry(org, actor, "line_share.created", share.Id.ToString(), After: $"\"{line}\""), cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (share, TokenOf(org, share.Id));
    }

    private const string RevokeSql = """
        update charging.line_shares
        set revoked_at = $3
        where org_id = $1
            and share_id = $2
            and revoked_at is null
        """;

    public async Task<bool> Revoke(OrgId org, LineShareId share, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = transaction.Sql(RevokeSql, org.Value, share.Value, Instant.Now(time));
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return false;
        }

        await audit.Record(transaction, new AuditEntry(org, actor, "line_share.revoked", share.ToString()), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private const string OfSql = """
        select share_id, line_id, created_by, created_at, expires_at, revoked_at
        from charging.line_shares
        where org_id = $1
            and line_id = $2
        order by share_id desc
        limit $3
        """;

    public async Task<IReadOnlyList<LineShare>> Of(OrgId org, RatedLineId line, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OfSql, org.Value, line.Value, Limits.SharesShownMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<LineShare>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Read(reader));
        }

        return found;
    }

    private const string OneSql = """
        select share_id, line_id, created_by, created_at, expires_at, revoked_at
        from charging.line_shares
        where org_id = $1
            and share_id = $2
        """;

    public async Task<OpenShareOutcome> Open(string token, CancellationToken cancellationToken)
    {
        if (Named(token) is not var (org, id))
        {
            return new OpenShareOutcome.NotFound();
        }

        await using var command = database.Sql(OneSql, org.Value, id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return new OpenShareOutcome.NotFound();
        }

        var share = Read(reader);
        var end = share.RevokedAt is { } revoked && revoked < share.ExpiresAt ? revoked : share.ExpiresAt;
        return end <= time.GetUtcNow() ? new OpenShareOutcome.Ended(end) : new OpenShareOutcome.Opened(org, share);
    }

    private string TokenOf(OrgId org, LineShareId share)
    {
        Span<byte> named = stackalloc byte[2 * IdBytes];
        org.Value.TryWriteBytes(named, bigEndian: true, out _);
        share.Value.TryWriteBytes(named[IdBytes..], bigEndian: true, out _);
        return Base64Url.EncodeToString(secrets.Protect(Purpose, named));
    }

    private (OrgId Org, LineShareId Share)? Named(string token)
    {
        if (token.Length > TokenLettersMax || !Base64Url.IsValid(token))
        {
            return null;
        }

        try
        {
            var named = secrets.Unprotect(Purpose, Base64Url.DecodeFromChars(token));
            return named.Length == 2 * IdBytes
                ? (new OrgId(new Guid(named.AsSpan(0, IdBytes), bigEndian: true)),
                    new LineShareId(new Guid(named.AsSpan(IdBytes), bigEndian: true)))
                : null;
        }
        catch (CryptographicException)
        {
            // Made up, cut or changed: not a link of ours.
            return null;
        }
    }

    private static LineShare Read(NpgsqlDataReader reader) => new(
        new LineShareId(reader.GetGuid(0)),
        new RatedLineId(reader.GetGuid(1)),
        reader.GetString(2),
        reader.GetFieldValue<DateTimeOffset>(3),
        reader.GetFieldValue<DateTimeOffset>(4),
        reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5));
}
