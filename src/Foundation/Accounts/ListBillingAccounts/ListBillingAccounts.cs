using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of an organisation's billing accounts, oldest first: the default one leads.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record BillingAccountPageRequest(PageLimit Limit, Cursor<BillingAccountId>? Cursor = null);

/// <summary>Lists an organisation's billing accounts.</summary>
internal sealed class ListBillingAccounts(NpgsqlDataSource database)
{
    /// <summary><c>GET /v1/billing-accounts</c>.</summary>
    public static async Task<Ok<Page<BillingAccountProfile>>> Endpoint(
        Parameters<BillingAccountPageRequest> parameters,
        ListBillingAccounts handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await handler.Handle(
            context.Caller().RequiredOrg, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, account => account.Id));
    }

    private const string ListSql = $"""
        select {OrganisationRows.BillingAccountColumns}
        from accounts.billing_accounts b
        where b.org_id = $1
            and ($2::uuid is null or b.billing_account_id > $2)
        order by b.billing_account_id
        limit $3
        """;

    public async Task<IReadOnlyList<BillingAccountProfile>> Handle(
        OrgId org, BillingAccountId? after, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, org.Value, after?.Value, rowsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<BillingAccountProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(OrganisationRows.BillingAccount(row));
        }

        return rows;
    }
}
