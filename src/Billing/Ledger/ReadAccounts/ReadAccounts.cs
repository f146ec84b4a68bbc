using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A page of the chart, oldest account first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only of this billing account.</param>
/// <param name="Kind">Only of this kind.</param>
/// <param name="AsOf">As it stood once everything recorded up to then was in the books; left out, as it stands.</param>
/// <param name="WithEmptyGrants">Whether grants with nothing left are listed, too.</param>
internal sealed record AccountPageRequest(
    PageLimit Limit,
    Cursor<AccountId>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    AccountKind? Kind = null,
    DateTimeOffset? AsOf = null,
    bool WithEmptyGrants = false);

/// <summary>An account of the chart as the API shows it.</summary>
/// <param name="Id">The account.</param>
/// <param name="BillingAccount">Whose chart it belongs to.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Grant">The grant whose money stands on it; null for any other kind.</param>
/// <param name="Balance">Above zero it holds, below zero it gave or is owed.</param>
/// <param name="Held">What holds reserve of it; null where the chart is shown as it stood.</param>
/// <param name="CreditLimit">
/// How far below zero holds may plan to bring it; null where there is no limit, and where the chart is shown as it stood.
/// </param>
internal sealed record AccountProfile(
    AccountId Id,
    BillingAccountId BillingAccount,
    AccountKind Kind,
    GrantId? Grant,
    Money Balance,
    Money? Held,
    Money? CreditLimit)
{
    public static AccountProfile Of(AccountBalance account) => new(
        account.Id,
        account.BillingAccount,
        account.Kind,
        GrantOf(account.Id, account.Kind),
        account.Balance,
        account.Held,
        account.CreditLimit);

    public static AccountProfile Of(BalanceAt account) => new(
        account.Id, account.BillingAccount, account.Kind, GrantOf(account.Id, account.Kind), account.Balance, null, null);

    private static GrantId? GrantOf(AccountId account, AccountKind kind) =>
        kind == AccountKind.Grants ? new GrantId(account.Value) : null;
}

/// <summary><c>GET /v1/ledger/accounts</c>.</summary>
internal static class ReadAccounts
{
    public static async Task<Ok<Page<AccountProfile>>> Handle(
        Parameters<AccountPageRequest> parameters, Ledger ledger, HttpContext context, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var org = context.Caller().RequiredOrg;
        var chart = request.AsOf is { } instant
            ? (await ledger.BalancesAt(org, request.BillingAccount, instant, cancellationToken)).Select(AccountProfile.Of)
            : (await ledger.Balances(org, request.BillingAccount, cancellationToken)).Select(AccountProfile.Of);

        // Charts are small and read whole; their pages keep answers small where there are many of them.
        var rows = chart
            .Where(account => request.Kind is null || account.Kind == request.Kind)
            .Where(account => request.WithEmptyGrants || !IsEmptyGrant(account))
            .OrderBy(account => account.Id.Value)
            .Where(account => request.Cursor is null || account.Id.Value.CompareTo(request.Cursor.Keys.Value) > 0)
            .Take(request.Limit.RowsToFetch)
            .ToList();
        return TypedResults.Ok(Page.Of(rows, request.Limit, account => account.Id));
    }

    private static bool IsEmptyGrant(AccountProfile account) =>
        account is { Kind: AccountKind.Grants, Balance.IsZero: true, Held: null or { IsZero: true } };
}
