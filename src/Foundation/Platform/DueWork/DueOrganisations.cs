using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>The organisations a kind of due work has something to do for, where its own rows say so.</summary>
public static class DueOrganisations
{
    /// <summary>Runs a statement that lists organisations with something due: a page, in the order of their ids.</summary>
    /// <param name="database">Where the rows are.</param>
    /// <param name="text">
    /// Selects <c>org_id</c>: due at <c>$1</c> or before, after the organisation <c>$2</c>, ordered, at most <c>$3</c>.
    /// </param>
    /// <param name="instant">Up to when.</param>
    /// <param name="after">The last organisation of the page before; null starts with the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<IReadOnlyList<OrgId>> OrganisationsDue(
        this NpgsqlDataSource database,
        string text,
        DateTimeOffset instant,
        OrgId? after,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(text, instant.ToUniversalTime(), after?.Value ?? Guid.Empty, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var orgs = new List<OrgId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            orgs.Add(new OrgId(reader.GetGuid(0)));
        }

        return orgs;
    }
}
