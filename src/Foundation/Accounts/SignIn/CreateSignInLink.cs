using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Makes sign-in links for operators.</summary>
internal sealed class CreateSignInLink(
    NpgsqlDataSource database, SecretHasher hasher, IAudit audit, IdSource ids, TimeProvider time)
{
    public async Task<CreateSignInLinkOutcome> Handle(string email, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await OperatorRows.Find(transaction, email, cancellationToken) is not { } person)
        {
            return new CreateSignInLinkOutcome.NoSuchOperator();
        }

        var token = SecretText.Create(SecretText.SignInToken);
        var link = ids.Next<SignInLinkId>();
        var now = Instant.Now(time);
        var expiresAt = now + Limits.SignInLinkLifetime;
        await Insert(transaction, link, person.Id, hasher.Hash(token), actor, now, expiresAt, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                actor,
                "sign_in_link.created",
                link.ToString(),
                After: AuditState.Of(new { UserId = person.Id, ExpiresAt = expiresAt })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateSignInLinkOutcome.Created($"{RedirectsToSignIn.Path}?token={token}", expiresAt);
    }

    private const string InsertSql = """
        insert into accounts.sign_in_links (link_id, user_id, secret_hash, created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        """;

    private static async Task Insert(
        NpgsqlTransaction transaction,
        SignInLinkId link,
        UserId user,
        SecretHash hash,
        string actor,
        DateTimeOffset now,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql, link.Value, user.Value, hash.ToBytes(), actor, now, expiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
