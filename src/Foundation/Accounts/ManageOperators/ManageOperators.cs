using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Lists the operator's people, gives them other roles and ends their being one. Nobody changes their own roles, whether
/// by their session or by a key they made; nobody takes what they may not do; the last admin stays.
/// </summary>
internal sealed class ManageOperators(NpgsqlDataSource database, FindKeyOrigin origins, IAudit audit)
{
    public Task<IReadOnlyList<OperatorProfile>> List(CancellationToken cancellationToken) =>
        OperatorRows.All(database, cancellationToken);

    /// <summary>Gives an operator other roles.</summary>
    public Task<ChangeOperatorOutcome> Change(
        Caller caller, UserId person, OperatorChange change, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("roles", OperatorRole.Problem(change.Roles, caller.Permissions)),
            ("reason", InputText.OptionalProblem(change.Reason, Limits.ReasonLettersMax)));
        return invalid is not null
            ? Task.FromResult<ChangeOperatorOutcome>(new ChangeOperatorOutcome.Invalid(invalid))
            : InTurn(caller, person, change.Roles, change.Reason, cancellationToken);
    }

    /// <summary>Ends somebody's being an operator.</summary>
    public Task<ChangeOperatorOutcome> Remove(
        Caller caller, UserId person, string? reason, CancellationToken cancellationToken) =>
        InvalidInput.Of(("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax))) is { } invalid
            ? Task.FromResult<ChangeOperatorOutcome>(new ChangeOperatorOutcome.Invalid(invalid))
            : InTurn(caller, person, roles: null, reason, cancellationToken);

    // Of two admins who take each other's role at once, the second finds only itself left.
    private async Task<ChangeOperatorOutcome> InTurn(
        Caller caller, UserId person, IReadOnlyList<string>? roles, string? reason, CancellationToken cancellationToken)
    {
        var origin = await origins.Handle(caller.Actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var all = await OperatorRows.LockWithOthers(transaction, person, cancellationToken);
        if (all.FirstOrDefault(one => one.Id == person) is not { } before)
        {
            return new ChangeOperatorOutcome.NoSuchOperator();
        }

        if (Decide(all, before, roles, origin, caller.Permissions) is { } end)
        {
            return end;
        }

        var after = roles is null ? null : before with { Roles = roles };
        await Write(transaction, person, roles, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                caller.Actor,
                after is null ? "operator.removed" : "operator.roles_changed",
                person.ToString(),
                reason,
                AuditState.Of(before),
                after is null ? null : AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ChangeOperatorOutcome.Done(after ?? before);
    }

    private static ChangeOperatorOutcome? Decide(
        IReadOnlyList<OperatorProfile> all,
        OperatorProfile before,
        IReadOnlyList<string>? roles,
        string origin,
        IReadOnlySet<Permission> held)
    {
        var staysAdmin = roles?.Contains(OperatorRole.Admin) == true;
        var isLastAdmin = before.Roles.Contains(OperatorRole.Admin)
            && !all.Any(other => other.Id != before.Id && other.Roles.Contains(OperatorRole.Admin));
        return origin == before.Id.ToString() ? new ChangeOperatorOutcome.IsOneself()
            : !OperatorRole.MayBeGivenBy(held, before.Roles) ? new ChangeOperatorOutcome.RolesOutOfReach(before.Roles)
            : roles is not null && before.Roles.ToHashSet().SetEquals(roles) ? new ChangeOperatorOutcome.Done(before)
            : isLastAdmin && !staysAdmin ? new ChangeOperatorOutcome.LastAdmin()
            : null;
    }

    private const string ChangeSql = """
        update accounts.operators
        set roles = $2
        where user_id = $1
        """;

    private const string RemoveSql = """
        delete from accounts.operators
        where user_id = $1
        """;

    private static async Task Write(
        NpgsqlTransaction transaction, UserId person, IReadOnlyList<string>? roles, CancellationToken cancellationToken)
    {
        await using var command = roles is null
            ? transaction.Sql(RemoveSql, person.Value)
            : transaction.Sql(ChangeSql, person.Value, roles.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
