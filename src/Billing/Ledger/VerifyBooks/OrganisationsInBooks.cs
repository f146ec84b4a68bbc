using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>Whose rows there are: of every table, for rows without books are what verification looks for.</summary>
internal static class OrganisationsInBooks
{
    // Hops from one organisation to the next along the primary key: no table is read whole.
    private const string HopSql = """
        with recursive hops as (
            (select org_id from ledger.{0} order by org_id limit 1)
            union all
            select (select t.org_id from ledger.{0} t where t.org_id > hops.org_id order by t.org_id limit 1)
            from hops
            where hops.org_id is not null
        )
        select org_id
        from hops
        where org_id is not null
        """;

    private static readonly string[] Tables = ["books", "accounts", "transfers", "entries", "grants", "holds"];

    /// <summary>The organisations to verify, in the order of their ids; what an anchor names is among them.</summary>
    public static async Task<IReadOnlyList<OrgId>> Read(
        NpgsqlDataSource database, VerificationOptions options, CancellationToken cancellationToken)
    {
        if (options.Org is { } one)
        {
            return [one];
        }

        var all = new SortedSet<Guid>(options.Anchor?.Organisations.Select(head => head.Org.Value) ?? []);
        foreach (var table in Tables)
        {
            await using var command = database.Sql(HopSql.Replace("{0}", table, StringComparison.Ordinal));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                all.Add(reader.GetGuid(0));
            }
        }

        return [.. all.Select(id => new OrgId(id))];
    }
}
