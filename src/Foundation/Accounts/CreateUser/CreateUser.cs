using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Makes a person known.</summary>
internal sealed class CreateUser(IAudit audit, IdSource ids, TimeProvider time)
{
    // Of two who come with one address at the same time, the second waits for the first and then finds it taken.
    private const string InsertSql = """
        insert into accounts.users (user_id, name, email, email_folded, email_verified_at, password_hash,
            password_changed_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (email_folded) do nothing
        """;

    public async Task<CreateUserOutcome> Handle(
        NpgsqlTransaction transaction, NewUser request, string? actor, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("name", InputText.OptionalProblem(request.Name, Limits.NameLettersMax)),
            ("email", request.Email is null ? null : EmailAddress.Problem(request.Email)));
        if (invalid is not null)
        {
            return new CreateUserOutcome.Invalid(invalid);
        }

        var now = Instant.Now(time);
        var user = new UserProfile(
            ids.Next<UserId>(),
            request.Name,
            request.Email,
            request is { EmailIsVerified: true, Email: not null } ? now : null,
            request.PasswordHash is not null,
            HasSecondFactor: false,
            UserState.Active,
            now);
        if (!await Insert(transaction, user, request.PasswordHash, cancellationToken))
        {
            var taker = await UserRows.FindByEmail(transaction, request.Email!, cancellationToken);
            return new CreateUserOutcome.AddressTaken(taker!);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null, actor ?? user.Id.ToString(), "user.created", user.Id.ToString(), After: AuditState.Of(user)),
            cancellationToken);
        return new CreateUserOutcome.Created(user);
    }

    private static async Task<bool> Insert(
        NpgsqlTransaction transaction, UserProfile user, string? passwordHash, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            user.Id.Value,
            user.Name,
            user.Email,
            user.Email is null ? null : EmailAddress.Folded(user.Email),
            user.EmailVerifiedAt,
            passwordHash,
            passwordHash is null ? null : user.CreatedAt,
            user.CreatedAt);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
