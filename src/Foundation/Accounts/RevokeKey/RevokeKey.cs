using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which key to revoke.</summary>
/// <param name="Id">The key.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record RevokeKeyRequest(KeyId Id, string? Reason = null);

/// <summary>Revokes keys. A revoked key stays in the list, so that what it did keeps a name.</summary>
internal sealed class RevokeKey(NpgsqlDataSource database, IAudit audit, TimeProvider time)
{
    /// <summary><c>DELETE /v1/keys/{id}</c>.</summary>
    public static Task<Results<Ok<KeyProfile>, Problem>> Endpoint(
        Parameters<RevokeKeyRequest> parameters,
        RevokeKey handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(context.Caller().RequiredOrg, parameters.Value, handler, context, cancellationToken);

    /// <summary><c>DELETE /v1/operator-keys/{id}</c>.</summary>
    public static Task<Results<Ok<KeyProfile>, Problem>> OperatorEndpoint(
        Parameters<RevokeKeyRequest> parameters,
        RevokeKey handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(PlatformOrg.Id, parameters.Value, handler, context, cancellationToken);

    public async Task<RevokeKeyOutcome> Handle(
        OrgId owner, RevokeKeyRequest request, string actor, CancellationToken cancellationToken)
    {
        var reasonProblem = InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax);
        if (InvalidInput.Of(("reason", reasonProblem)) is { } invalid)
        {
            return new RevokeKeyOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await KeyRows.Lock(transaction, owner, request.Id, cancellationToken) is not { } before)
        {
            return new RevokeKeyOutcome.NoSuchKey();
        }

        if (before.RevokedAt is not null)
        {
            return new RevokeKeyOutcome.Revoked(before);
        }

        var after = before with { RevokedBy = actor, RevokedAt = Instant.Now(time) };
        await Update(transaction, owner, after, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                PlatformOrg.ForAudit(owner),
                actor,
                "key.revoked",
                request.Id.ToString(),
                request.Reason,
                AuditState.Of(before),
                AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RevokeKeyOutcome.Revoked(after);
    }

    private static async Task<Results<Ok<KeyProfile>, Problem>> Answer(
        OrgId owner,
        RevokeKeyRequest request,
        RevokeKey handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var outcome = await handler.Handle(owner, request, context.Caller().Actor, cancellationToken);
        return outcome switch
        {
            RevokeKeyOutcome.Revoked(var key) => TypedResults.Ok(key),
            RevokeKeyOutcome.NoSuchKey => new Problem(PlatformProblems.NotFound, $"There is no key {request.Id} here."),
            RevokeKeyOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private const string UpdateSql = """
        update accounts.keys
        set revoked_by = $3, revoked_at = $4
        where org_id = $1
            and key_id = $2
        """;

    private static async Task Update(
        NpgsqlTransaction transaction, OrgId owner, KeyProfile key, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UpdateSql, owner.Value, key.Id.Value, key.RevokedBy, key.RevokedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
