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

    private const string BooksSql = """
        select org_id, transfer_count
        from ledger.books
        """;

    private static readonly string[] OtherTables = ["accounts", "transfers", "entries", "grants", "holds"];

    /// <summary>
    /// The organisations to verify, those with the most transfers first: they take the longest. What an anchor names is
    /// among them.
    /// </summary>
    public static async Task<IReadOnlyList<OrgId>> Read(
        NpgsqlDataSource database, VerificationOptions options, CancellationToken cancellationToken)
    {
        if (options.Org is { } one)
        {
            return [one];
        }

        var transfers = new Dictionary<Guid, long>();
        foreach (var head in options.Anchor?.Organisations ?? [])
        {
            transfers[head.Org.Value] = head.TransferCount;
        }

        await Read(database, BooksSql, reader => transfers[reader.GetGuid(0)] = reader.GetInt64(1), cancellationToken);
        foreach (var table in OtherTables)
        {
            var sql = HopSql.Replace("{0}", table, StringComparison.Ordinal);
            await Read(database, sql, reader => transfers.TryAdd(reader.GetGuid(0), 0), cancellationToken);
        }

        return [.. transfers.OrderByDescending(org => org.Value).ThenBy(org => org.Key).Select(org => new OrgId(org.Key))];
    }

    private static async Task Read(
        NpgsqlDataSource database, string sql, Action<NpgsqlDataReader> take, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(sql);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            take(reader);
        }
    }
}
