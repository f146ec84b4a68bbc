using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Makes a person an operator, and a user first where they are none.</summary>
internal sealed class CreateOperator(NpgsqlDataSource database, IAudit audit, IdSource ids, TimeProvider time)
{
    public async Task<CreateOperatorOutcome> Handle(
        string email, IReadOnlyList<string> roles, string actor, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("email", EmailAddress.Problem(email)),
            ("roles", OperatorRole.Problem(roles)));
        if (invalid is not null)
        {
            return new CreateOperatorOutcome.Invalid(invalid);
        }

        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var user = await FindOrInsertUser(transaction, email, now, cancellationToken);
        if (await OperatorRows.Find(transaction, email, cancellationToken) is { } existing)
        {
            return new CreateOperatorOutcome.AlreadyOperator(existing);
        }

        var created = new OperatorProfile(user, email, roles, now);
        await Insert(transaction, created, actor, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(null, actor, "operator.created", created.Id.ToString(), After: AuditState.Of(created)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateOperatorOutcome.Created(created);
    }

    // The update that changes nothing locks the row, so that two who create the same person wait for each other.
    private const string UserSql = """
        insert into accounts.users as u (user_id, email, email_folded, created_at)
        values ($1, $2, $3, $4)
        on conflict (email_folded) do update
        set email_folded = u.email_folded
        returning user_id
        """;

    private async Task<UserId> FindOrInsertUser(
        NpgsqlTransaction transaction, string email, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UserSql, ids.Next(), email, EmailAddress.Folded(email), now);
        return new UserId((Guid)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private const string InsertSql = """
        insert into accounts.operators (user_id, roles, created_by, created_at)
        values ($1, $2, $3, $4)
        """;

    private static async Task Insert(
        NpgsqlTransaction transaction, OperatorProfile created, string actor, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql, created.Id.Value, created.Roles.ToArray(), actor, created.CreatedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
