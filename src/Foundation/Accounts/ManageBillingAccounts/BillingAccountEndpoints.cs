using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which billing account.</summary>
/// <param name="Id">Its id.</param>
internal sealed record BillingAccountRequest(BillingAccountId Id);

/// <summary>Which billing account to close or to open again.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record TurnBillingAccountRequest(BillingAccountId Id, string? Reason = null);

/// <summary>Changing billing accounts, over HTTP.</summary>
internal static class BillingAccountEndpoints
{
    /// <summary><c>PATCH /v1/billing-accounts/{id}</c>.</summary>
    public static async Task<Results<Ok<BillingAccountProfile>, Problem>> Rename(
        Parameters<BillingAccountRequest> parameters,
        BillingAccountChange body,
        ManageBillingAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Rename(context.Caller(), parameters.Value.Id, body, cancellationToken));

    /// <summary><c>POST /v1/billing-accounts/{id}/close</c>.</summary>
    public static async Task<Results<Ok<BillingAccountProfile>, Problem>> Close(
        Parameters<TurnBillingAccountRequest> parameters,
        ManageBillingAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken) => Answer(await handler.Close(
            context.Caller(), parameters.Value.Id, parameters.Value.Reason, cancellationToken));

    /// <summary><c>POST /v1/billing-accounts/{id}/reopen</c>.</summary>
    public static async Task<Results<Ok<BillingAccountProfile>, Problem>> Reopen(
        Parameters<TurnBillingAccountRequest> parameters,
        ManageBillingAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken) => Answer(await handler.Reopen(
            context.Caller(), parameters.Value.Id, parameters.Value.Reason, cancellationToken));

    private static Results<Ok<BillingAccountProfile>, Problem> Answer(BillingAccountOutcome outcome) => outcome switch
    {
        BillingAccountOutcome.Done(var account) => TypedResults.Ok(account),
        BillingAccountOutcome.Invalid(var input) => AccountsProblems.Of(input),
        BillingAccountOutcome.NotFound => new Problem(
            PlatformProblems.NotFound, "The organisation has no such billing account."),
        BillingAccountOutcome.IsDefault => new Problem(
            AccountsProblems.DefaultBillingAccount, "Usage that names no billing account is billed to it."),
        BillingAccountOutcome.InUse(var what) => new Problem(
            AccountsProblems.BillingAccountInUse, $"It {string.Join(", and ", what)}."),
        BillingAccountOutcome.ProjectHasOne(var other) => AccountsProblems.HasAnother(other),
        BillingAccountOutcome.NoSuch(var what) => AccountsProblems.NoSuch(what),
        _ => throw new UnreachableException(),
    };
}
