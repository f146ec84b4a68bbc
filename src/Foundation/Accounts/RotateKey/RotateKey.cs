using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which key to replace.</summary>
/// <param name="Id">The key.</param>
internal sealed record RotateKeyRequest(KeyId Id);

/// <summary>
/// Replaces a key by a new one that may do the same. Both work until the old one ends, so programs are changed over one
/// by one.
/// </summary>
internal sealed class RotateKey(
    NpgsqlDataSource database,
    SecretHasher hasher,
    OrgDirectory directory,
    IAudit audit,
    IdSource ids,
    TimeProvider time)
{
    /// <summary><c>POST /v1/keys/{id}/rotate</c>.</summary>
    public static Task<Results<Created<RotatedKey>, Problem>> Endpoint(
        Parameters<RotateKeyRequest> parameters,
        KeyRotation body,
        RotateKey handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(context.Caller().RequiredOrg, parameters.Value.Id, body, handler, context, cancellationToken);

    /// <summary><c>POST /v1/operator-keys/{id}/rotate</c>.</summary>
    public static Task<Results<Created<RotatedKey>, Problem>> OperatorEndpoint(
        Parameters<RotateKeyRequest> parameters,
        KeyRotation body,
        RotateKey handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(PlatformOrg.Id, parameters.Value.Id, body, handler, context, cancellationToken);

    public async Task<RotateKeyOutcome> Handle(
        OrgId owner,
        KeyId id,
        KeyRotation request,
        string actor,
        IReadOnlySet<Permission>? held,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        if (Check(request, now) is { } invalid)
        {
            return new RotateKeyOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await KeyRows.Lock(transaction, owner, id, cancellationToken) is not { } before)
        {
            return new RotateKeyOutcome.NoSuchKey();
        }

        if (await Refusal(transaction, owner, before, held, now, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var overlap = request.OverlapHours is { } hours ? TimeSpan.FromHours(hours) : Limits.KeyOverlapDefault;
        var secret = SecretText.Create(before.Prefix);
        var key = Successor(before, secret, request, actor, now);
        var after = before with { ReplacedByKeyId = key.Id, RetiresAt = now + overlap };
        var hash = hasher.Hash(secret).ToBytes();
        await KeyRows.Insert(transaction, owner, key, hash, cancellationToken);
        await directory.Add(transaction, DirectoryKinds.Key, hash, owner, key.Id.Value, cancellationToken);
        await Retire(transaction, owner, after, cancellationToken);
        await Record(transaction, owner, before, after, key, request.Reason, cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RotateKeyOutcome.Rotated(after, new CreatedKey(key, secret));
    }

    private static async Task<Results<Created<RotatedKey>, Problem>> Answer(
        OrgId owner,
        KeyId id,
        KeyRotation body,
        RotateKey handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.Handle(
            owner, id, body, caller.Actor, caller.Permissions, context.IdempotentRequest(), cancellationToken);

        // It holds a secret: no cache between here and its owner may keep it.
        context.Response.Headers.CacheControl = "no-store";
        return outcome switch
        {
            RotateKeyOutcome.Rotated(var old, var (key, secret)) =>
                TypedResults.Created((string?)null, new RotatedKey(old, key, secret)),
            RotateKeyOutcome.NoSuchKey => new Problem(PlatformProblems.NotFound, $"There is no key {id} here."),
            RotateKeyOutcome.NotInUse => new Problem(AccountsProblems.KeyNotInUse, $"{id} does not work any more."),
            RotateKeyOutcome.AlreadyRunning => new Problem(
                AccountsProblems.KeyRotationRunning, $"{id} was replaced, or replaces a key that still works."),
            RotateKeyOutcome.IsAPersons => new Problem(AccountsProblems.KeyIsAPersons, $"{id} is a device's; it signs in again."),
            RotateKeyOutcome.BeyondOwn(var permissions) => new Problem(
                PlatformProblems.PermissionDenied, $"The key may do what you may not: {string.Join(", ", permissions)}."),
            RotateKeyOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static InvalidInput? Check(KeyRotation request, DateTimeOffset now)
    {
        var hoursMax = (int)Limits.KeyOverlapLongest.TotalHours;
        return InvalidInput.Of(
            ("overlap_hours", request.OverlapHours is < 0 || request.OverlapHours > hoursMax ? $"must be 0 to {hoursMax}" : null),
            ("expires_at", request.ExpiresAt <= now ? "must lie in the future" : null),
            ("reason", InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax)));
    }

    private static async Task<RotateKeyOutcome?> Refusal(
        NpgsqlTransaction transaction,
        OrgId owner,
        KeyProfile key,
        IReadOnlySet<Permission>? held,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (!key.WorksAt(now))
        {
            return new RotateKeyOutcome.NotInUse();
        }

        if (key.UserId is not null)
        {
            return new RotateKeyOutcome.IsAPersons();
        }

        var isReplacing = key.ReplacesKeyId is { } old
            && (await KeyRows.Lock(transaction, owner, old, cancellationToken))?.WorksAt(now) == true;
        if (key.ReplacedByKeyId is not null || isReplacing)
        {
            return new RotateKeyOutcome.AlreadyRunning();
        }

        var allows = key.Roles is { } roles ? OperatorRole.PermissionsOf(roles) : KeyScopes.PermissionsOf(key.Scopes ?? []);
        var beyond = held is null ? [] : allows.Except(held).Select(permission => permission.Name).Order(StringComparer.Ordinal).ToList();
        return beyond.Count == 0 ? null : new RotateKeyOutcome.BeyondOwn(beyond);
    }

    // Where nobody says, the new key lives as long as the old one was to live. It is of the same line.
    private KeyProfile Successor(KeyProfile old, string secret, KeyRotation request, string actor, DateTimeOffset now) =>
        old with
        {
            Id = ids.Next<KeyId>(),
            LastFour = secret[^4..],
            CreatedBy = actor,
            CreatedAt = now,
            ExpiresAt = request.ExpiresAt ?? (old.ExpiresAt is { } end ? now + (end - old.CreatedAt) : null),
            LastUsedAt = null,
            ReplacesKeyId = old.Id,
        };

    private const string RetireSql = """
        update accounts.keys
        set replaced_by_key_id = $3, retires_at = $4
        where org_id = $1
            and key_id = $2
        """;

    private static async Task Retire(
        NpgsqlTransaction transaction, OrgId owner, KeyProfile key, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            RetireSql, owner.Value, key.Id.Value, key.ReplacedByKeyId?.Value, key.RetiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task Record(
        NpgsqlTransaction transaction,
        OrgId owner,
        KeyProfile before,
        KeyProfile after,
        KeyProfile created,
        string? reason,
        CancellationToken cancellationToken)
    {
        var org = PlatformOrg.ForAudit(owner);
        await audit.Record(
            transaction,
            new AuditEntry(org, created.CreatedBy, "key.created", created.Id.ToString(), reason, After: AuditState.Of(created)),
            cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                created.CreatedBy,
                "key.rotated",
                before.Id.ToString(),
                reason,
                AuditState.Of(before),
                AuditState.Of(after)),
            cancellationToken);
    }
}
