using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Reads organisations and billing accounts through a cache that is never a second behind.</summary>
internal sealed class OrganisationReader
{
    private readonly NpgsqlDataSource database;
    private readonly FreshCache<OrgId, OrganisationProfile> organisations;
    private readonly FreshCache<BillingAccountKey, BillingAccountProfile> accounts;

    public OrganisationReader(NpgsqlDataSource database, TimeProvider time)
    {
        this.database = database;
        organisations = new(QueryOrganisations, Limits.ProfilesRememberedMax, time);
        accounts = new(QueryAccounts, Limits.ProfilesRememberedMax, time);
    }

    public ValueTask<OrganisationProfile?> Find(OrgId org, CancellationToken cancellationToken) =>
        organisations.Find(org, cancellationToken);

    public ValueTask<IReadOnlyDictionary<OrgId, OrganisationProfile>> FindMany(
        IReadOnlyCollection<OrgId> orgs, CancellationToken cancellationToken) =>
        organisations.FindMany(orgs, cancellationToken);

    public ValueTask<BillingAccountProfile?> FindAccount(
        BillingAccountKey key, CancellationToken cancellationToken) =>
        accounts.Find(key, cancellationToken);

    public ValueTask<IReadOnlyDictionary<BillingAccountKey, BillingAccountProfile>> FindAccounts(
        IReadOnlyCollection<BillingAccountKey> keys, CancellationToken cancellationToken) =>
        accounts.FindMany(keys, cancellationToken);

    /// <summary>Reads it anew next time: after changing it here.</summary>
    public void Forget(OrgId org) => organisations.Forget(org);

    /// <summary>Reads a billing account anew next time, and its organisation, which shows the default one.</summary>
    public void Forget(BillingAccountKey account)
    {
        accounts.Forget(account);
        organisations.Forget(account.Org);
    }

    private const string OrganisationsSql = $"""
        select {OrganisationRows.OrganisationColumns}
        from {OrganisationRows.OrganisationsWithDefault}
        where o.org_id = any($1)
        """;

    private async Task<IReadOnlyDictionary<OrgId, OrganisationProfile>> QueryOrganisations(
        IReadOnlyList<OrgId> orgs, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OrganisationsSql, orgs.Select(org => org.Value).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<OrgId, OrganisationProfile>(orgs.Count);
        while (await row.ReadAsync(cancellationToken))
        {
            var organisation = OrganisationRows.Organisation(row);
            found.Add(organisation.Id, organisation);
        }

        return found;
    }

    private const string AccountsSql = $"""
        select {OrganisationRows.BillingAccountColumns}
        from unnest($1, $2) as asked (org_id, billing_account_id)
        join accounts.billing_accounts b using (org_id, billing_account_id)
        """;

    private async Task<IReadOnlyDictionary<BillingAccountKey, BillingAccountProfile>> QueryAccounts(
        IReadOnlyList<BillingAccountKey> keys, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            AccountsSql, keys.Select(key => key.Org.Value).ToArray(), keys.Select(key => key.Account.Value).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<BillingAccountKey, BillingAccountProfile>(keys.Count);
        while (await row.ReadAsync(cancellationToken))
        {
            var account = OrganisationRows.BillingAccount(row);
            found.Add(new BillingAccountKey(account.OrganisationId, account.Id), account);
        }

        return found;
    }
}
