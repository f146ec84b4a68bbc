using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Says what becomes of the content of an organisation's calls, and of one key's.</summary>
internal sealed class SetContentPolicy(
    NpgsqlDataSource database, ContentPolicies policies, KeyPolicies keyPolicies, Keys keys, IAudit audit, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/content-policy</c>.</summary>
    public static async Task<Ok<ContentPolicy>> ShowEndpoint(
        SetContentPolicy handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await handler.Find(context.Caller().RequiredOrg, Guid.Empty, cancellationToken));

    /// <summary><c>PUT /v1/inference/content-policy</c>.</summary>
    public static async Task<Results<Ok<ContentPolicy>, Problem>> SetEndpoint(
        ContentPolicy body, SetContentPolicy handler, HttpContext context, CancellationToken cancellationToken)
    {
        if (body.FindProblem(handler.Redactors) is { } invalid)
        {
            return new Problem(InferenceProblems.InvalidContentPolicy, invalid);
        }

        var caller = context.Caller();
        await handler.Set(caller.RequiredOrg, null, body, caller.Actor, cancellationToken);
        return TypedResults.Ok(body);
    }

    /// <summary><c>GET /v1/inference/keys/{key}/guard</c>.</summary>
    public static async Task<Results<Ok<ContentGuard>, Problem>> ShowGuardEndpoint(
        Parameters<KeyPath> parameters, SetContentPolicy handler, HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        return await handler.Root(org, parameters.Value.Key, cancellationToken) is { } root
            ? TypedResults.Ok((await handler.Find(org, root.Value, cancellationToken)).Guard ?? new ContentGuard())
            : NoSuchKey();
    }

    /// <summary><c>PUT /v1/inference/keys/{key}/guard</c>.</summary>
    public static async Task<Results<Ok<ContentGuard>, Problem>> SetGuardEndpoint(
        Parameters<KeyPath> parameters,
        ContentGuard body,
        SetContentPolicy handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (body.FindProblem(handler.Redactors) is { } invalid)
        {
            return new Problem(InferenceProblems.InvalidContentPolicy, invalid);
        }

        var caller = context.Caller();
        if (await handler.Root(caller.RequiredOrg, parameters.Value.Key, cancellationToken) is not { } root)
        {
            return NoSuchKey();
        }

        await handler.Set(caller.RequiredOrg, root, new ContentPolicy(Guard: body), caller.Actor, cancellationToken);
        return TypedResults.Ok(body);
    }

    /// <summary>The names that may be redacted.</summary>
    public IReadOnlyCollection<string> Redactors => [.. policies.Redactors.Keys];

    /// <summary>An organisation's policy, or a key's; an empty one where nobody has said anything.</summary>
    public async Task<ContentPolicy> Find(OrgId org, Guid key, CancellationToken cancellationToken) =>
        (await ContentPolicyRows.Find(database, org, [key], cancellationToken)).GetValueOrDefault(key) ?? new ContentPolicy();

    /// <summary>The key that a key is guarded as: those that replaced each other as the first of them; null for none here.</summary>
    public async Task<KeyId?> Root(OrgId org, KeyId key, CancellationToken cancellationToken) =>
        await keys.Find(org, key, cancellationToken) is null
            ? null
            : (await keyPolicies.Of(org, key.ToString(), cancellationToken)).Root ?? key;

    /// <summary>Sets an organisation's policy, or that of a key's root, on every replica within a second.</summary>
    public async Task Set(
        OrgId org, KeyId? key, ContentPolicy policy, string actor, CancellationToken cancellationToken)
    {
        var before = await Find(org, key?.Value ?? Guid.Empty, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ContentPolicyRows.Write(
            transaction, org, key?.Value ?? Guid.Empty, policy, Instant.Now(time), cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                key is null ? "inference_content_policy.set" : "inference_key.guard_set",
                key?.ToString() ?? org.ToString(),
                Before: AuditState.Of(before),
                After: AuditState.Of(policy)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        policies.Forget();
    }

    private static Problem NoSuchKey() => new(PlatformProblems.NotFound, "There is no such key here.");
}
