using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Virtual keys, over HTTP.</summary>
internal static class KeyEndpoints
{
    /// <summary><c>POST /v1/inference/keys</c>.</summary>
    public static async Task<Results<Created<CreatedVirtualKey>, Problem>> Create(
        NewVirtualKey body, KeepKeys handler, HttpContext context, CancellationToken cancellationToken)
    {
        var window = body.Budget is null ? null : BudgetWindow.Parse(body.Budget.Window);
        if (ProblemOf(body, window) is { } invalid)
        {
            return new Problem(InferenceProblems.InvalidKeyPolicy, invalid);
        }

        // It holds a secret: no cache between here and its owner may keep it.
        context.Response.Headers.CacheControl = "no-store";
        var caller = context.Caller();
        if (KeepKeys.PostureProblem(body.Rules, null, caller) is { } beyond)
        {
            return new Problem(PlatformProblems.PermissionDenied, beyond);
        }

        var (outcome, key, budgetProblem) = await handler.Create(
            caller.RequiredOrg, body, window, caller, cancellationToken);
        return outcome switch
        {
            CreateKeyOutcome.Created when budgetProblem is not null =>
                new Problem(InferenceProblems.InvalidKeyPolicy, budgetProblem),
            CreateKeyOutcome.Created(var created) =>
                TypedResults.Created((string?)null, new CreatedVirtualKey(key!, created.Secret)),
            CreateKeyOutcome.Invalid(var input) => new Problem(InferenceProblems.InvalidKeyPolicy, input.ToString()),
            CreateKeyOutcome.TooManyKeys => new Problem(AccountsProblems.TooManyKeys, "There are as many keys as may be."),
            CreateKeyOutcome.NoSuchProject => new Problem(
                PlatformProblems.NotFound, "There is no such project here that is in use."),
            CreateKeyOutcome.NoSuchServiceAccount => new Problem(
                PlatformProblems.NotFound, "There is no such service account here that is in use."),
            CreateKeyOutcome.NoSuchOrganisation => new Problem(
                PlatformProblems.NotFound, "There is no such organisation."),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>GET /v1/inference/keys</c>.</summary>
    public static async Task<Ok<Page<VirtualKey>>> List(
        Parameters<KeySearch> parameters, KeepKeys handler, HttpContext context, CancellationToken cancellationToken)
    {
        var (org, limit) = (context.Caller().RequiredOrg, parameters.Value.Limit);
        var rows = await handler.Before(org, parameters.Value.Cursor?.Keys, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(rows, limit, key => key.Id);
        return TypedResults.Ok(new Page<VirtualKey>(
            await handler.Shown(org, page.Data, cancellationToken), page.NextCursor));
    }

    /// <summary><c>GET /v1/inference/keys/{key}</c>.</summary>
    public static async Task<Results<Ok<VirtualKey>, Problem>> One(
        Parameters<KeyPath> parameters, KeepKeys handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Find(context.Caller().RequiredOrg, parameters.Value.Key, cancellationToken) is { } key
            ? TypedResults.Ok(key)
            : NotFound();

    /// <summary><c>PUT /v1/inference/keys/{key}/rules</c>.</summary>
    public static async Task<Results<Ok<VirtualKey>, Problem>> Change(
        Parameters<KeyPath> parameters,
        KeyRules body,
        KeepKeys handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (body.FindProblem() is { } invalid)
        {
            return new Problem(InferenceProblems.InvalidKeyPolicy, invalid);
        }

        var caller = context.Caller();
        try
        {
            return await handler.Change(caller.RequiredOrg, parameters.Value.Key, body, caller, cancellationToken) is { } key
                ? TypedResults.Ok(key)
                : NotFound();
        }
        catch (RefusedRequestException refused)
        {
            return new Problem(refused.Code, refused.Message);
        }
    }

    /// <summary><c>POST /v1/inference/keys/{key}/rotate</c>.</summary>
    public static async Task<Results<Created<RotatedKey>, Problem>> Rotate(
        Parameters<KeyPath> parameters,
        KeyRotation body,
        KeepKeys handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (caller, id) = (context.Caller(), parameters.Value.Key);
        return await handler.Rotate(caller.RequiredOrg, id, body, caller, cancellationToken) switch
        {
            RotateKeyOutcome.Rotated(var old, var (key, secret)) =>
                TypedResults.Created((string?)null, new RotatedKey(old, key, secret)),
            RotateKeyOutcome.NoSuchKey => NotFound(),
            RotateKeyOutcome.NotInUse => new Problem(AccountsProblems.KeyNotInUse, $"{id} does not work any more."),
            RotateKeyOutcome.AlreadyRunning => new Problem(
                AccountsProblems.KeyRotationRunning, $"{id} was replaced, or replaces a key that still works."),
            RotateKeyOutcome.IsAPersons => new Problem(
                AccountsProblems.KeyIsAPersons, $"{id} is a device's; it signs in again."),
            RotateKeyOutcome.BeyondOwn(var permissions) => new Problem(
                PlatformProblems.PermissionDenied, $"The key may do what you may not: {string.Join(", ", permissions)}."),
            RotateKeyOutcome.Invalid(var input) => new Problem(InferenceProblems.InvalidKeyPolicy, input.ToString()),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>POST /v1/inference/keys/{key}/revoke</c>.</summary>
    public static async Task<Results<Ok<KeyProfile>, Problem>> Revoke(
        Parameters<KeyPath> parameters,
        KeyRevocation body,
        KeepKeys handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await handler.Revoke(
            caller.RequiredOrg, parameters.Value.Key, body.Reason, caller, cancellationToken) switch
        {
            RevokeKeyOutcome.Revoked(var key) => TypedResults.Ok(key),
            RevokeKeyOutcome.NoSuchKey => NotFound(),
            RevokeKeyOutcome.Invalid(var input) => new Problem(InferenceProblems.InvalidKeyPolicy, input.ToString()),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>What is wrong with a key that is wanted; null where nothing is.</summary>
    public static string? ProblemOf(NewVirtualKey body, BudgetWindow? window) =>
        body.Rules?.FindProblem()
        ?? (body.Budget is { Amount.Micros: < 0 or > Quoin.Limiting.Limits.BudgetMicrosMax }
            ? $"budget.amount must be 0 to {Quoin.Limiting.Limits.BudgetMicrosMax} micros"
            : null)
        ?? (body.Budget is not null && window is null ? "budget.window must be day, week, month, year, total or as 30d" : null);

    private static Problem NotFound() => new(PlatformProblems.NotFound, "There is no such key here that calls models.");
}
