using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Reads holds and grants.</summary>
internal sealed class CreditQueries(NpgsqlDataSource database)
{
    private const string HoldsSql = $"""
        select {HoldRow.Columns}
        from ledger.holds
        where org_id = $1
            and hold_id < $2
            and ($3::uuid is null or billing_account_id = $3)
            and ($4::text is null or state = $4)
        order by hold_id desc
        limit $5
        """;

    public async Task<IReadOnlyList<Hold>> Holds(
        OrgId org, HoldFilter filter, HoldId? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            HoldsSql,
            org.Value,
            before?.Value ?? Guid.AllBitsSet,
            filter.BillingAccount?.Value,
            filter.State?.Name(),
            limit);
        return await ReadHolds(command, cancellationToken);
    }

    private const string HoldSql = $"""
        select {HoldRow.Columns}
        from ledger.holds
        where org_id = $1
            and hold_id = $2
        """;

    public async Task<Hold?> Hold(OrgId org, HoldId hold, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(HoldSql, org.Value, hold.Value);
        return (await ReadHolds(command, cancellationToken)).SingleOrDefault();
    }

    private static async Task<IReadOnlyList<Hold>> ReadHolds(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var holds = new List<Hold>();
        while (await reader.ReadAsync(cancellationToken))
        {
            holds.Add(HoldRow.Read(reader).ToHold());
        }

        return holds;
    }

    // Due at the latest a grace after its expiry: what bounds the look into the index.
    private const string ExpiringSql = """
        select org_id, array_agg(grant_id order by grant_id)
        from ledger.grants
        where state = 'open'
            and due_at <= $3
            and expires_at > $1
            and expires_at <= $2
            and org_id > $4
        group by org_id
        order by org_id
        limit $5
        """;

    public async Task<IReadOnlyList<ExpiringGrants>> Expiring(
        Period period, OrgId? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ExpiringSql,
            period.Start.ToUniversalTime(),
            period.End.ToUniversalTime(),
            period.End.ToUniversalTime() + Limits.ExpiryGrace,
            after?.Value ?? Guid.Empty,
            limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var expiring = new List<ExpiringGrants>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var ids = reader.GetFieldValue<Guid[]>(1);
            expiring.Add(new ExpiringGrants(new OrgId(reader.GetGuid(0)), Array.ConvertAll(ids, id => new GrantId(id))));
        }

        return expiring;
    }

    private const string GrantsSql = $"""
        select {GrantRow.Columns}
        from ledger.grants g
        join ledger.accounts a on a.org_id = g.org_id and a.account_id = g.grant_id
        where g.org_id = $1
            and g.grant_id < $2
            and ($3::uuid is null or g.billing_account_id = $3)
            and ($4::text is null or g.state = $4)
        order by g.grant_id desc
        limit $5
        """;

    public async Task<IReadOnlyList<Grant>> Grants(
        OrgId org, GrantFilter filter, GrantId? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            GrantsSql,
            org.Value,
            before?.Value ?? Guid.AllBitsSet,
            filter.BillingAccount?.Value,
            filter.State?.Name(),
            limit);
        return await ReadGrants(command, cancellationToken);
    }

    private const string GrantSql = $"""
        select {GrantRow.Columns}
        from ledger.grants g
        join ledger.accounts a on a.org_id = g.org_id and a.account_id = g.grant_id
        where g.org_id = $1
            and g.grant_id = $2
        """;

    public async Task<Grant?> Grant(OrgId org, GrantId grant, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(GrantSql, org.Value, grant.Value);
        return (await ReadGrants(command, cancellationToken)).SingleOrDefault();
    }

    private static async Task<IReadOnlyList<Grant>> ReadGrants(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var grants = new List<Grant>();
        while (await reader.ReadAsync(cancellationToken))
        {
            grants.Add(GrantRow.Read(reader));
        }

        return grants;
    }
}
