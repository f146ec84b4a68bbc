using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Changes from when a key is refused. One that has ended, or was replaced, is not brought back.</summary>
internal sealed class SetKeyExpiry(NpgsqlDataSource database, IAudit audit, TimeProvider time)
{
    public async Task<SetKeyExpiryOutcome> Handle(
        OrgId owner, KeyId key, DateTimeOffset? expiresAt, string actor, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        if (InvalidInput.Of(("expires_at", expiresAt <= now ? "must lie in the future" : null)) is { } invalid)
        {
            return new SetKeyExpiryOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await KeyRows.Lock(transaction, owner, key, cancellationToken) is not { } before)
        {
            return new SetKeyExpiryOutcome.NoSuchKey();
        }

        if (!before.WorksAt(now) || before.ReplacedByKeyId is not null)
        {
            return new SetKeyExpiryOutcome.HasEnded();
        }

        var after = before with { ExpiresAt = expiresAt };
        await Update(transaction, owner, after, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                PlatformOrg.ForAudit(owner),
                actor,
                "key.expiry_set",
                key.ToString(),
                Before: AuditState.Of(before),
                After: AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SetKeyExpiryOutcome.Set(after);
    }

    private const string UpdateSql = """
        update accounts.keys
        set expires_at = $3::timestamptz
        where org_id = $1
            and key_id = $2
        """;

    private static async Task Update(
        NpgsqlTransaction transaction, OrgId owner, KeyProfile key, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UpdateSql, owner.Value, key.Id.Value, key.ExpiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
