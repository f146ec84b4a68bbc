using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Finds organisations for the operator by what a person remembers of them.</summary>
internal sealed class SearchOrganisations(NpgsqlDataSource database)
{
    // Reads all of them: a person searches now and then, and the table is small beside any other.
    private const string SearchSql = $"""
        select {OrganisationRows.OrganisationColumns}
        from {OrganisationRows.OrganisationsWithDefault}
        where $1 = ''
            or strpos(lower(o.name), lower($1)) > 0
            or strpos(o.slug, lower($1)) > 0
            or o.org_id = $2
        order by o.org_id
        limit $3
        """;

    public async Task<IReadOnlyList<OrganisationProfile>> Handle(
        string text, int rowsMax, CancellationToken cancellationToken)
    {
        var wanted = text.Trim();
        Guid? id = Id.TryParse<OrgId>(wanted, out var org) ? org.Value : null;
        await using var command = database.Sql(SearchSql, wanted, id, rowsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<OrganisationProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(OrganisationRows.Organisation(row));
        }

        return found;
    }
}
