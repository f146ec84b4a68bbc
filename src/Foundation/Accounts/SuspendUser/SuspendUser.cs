using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Shuts a person out and lets them in again. Their sessions end; their devices' keys are refused meanwhile.</summary>
internal sealed class SuspendUser(NpgsqlDataSource database, EndSessions ending, IAudit audit)
{
    private const string TurnSql = """
        update accounts.users
        set state = $2
        where user_id = $1
            and state in ('active', 'suspended')
        """;

    public async Task<SuspendUserOutcome> Handle(
        UserId user, bool suspended, string? reason, string actor, CancellationToken cancellationToken)
    {
        if (InvalidInput.Of(("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax))) is { } invalid)
        {
            return new SuspendUserOutcome.Invalid(invalid);
        }

        if (actor == user.ToString())
        {
            return new SuspendUserOutcome.IsOneself();
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await UserRows.Find(transaction, user, cancellationToken) is not { } before)
        {
            return new SuspendUserOutcome.NoSuchUser();
        }

        var after = before with { State = suspended ? UserState.Suspended : UserState.Active };
        if (before.State == after.State)
        {
            return new SuspendUserOutcome.Done(before);
        }

        await using (var turn = transaction.Sql(TurnSql, user.Value, StoredWord.Of(after.State)))
        {
            if (await turn.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return new SuspendUserOutcome.NoSuchUser();
            }
        }

        var ended = suspended
            ? await ending.Handle(transaction, user, only: null, except: null, cancellationToken)
            : [];
        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                actor,
                suspended ? "user.suspended" : "user.reinstated",
                user.ToString(),
                reason,
                AuditState.Of(new { before.State }),
                AuditState.Of(new { after.State })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        ending.Forget(ended);
        return new SuspendUserOutcome.Done(after);
    }
}
