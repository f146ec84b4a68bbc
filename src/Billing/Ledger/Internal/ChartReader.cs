using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Reads the charts that are not remembered, and grants with nothing left where they are needed.</summary>
internal sealed class ChartReader(IdSource ids)
{
    private const string AccountsSql = """
        select wanted.org_id, wanted.billing_account_id, wanted.currency, a.account_id, a.kind, a.balance_micros, a.held_micros,
            a.spent_micros, a.spent_at_count, a.credit_limit_micros
        from unnest($1::uuid[], $2::uuid[], $3::text[]) as wanted (org_id, billing_account_id, currency)
        cross join lateral (
            select *
            from ledger.accounts
            where accounts.org_id = wanted.org_id
                and accounts.billing_account_id = wanted.billing_account_id
                and accounts.currency = wanted.currency
                and accounts.kind <> 'grants'
            order by accounts.kind
            limit 100
        ) a
        """;

    private const string AccountOfGrant = """
        cross join lateral (
            select *
            from ledger.accounts
            where accounts.org_id = g.org_id
                and accounts.account_id >= g.grant_id
                and accounts.account_id <= g.grant_id
            order by accounts.account_id
            limit 1
        ) a
        """;

    private const string GrantsSql = $"""
        select {GrantRow.Columns}
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[])
            as wanted (org_id, billing_account_id, currency, state, most)
        cross join lateral (
            select *
            from ledger.grants
            where grants.org_id = wanted.org_id
                and grants.billing_account_id = wanted.billing_account_id
                and grants.currency = wanted.currency
                and grants.state >= wanted.state
                and grants.state <= wanted.state
            order by grants.state desc, grants.grant_id desc
            limit wanted.most
        ) g
        {AccountOfGrant}
        """;

    private const string GrantsByIdSql = $"""
        select {GrantRow.Columns}
        from unnest($1::uuid[], $2::uuid[]) as wanted (org_id, grant_id)
        cross join lateral (
            select *
            from ledger.grants
            where grants.org_id = wanted.org_id
                and grants.grant_id >= wanted.grant_id
                and grants.grant_id <= wanted.grant_id
            order by grants.grant_id
            limit 1
        ) g
        {AccountOfGrant}
        """;

    private static readonly GrantState[] Ended = [GrantState.Exhausted, GrantState.Expired, GrantState.Voided];

    /// <summary>Reads what the books lack; nothing, where all of it is remembered.</summary>
    public async Task Read(
        NpgsqlTransaction transaction, FlushNeeds needs, FlushState state, CancellationToken cancellationToken)
    {
        var unknown = needs.Charts.Keys.Where(chart => state.Books[chart.Org].Find(chart.Chart) is null).ToArray();
        var exhausted = needs.Charts
            .Where(chart => chart.Value && state.Books[chart.Key.Org].Find(chart.Key.Chart) is not { KnowsExhausted: true })
            .Select(chart => chart.Key)
            .ToArray();
        foreach (var (org, chart) in unknown)
        {
            state.Books[org].Add(new Chart(org, chart.BillingAccount, chart.Currency, ids));
        }

        var grants = state.GrantCharts.Keys
            .Where(key => state.Books[new OrgId(key.Org)].Find(state.GrantCharts[key])!.Grant(new GrantId(key.Grant)) is null)
            .ToArray();
        if (unknown.Length == 0 && exhausted.Length == 0 && grants.Length == 0)
        {
            return;
        }

        await using var batch = transaction.Batch();
        batch.Sql(
            AccountsSql,
            Array.ConvertAll(unknown, one => one.Org.Value),
            Array.ConvertAll(unknown, one => one.Chart.BillingAccount.Value),
            Array.ConvertAll(unknown, one => one.Chart.Currency.Code));
        AskForGrants(batch, [
            .. unknown.Select(one => (one.Org, one.Chart, GrantState.Open, int.MaxValue)),
            .. exhausted.SelectMany(one => Ended.Select(state => (one.Org, one.Chart, state, Limits.ExhaustedGrantsSeen))),
        ]);
        batch.Sql(GrantsByIdSql, Array.ConvertAll(grants, one => one.Org), Array.ConvertAll(grants, one => one.Grant));
        await Read(batch, state, cancellationToken);
        foreach (var (org, chart) in exhausted)
        {
            state.Books[org].Find(chart)!.KnowsExhausted = true;
        }
    }

    private static void AskForGrants(
        NpgsqlBatch batch, (OrgId Org, ChartKey Chart, GrantState State, int Most)[] wanted) => batch.Sql(
        GrantsSql,
        Array.ConvertAll(wanted, one => one.Org.Value),
        Array.ConvertAll(wanted, one => one.Chart.BillingAccount.Value),
        Array.ConvertAll(wanted, one => one.Chart.Currency.Code),
        Array.ConvertAll(wanted, one => one.State.Name()),
        Array.ConvertAll(wanted, one => one.Most));

    private static async Task Read(NpgsqlBatch batch, FlushState state, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            AddAccount(state, reader);
        }

        while (await reader.NextResultAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                AddGrant(state, reader);
            }
        }
    }

    private static Chart ChartOf(FlushState state, NpgsqlDataReader reader) => state.Books[new OrgId(reader.GetGuid(0))]
        .Find(new BillingAccountId(reader.GetGuid(1)), Currency.Of(reader.GetString(2)));

    private static void AddAccount(FlushState state, NpgsqlDataReader reader)
    {
        var chart = ChartOf(state, reader);
        chart.Add(new ChartAccount(new AccountId(reader.GetGuid(3)), LedgerNames.AccountKindOf(reader.GetString(4)), chart)
        {
            BalanceMicros = reader.GetInt64(5),
            HeldMicros = reader.GetInt64(6),
            SpentMicros = reader.GetInt64(7),
            SpentAtCount = reader.GetInt64(8),
            CreditLimitMicros = reader.IsDBNull(9) ? null : reader.GetInt64(9),
        });
    }

    private static void AddGrant(FlushState state, NpgsqlDataReader reader)
    {
        var chart = ChartOf(state, reader);
        var grant = GrantRow.Read(reader, chart);
        if (chart.Grant(grant.Terms!.Id) is null)
        {
            chart.Add(grant);
        }
    }
}
