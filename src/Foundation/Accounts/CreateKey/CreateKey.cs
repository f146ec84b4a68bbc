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
            caller.RequiredOrg, body, caller.Actor, caller.Permissions, context.IdempotentRequest(), cancellationToken);
        return Answer(outcome, context);
    }

    /// <summary><c>POST /v1/operator-keys</c>.</summary>
    public static async Task<Results<Created<CreatedKey>, Problem>> OperatorEndpoint(
        NewOperatorKey body, CreateKey handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.ForOperator(
            body, caller.Actor, caller.Permissions, context.IdempotentRequest(), cancellationToken);
        return Answer(outcome, context);
    }

    /// <summary>Creates a key of an organisation.</summary>
    /// <param name="org">The organisation.</param>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="held">What they may do themselves: no key goes beyond. Null for the command line, which may all.</param>
    /// <param name="idempotent">The request, to be answered the same again.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<CreateKeyOutcome> ForOrganisation(
        OrgId org,
        NewKey request,
        string actor,
        IReadOnlySet<Permission>? held,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var presetProblem = KeyScopes.PresetProblem(request.Preset);
        var scopesProblem = KeyScopes.Problem(request.Scopes, request.Preset, held);
        if (Check(request, ("preset", presetProblem), ("scopes", scopesProblem)) is { } invalid)
        {
            return new CreateKeyOutcome.Invalid(invalid);
        }

        if (await organisations.Find(org, cancellationToken) is not { } organisation)
        {
            return new CreateKeyOutcome.NoSuchOrganisation();
        }

        var prefix = organisation.Mode == OrganisationMode.Live ? SecretText.LiveKey : SecretText.TestKey;
        var secret = SecretText.Create(prefix);
        var key = Decide(prefix, secret, request, actor) with
        {
            Scopes = KeyScopes.Of(request.Scopes, request.Preset, held),
            ProjectId = request.ProjectId,
            ServiceAccountId = request.ServiceAccountId,
        };
        return await Create(org, key, secret, request.Reason, idempotent, cancellationToken);
    }

    /// <summary>Creates a key of the operator.</summary>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="held">What they may do themselves: no key goes beyond. Null for the command line, which may all.</param>
    /// <param name="idempotent">The request, to be answered the same again.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<CreateKeyOutcome> ForOperator(
        NewOperatorKey request,
        string actor,
        IReadOnlySet<Permission>? held,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var key = new NewKey(request.Label, request.ExpiresAt, request.Reason);
        if (Check(key, ("roles", OperatorRole.Problem(request.Roles, held))) is { } invalid)
        {
            return new CreateKeyOutcome.Invalid(invalid);
        }

        var secret = SecretText.Create(SecretText.OperatorKey);
        var profile = Decide(SecretText.OperatorKey, secret, key, actor) with { Roles = request.Roles };
        return await Create(PlatformOrg.Id, profile, secret, request.Reason, idempotent, cancellationToken);
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
            CreateKeyOutcome.NoSuchProject => new Problem(
                PlatformProblems.NotFound, "There is no such project here that is in use."),
            CreateKeyOutcome.NoSuchServiceAccount => AccountsProblems.NoSuchServiceAccount(),
            CreateKeyOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private InvalidInput? Check(NewKey request, params ReadOnlySpan<(string Member, string? Problem)> more) =>
        InvalidInput.Of(
        [
            ("label", InputText.Problem(request.Label, Limits.NameLettersMax)),
            .. more,
            ("expires_at", request.ExpiresAt <= time.GetUtcNow() ? "must lie in the future" : null),
            ("reason", InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax)),
        ]);

    private KeyProfile Decide(string prefix, string secret, NewKey request, string actor) => new(
        ids.Next<KeyId>(),
        prefix,
        secret[^4..],
        request.Label,
        Roles: null,
        actor,
        Instant.Now(time),
        request.ExpiresAt,
        RevokedBy: null,
        RevokedAt: null,
        LastUsedAt: null);

    private async Task<CreateKeyOutcome> Create(
        OrgId owner,
        KeyProfile key,
        string secret,
        string? reason,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await InUse(transaction, owner, key.CreatedAt, cancellationToken) >= Limits.KeysInUseMax)
        {
            return new CreateKeyOutcome.TooManyKeys();
        }

        if (key.ProjectId is { } project && !await ManageProjects.IsLive(transaction, owner, project, cancellationToken))
        {
            return new CreateKeyOutcome.NoSuchProject();
        }

        if (key.ServiceAccountId is { } account
            && await ServiceAccountRows.Lock(transaction, owner, account, cancellationToken) is not { DisabledAt: null })
        {
            return new CreateKeyOutcome.NoSuchServiceAccount();
        }

        var hash = hasher.Hash(secret).ToBytes();
        await KeyRows.Insert(transaction, owner, key, hash, cancellationToken);
        await directory.Add(transaction, DirectoryKinds.Key, hash, owner, key.Id.Value, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                PlatformOrg.ForAudit(owner),
                key.CreatedBy,
                "key.created",
                key.Id.ToString(),
                reason,
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
            and (expires_at is null or expires_at > $2)
            and (retires_at is null or retires_at > $2)
        """;

    private static async Task<long> InUse(
        NpgsqlTransaction transaction, OrgId owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(InUseSql, owner.Value, now);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
