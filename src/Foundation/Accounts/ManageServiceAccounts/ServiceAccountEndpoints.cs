using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of service accounts, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record ServiceAccountPageRequest(PageLimit Limit, Cursor<ServiceAccountId>? Cursor = null);

/// <summary>Which service account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record ServiceAccountRequest(ServiceAccountId Id, string? Reason = null);

/// <summary>The API of service accounts.</summary>
internal static class ServiceAccountEndpoints
{
    /// <summary><c>POST /v1/service-accounts</c>.</summary>
    public static async Task<Results<Created<ServiceAccountProfile>, Problem>> Create(
        NewServiceAccount body, ManageServiceAccounts handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.Create(
            caller.RequiredOrg, body, caller.Actor, context.IdempotentRequest(), cancellationToken);
        return outcome is ServiceAccountOutcome.Done(var account)
            ? TypedResults.Created((string?)null, account)
            : ProblemOf(outcome);
    }

    /// <summary><c>GET /v1/service-accounts</c>.</summary>
    public static async Task<Ok<Page<ServiceAccountProfile>>> List(
        Parameters<ServiceAccountPageRequest> parameters,
        ManageServiceAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (limit, cursor) = parameters.Value;
        var rows = await handler.List(
            context.Caller().RequiredOrg, cursor?.Keys, limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, limit, account => account.Id));
    }

    /// <summary><c>POST /v1/service-accounts/{id}/disable</c>.</summary>
    public static Task<Results<Ok<ServiceAccountProfile>, Problem>> Disable(
        Parameters<ServiceAccountRequest> parameters,
        ManageServiceAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Turn(parameters.Value, on: false, handler, context, cancellationToken);

    /// <summary><c>POST /v1/service-accounts/{id}/enable</c>.</summary>
    public static Task<Results<Ok<ServiceAccountProfile>, Problem>> Enable(
        Parameters<ServiceAccountRequest> parameters,
        ManageServiceAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Turn(parameters.Value, on: true, handler, context, cancellationToken);

    private static async Task<Results<Ok<ServiceAccountProfile>, Problem>> Turn(
        ServiceAccountRequest request,
        bool on,
        ManageServiceAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.Turn(
            caller.RequiredOrg, request.Id, on, request.Reason, caller.Actor, cancellationToken);
        return outcome is ServiceAccountOutcome.Done(var account) ? TypedResults.Ok(account) : ProblemOf(outcome);
    }

    private static Problem ProblemOf(ServiceAccountOutcome outcome) => outcome switch
    {
        ServiceAccountOutcome.NoSuchAccount => new Problem(
            PlatformProblems.NotFound, "There is no such service account here."),
        ServiceAccountOutcome.TooMany => new Problem(
            AccountsProblems.TooManyServiceAccounts, $"There are already {Limits.ServiceAccountsMax} service accounts."),
        ServiceAccountOutcome.Invalid(var input) => AccountsProblems.Of(input),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
