using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Begins a person's deletion, at their own wish: every session ends, their devices' keys are refused, and so is what acts
/// in their personal organisation. Signing in within the grace period takes it all back.
/// </summary>
internal sealed class DeletePerson(
    NpgsqlDataSource database,
    EndSessions ending,
    EmailTokens tokens,
    PersonalOrganisations personal,
    IAudit audit,
    IMails mails,
    TimeProvider time)
{
    private const string IsOperatorSql = "select exists (select from accounts.operators where user_id = $1)";

    // The organisations' rows are what everybody takes who changes their owners; in the order of ids, as two people may go
    // at once.
    private const string OwnedSql = """
        select o.org_id, o.name
        from accounts.members m
        join accounts.organisations o using (org_id)
        where m.user_id = $1
            and m.role = 'owner'
            and o.kind = 'team'
            and o.state = 'active'
        order by o.org_id
        for no key update of o
        """;

    private const string WithOthersSql = """
        select distinct m.org_id
        from accounts.members m
        join accounts.users u using (user_id)
        where m.org_id = any($1)
            and m.user_id <> $2
            and m.role = 'owner'
            and u.state = 'active'
        """;

    private const string BeginSql = """
        update accounts.users
        set state = 'deleting', deletes_at = $2
        where user_id = $1
            and state = 'active'
        returning email
        """;

    public async Task<DeletePersonOutcome> Handle(UserId user, CancellationToken cancellationToken)
    {
        var deletesAt = Instant.Now(time) + Limits.PersonDeletionGrace;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var find = transaction.Sql(IsOperatorSql, user.Value))
        {
            if (await find.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new DeletePersonOutcome.IsOperator();
            }
        }

        if (await OwnedAlone(transaction, user, cancellationToken) is { Count: > 0 } alone)
        {
            return new DeletePersonOutcome.SoleOwner(alone);
        }

        await using (var begin = transaction.Sql(BeginSql, user.Value, deletesAt))
        {
            await using var row = await begin.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken))
            {
                throw new InvalidOperationException($"{user} has a session and is not active.");
            }
        }

        var ended = await ending.Handle(transaction, user, only: null, except: null, cancellationToken);
        await tokens.VoidAll(transaction, user, cancellationToken);
        await Tell(transaction, user, deletesAt, ended.Count, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        ending.Forget(ended);
        mails.Hint();
        await personal.Follow(user, cancellationToken);
        return new DeletePersonOutcome.Begun(deletesAt);
    }

    private async Task Tell(
        NpgsqlTransaction transaction,
        UserId user,
        DateTimeOffset deletesAt,
        int sessionsEnded,
        CancellationToken cancellationToken)
    {
        var person = await UserRows.Find(transaction, user, cancellationToken);
        if (person?.Email is { } email)
        {
            await mails.Send(transaction, PeopleMails.DeletionAsked(email, deletesAt), cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "user.deletion_asked",
                user.ToString(),
                After: AuditState.Of(new { DeletesAt = deletesAt, SessionsEnded = sessionsEnded })),
            cancellationToken);
    }

    private static async Task<IReadOnlyList<OwnedAlone>> OwnedAlone(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        var owned = new List<OwnedAlone>();
        await using (var find = transaction.Sql(OwnedSql, user.Value))
        {
            await using var row = await find.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                owned.Add(new OwnedAlone(new OrgId(row.GetGuid(0)), row.GetString(1)));
            }
        }

        var withOthers = new HashSet<OrgId>();
        await using (var find = transaction.Sql(
            WithOthersSql, owned.Select(one => one.Id.Value).ToArray(), user.Value))
        {
            await using var row = await find.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                withOthers.Add(new OrgId(row.GetGuid(0)));
            }
        }

        return [.. owned.Where(one => !withOthers.Contains(one.Id))];
    }
}
