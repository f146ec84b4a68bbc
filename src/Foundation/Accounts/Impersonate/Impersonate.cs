using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Lets an operator's session act in a person's stead, and be itself again.</summary>
internal sealed class Impersonate(
    NpgsqlDataSource database,
    SessionCookie cookie,
    SessionLookup sessions,
    EndImpersonations ending,
    IAudit audit,
    TimeProvider time)
{
    /// <summary><c>POST /v1/impersonation</c>.</summary>
    public static async Task<Results<Ok<ImpersonationProfile>, Problem>> StartEndpoint(
        NewImpersonation body, Impersonate handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Start(context, body, cancellationToken) switch
        {
            ImpersonationOutcome.Started(var begun) => TypedResults.Ok(begun),
            ImpersonationOutcome.Invalid(var input) => AccountsProblems.Of(input),
            ImpersonationOutcome.NoSuchMember => new Problem(
                PlatformProblems.NotFound, $"{body.UserId} does not belong to {body.OrganisationId}, or is shut out."),
            ImpersonationOutcome.IsOperator => new Problem(
                AccountsProblems.CannotImpersonate, $"{body.UserId} is an operator."),
            _ => new Problem(AccountsProblems.SessionNeeded, "Only somebody signed in to the console does this."),
        };

    /// <summary><c>DELETE /v1/impersonation</c>.</summary>
    public static async Task<Results<NoContent, Problem>> StopEndpoint(
        Impersonate handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Stop(context, cancellationToken) is ImpersonationOutcome.Stopped
            ? TypedResults.NoContent()
            : new Problem(AccountsProblems.SessionNeeded, "This session acts in nobody's stead.");

    public async Task<ImpersonationOutcome> Start(
        HttpContext context, NewImpersonation request, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (caller.Realm != Realm.Operator
            || !Id.TryParse<UserId>(caller.Actor, out _)
            || cookie.Read(context.Request) is not { } session)
        {
            return new ImpersonationOutcome.NoSession();
        }

        if (InvalidInput.Of(("reason", InputText.Problem(request.Reason, Limits.ReasonLettersMax))) is { } invalid)
        {
            return new ImpersonationOutcome.Invalid(invalid);
        }

        // An earlier one may be over, as the person left or its time is up, and not be recorded yet.
        await ending.End(session, "system", cancellationToken);
        var expiresAt = Instant.Now(time) + Limits.ImpersonationLifetime;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        switch (await IsOperator(transaction, request, cancellationToken))
        {
            case null:
                return new ImpersonationOutcome.NoSuchMember();
            case true:
                return new ImpersonationOutcome.IsOperator();
            default:
                break;
        }

        var begun = new ImpersonationProfile(request.UserId, request.OrganisationId, expiresAt);
        await Set(transaction, session, begun, request.Reason, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                request.OrganisationId,
                caller.Actor,
                "impersonation.started",
                request.UserId.ToString(),
                request.Reason,
                After: AuditState.Of(begun)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        sessions.Forget(session);
        return new ImpersonationOutcome.Started(begun);
    }

    public async Task<ImpersonationOutcome> Stop(HttpContext context, CancellationToken cancellationToken) =>
        cookie.Read(context.Request) is { } session && await ending.End(session, actor: null, cancellationToken)
            ? new ImpersonationOutcome.Stopped()
            : new ImpersonationOutcome.NoSession();

    private const string MemberSql = """
        select o.user_id is not null
        from accounts.members m
        join accounts.users u using (user_id)
        left join accounts.operators o using (user_id)
        where m.org_id = $1
            and m.user_id = $2
            and u.state = 'active'
        """;

    private static async Task<bool?> IsOperator(
        NpgsqlTransaction transaction, NewImpersonation request, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(MemberSql, request.OrganisationId.Value, request.UserId.Value);
        return (bool?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private const string SetSql = """
        update accounts.sessions
        set impersonated_user_id = $2, impersonated_org_id = $3, impersonation_reason = $4, impersonation_expires_at = $5
        where session_id = $1
        """;

    private static async Task Set(
        NpgsqlTransaction transaction,
        SignInSessionId session,
        ImpersonationProfile begun,
        string reason,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            SetSql, session.Value, begun.UserId.Value, begun.OrganisationId.Value, reason, begun.ExpiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
