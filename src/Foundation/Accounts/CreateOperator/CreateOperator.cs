using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Makes a person an operator, and a user first where they are none. An address alone says who is meant, so it has to be
/// theirs: somebody who comes in by other ways and only claims it is refused.
/// </summary>
internal sealed class CreateOperator(
    NpgsqlDataSource database, FindKeyOrigin origins, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <param name="request">Who, as what.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="held">What they may do themselves: nobody gives more. Null for the command line, which may all.</param>
    /// <param name="idempotent">The request, to be answered the same again.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public async Task<CreateOperatorOutcome> Handle(
        NewOperator request,
        string actor,
        IReadOnlySet<Permission>? held,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("email", EmailAddress.Problem(request.Email)),
            ("roles", OperatorRole.Problem(request.Roles, held)),
            ("reason", InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax)));
        if (invalid is not null)
        {
            return new CreateOperatorOutcome.Invalid(invalid);
        }

        var now = Instant.Now(time);
        var origin = await origins.Handle(actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (user, isClaimed) = await FindOrInsertUser(transaction, request.Email, now, cancellationToken);
        if (await OperatorRows.Find(transaction, request.Email, cancellationToken) is { } existing)
        {
            return new CreateOperatorOutcome.AlreadyOperator(existing);
        }

        if (origin == user.ToString())
        {
            return new CreateOperatorOutcome.IsOneself();
        }

        if (isClaimed)
        {
            return new CreateOperatorOutcome.AddressNotProved();
        }

        var created = new OperatorProfile(user, request.Email, request.Roles, now);
        await Insert(transaction, created, actor, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                null, actor, "operator.created", created.Id.ToString(), request.Reason, After: AuditState.Of(created)),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateOperatorOutcome.Created(created);
    }

    // The update that changes nothing locks the row, so that two who create the same person wait for each other.
    private const string UserSql = """
        insert into accounts.users as u (user_id, email, email_folded, created_at)
        values ($1, $2, $3, $4)
        on conflict (email_folded) do update
        set email_folded = u.email_folded
        returning user_id, email_verified_at is null and (
            password_hash is not null
            or exists (select 1 from accounts.passkeys p where p.user_id = u.user_id)
            or exists (select 1 from accounts.wallets w where w.user_id = u.user_id)
            or exists (select 1 from accounts.external_logins l where l.user_id = u.user_id))
        """;

    private async Task<(UserId User, bool IsClaimed)> FindOrInsertUser(
        NpgsqlTransaction transaction, string email, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UserSql, ids.Next(), email, EmailAddress.Folded(email), now);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (new UserId(row.GetGuid(0)), row.GetBoolean(1));
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
