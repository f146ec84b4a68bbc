using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of organisations, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record OrganisationPageRequest(PageLimit Limit, Cursor<OrgId>? Cursor = null);

/// <summary>Lists organisations, and shows the caller's own.</summary>
internal sealed class ListOrganisations(NpgsqlDataSource database)
{
    /// <summary><c>GET /v1/organisations</c>.</summary>
    public static async Task<Ok<Page<OrganisationProfile>>> Endpoint(
        Parameters<OrganisationPageRequest> parameters,
        ListOrganisations handler,
        CancellationToken cancellationToken) =>
        TypedResults.Ok(await handler.Handle(parameters.Value, cancellationToken));

    /// <summary><c>GET /v1/organisation</c>.</summary>
    public static async Task<Results<Ok<OrganisationProfile>, Problem>> OwnEndpoint(
        OrganisationReader organisations, HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        return await organisations.Find(org, cancellationToken) is { } organisation
            ? TypedResults.Ok(organisation)
            : AccountsProblems.NoSuchOrganisation(org);
    }

    private const string ListSql = $"""
        select {OrganisationRows.OrganisationColumns}
        from {OrganisationRows.OrganisationsWithDefault}
        where $1::uuid is null or o.org_id < $1
        order by o.org_id desc
        limit $2
        """;

    public async Task<Page<OrganisationProfile>> Handle(
        OrganisationPageRequest request, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, request.Cursor?.Keys.Value, request.Limit.RowsToFetch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<OrganisationProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(OrganisationRows.Organisation(row));
        }

        return Page.Of(rows, request.Limit, organisation => organisation.Id);
    }
}
