using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Creates keys of organisations and of the operator.</summary>
internal sealed class CreateKey(
    NpgsqlDataSource database,
    OrganisationReader organisations,
    SecretHasher hasher,
    OrgDirectory directory,
    IAudit audit,
    IdSource ids,
    TimeProvider time)
{
    /// <summary><c>POST /v1/keys</c>.</summary>
    public static async Task<Results<Created<CreatedKey>, Problem>> Endpoint(
        NewKey body, CreateKey handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.ForOrganisation(
            caller.RequiredOrg, body, caller.Actor, context.IdempotentRequest(), cancellationToken);
        return Answer(outcome, context);
    }

    /// <summary><c>POST /v1/operator-keys</c>.</summary>
    public static async Task<Results<Created<CreatedKey>, Problem>> OperatorEndpoint(
        NewOperatorKey body, CreateKey handler, HttpContext context, CancellationToken cancellationToken)
    {
        var outcome = await handler.ForOperator(
            body, context.Caller().Actor, context.IdempotentRequest(), cancellationToken);
        return Answer(outcome, context);
    }

    public async Task<CreateKeyOutcome> ForOrganisation(
        OrgId org, NewKey request, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        if (Check(request.Label, request.ExpiresAt, request.Reason, null) is { } invalid)
        {
            return new CreateKeyOutcome.Invalid(invalid);
        }

        if (await organisations.Find(org, cancellationToken) is not { } organisation)
        {
            return new CreateKeyOutcome.NoSuchOrganisation();
        }

        var prefix = organisation.Mode == OrganisationMode.Live ? SecretText.LiveKey : SecretText.TestKey;
        return await Create(org, prefix, request, null, actor, idempotent, cancellationToken);
    }

    public async Task<CreateKeyOutcome> ForOperator(
        NewOperatorKey request, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        if (Check(request.Label, request.ExpiresAt, request.Reason, OperatorRole.Problem(request.Roles)) is { } invalid)
        {
            return new CreateKeyOutcome.Invalid(invalid);
        }

        var key = new NewKey(request.Label, request.ExpiresAt, request.Reason);
        return await Create(
            PlatformOrg.Id, SecretText.OperatorKey, key, request.Roles, actor, idempotent, cancellationToken);
    }

    private static Results<Created<CreatedKey>, Problem> Answer(CreateKeyOutcome outcome, HttpContext context)
    {
        // The one answer that holds a secret: no cache between here and its owner may keep it.
        context.Response.Headers.CacheControl = "no-store";
        return outcome switch
        {
            CreateKeyOutcome.Created(var key) => TypedResults.Created((string?)null, key),
            CreateKeyOutcome.NoSuchOrganisation => AccountsProblems.NoSuchOrganisation(context.Caller().RequiredOrg),
            CreateKeyOutcome.TooManyKeys => new Problem(
                AccountsProblems.TooManyKeys, $"There are already {Limits.KeysInUseMax} keys in use."),
            CreateKeyOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private InvalidInput? Check(string label, DateTimeOffset? expiresAt, string? reason, string? rolesProblem) =>
        InvalidInput.Of(
            ("label", InputText.Problem(label, Limits.NameLettersMax)),
            ("roles", rolesProblem),
            ("expires_at", expiresAt <= time.GetUtcNow() ? "must lie in the future" : null),
            ("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax)));

    private async Task<CreateKeyOutcome> Create(
        OrgId owner,
        string prefix,
        NewKey request,
        IReadOnlyList<string>? roles,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var secret = SecretText.Create(prefix);
        var key = new KeyProfile(
            ids.Next<KeyId>(),
            prefix,
            secret[^4..],
            request.Label,
            roles,
            actor,
            Instant.Now(time),
            request.ExpiresAt,
            RevokedBy: null,
            RevokedAt: null,
            LastUsedAt: null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await InUse(transaction, owner, cancellationToken) >= Limits.KeysInUseMax)
        {
            return new CreateKeyOutcome.TooManyKeys();
        }

        var hash = hasher.Hash(secret).ToBytes();
        await Insert(transaction, owner, key, hash, cancellationToken);
        await directory.Add(transaction, DirectoryKinds.Key, hash, owner, key.Id.Value, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                PlatformOrg.ForAudit(owner),
                actor,
                "key.created",
                key.Id.ToString(),
                request.Reason,
                After: AuditState.Of(key)),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateKeyOutcome.Created(new CreatedKey(key, secret));
    }

    // Two at the same moment may both pass; the limit keeps lists readable and guards nothing else.
    private const string InUseSql = """
        select count(*)
        from accounts.keys
        where org_id = $1
            and revoked_at is null
        """;

    private static async Task<long> InUse(
        NpgsqlTransaction transaction, OrgId owner, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(InUseSql, owner.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string InsertSql = """
        insert into accounts.keys (
            org_id, key_id, secret_hash, prefix, last_four, label, roles, created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    private static async Task Insert(
        NpgsqlTransaction transaction, OrgId owner, KeyProfile key, byte[] hash, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            owner.Value,
            key.Id.Value,
            hash,
            key.Prefix,
            key.LastFour,
            key.Label,
            key.Roles?.ToArray(),
            key.CreatedBy,
            key.CreatedAt,
            key.ExpiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
