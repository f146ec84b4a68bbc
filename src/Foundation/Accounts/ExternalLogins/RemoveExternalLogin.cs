using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which external login.</summary>
/// <param name="Id">Its id.</param>
internal sealed record ExternalLoginRequest(ExternalLoginId Id);

/// <summary>The other services a person signs in with, oldest first.</summary>
/// <param name="Data">The services.</param>
internal sealed record ExternalLoginList(IReadOnlyList<ExternalLoginProfile> Data);

/// <summary>Lists the other services a person signs in with, and takes one from them.</summary>
internal sealed class RemoveExternalLogin(NpgsqlDataSource database, IAudit audit, SecurityNotices notices)
{
    /// <summary><c>GET /v1/me/external-logins</c>.</summary>
    public static async Task<Ok<ExternalLoginList>> ListEndpoint(
        RemoveExternalLogin handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ExternalLoginList(await handler.List(context.Caller().Person(), cancellationToken)));

    /// <summary><c>DELETE /v1/me/external-logins/{id}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Endpoint(
        Parameters<ExternalLoginRequest> parameters,
        RemoveExternalLogin handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var outcome = await handler.Handle(context.Caller().Person(), parameters.Value.Id, cancellationToken);
        return outcome switch
        {
            RemoveWayInOutcome.Removed => TypedResults.NoContent(),
            RemoveWayInOutcome.LastWayIn => new Problem(
                ProofProblems.LastWayIn, "Without this service nobody could sign in to this account."),
            RemoveWayInOutcome.NotTheirs => new Problem(PlatformProblems.NotFound, "You have no such login."),
            _ => throw new UnreachableException(),
        };
    }

    public Task<IReadOnlyList<ExternalLoginProfile>> List(UserId user, CancellationToken cancellationToken) =>
        ExternalLoginRows.List(database, user, cancellationToken);

    private const string DeleteSql = """
        delete from accounts.external_logins
        where login_id = $1
            and user_id = $2
        returning issuer, subject
        """;

    public async Task<RemoveWayInOutcome> Handle(UserId user, ExternalLoginId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ways = await WaysIn.Count(transaction, user, cancellationToken);
        string issuer, subject;
        await using (var delete = transaction.Sql(DeleteSql, id.Value, user.Value))
        {
            await using var row = await delete.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken))
            {
                return RemoveWayInOutcome.NotTheirs;
            }

            (issuer, subject) = (row.GetString(0), row.GetString(1));
        }

        if (ways <= 1)
        {
            return RemoveWayInOutcome.LastWayIn;
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "external_login.removed",
                id.ToString(),
                Before: AuditState.Of(new { UserId = user, Issuer = issuer, Subject = subject })),
            cancellationToken);
        await notices.WayInRemoved(transaction, user, $"your account at {issuer}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        notices.Hint();
        return RemoveWayInOutcome.Removed;
    }
}
