using System.Collections.Concurrent;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>
/// Reads plans and who has them, and remembers both for <see cref="Limits.PlansBelievedFor"/>: a change begins to price
/// usage minutes ahead, so no usage is priced by what was remembered.
/// </summary>
internal sealed class PlanReader(NpgsqlDataSource database, TimeProvider time)
{
    private readonly ConcurrentDictionary<BillingAccountKey, Known> accounts = new();
    private volatile KnownCatalogue? known;

    private const string FamiliesSql = """
        select family, name, description, visibility
        from pricing.plan_families
        """;

    private const string VersionsSql = $"""
        select {PlanRows.VersionColumns}
        from pricing.plan_versions
        """;

    public async ValueTask<PlanCatalogue> Catalogue(CancellationToken cancellationToken)
    {
        if (known is { } last && IsFresh(last.ReadAt))
        {
            return last.Catalogue;
        }

        var readAt = time.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var catalogue = await Read(connection, cancellationToken);
        known = new KnownCatalogue(catalogue, readAt);
        return catalogue;
    }

    /// <summary>The plans as a transaction sees them.</summary>
    public static async Task<PlanCatalogue> Read(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Sql(FamiliesSql);
        batch.Sql(VersionsSql);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var families = new List<PlanFamily>();
        while (await reader.ReadAsync(cancellationToken))
        {
            families.Add(new PlanFamily(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetString(2),
                Enum.Parse<PlanVisibility>(reader.GetString(3), ignoreCase: true)));
        }

        await reader.NextResultAsync(cancellationToken);
        var versions = new List<PlanVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            versions.Add(PlanRows.Version(reader));
        }

        return new PlanCatalogue(families, versions);
    }

    public ValueTask<AccountPlans> Of(BillingAccountKey key, CancellationToken cancellationToken) =>
        accounts.TryGetValue(key, out var entry) && IsFresh(entry.ReadAt)
            ? ValueTask.FromResult(entry.Plans)
            : new ValueTask<AccountPlans>(Learn(key, cancellationToken));

    private async Task<AccountPlans> Learn(BillingAccountKey key, CancellationToken cancellationToken) =>
        (await Of([key], cancellationToken))[key];

    public async ValueTask<IReadOnlyDictionary<BillingAccountKey, AccountPlans>> Of(
        IReadOnlyCollection<BillingAccountKey> keys,
        CancellationToken cancellationToken)
    {
        var found = new Dictionary<BillingAccountKey, AccountPlans>(keys.Count);
        var missing = new HashSet<BillingAccountKey>();
        foreach (var key in keys)
        {
            if (accounts.TryGetValue(key, out var entry) && IsFresh(entry.ReadAt))
            {
                found[key] = entry.Plans;
            }
            else
            {
                missing.Add(key);
            }
        }

        if (missing.Count > 0)
        {
            await Learn([.. missing], found, cancellationToken);
        }

        return found;
    }

    private const string AssignedAccountsSql = """
        select billing_account_id, change_count
        from pricing.assigned_accounts
        where org_id = $1
        order by billing_account_id
        """;

    public async Task<IReadOnlyList<AssignedAccount>> AssignedAccounts(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(AssignedAccountsSql, org.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var assigned = new List<AssignedAccount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            assigned.Add(new AssignedAccount(new BillingAccountId(reader.GetGuid(0)), reader.GetInt64(1)));
        }

        return assigned;
    }

    /// <summary>What an account has and had, as a transaction sees it.</summary>
    public static async Task<AccountPlans> Of(
        NpgsqlTransaction transaction, BillingAccountKey account, CancellationToken cancellationToken)
    {
        var catalogue = await Read(transaction.Connection!, cancellationToken);
        var assigned = await AssignmentsOf(transaction.Connection!, [account], catalogue, cancellationToken);
        return new AccountPlans(assigned[account]);
    }

    /// <summary>Reads it anew next time: called after this replica itself changed it.</summary>
    public void Forget(BillingAccountKey key) => accounts.TryRemove(key, out _);

    /// <summary>Reads the plans anew next time: called after this replica itself changed them.</summary>
    public void ForgetCatalogue() => known = null;

    private async Task Learn(
        BillingAccountKey[] keys,
        Dictionary<BillingAccountKey, AccountPlans> found,
        CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var catalogue = await Catalogue(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var assignments = await AssignmentsOf(connection, keys, catalogue, cancellationToken);
        if (accounts.Count + keys.Length > Limits.AccountsRememberedMax)
        {
            accounts.Clear();
        }

        foreach (var key in keys)
        {
            var plans = assignments.Contains(key) ? new AccountPlans(assignments[key]) : AccountPlans.None;
            accounts[key] = new Known(plans, readAt);
            found[key] = plans;
        }
    }

    private const string AssignmentsSql = $"""
        select {PlanRows.AssignmentColumns}
        from pricing.plan_assignments
        where (org_id, billing_account_id) in (select * from unnest($1::uuid[], $2::uuid[]))
        order by kind, effective_from
        """;

    /// <summary>All some accounts have and had, as a connection sees it.</summary>
    public static async Task<ILookup<BillingAccountKey, Assignment>> AssignmentsOf(
        NpgsqlConnection connection,
        IReadOnlyCollection<BillingAccountKey> keys,
        PlanCatalogue catalogue,
        CancellationToken cancellationToken)
    {
        var rows = new List<Assignment>();
        var isComplete = true;
        await using (var command = connection.Sql(
            AssignmentsSql, keys.Select(key => key.Org.Value).ToArray(), keys.Select(key => key.Account.Value).ToArray()))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (isComplete && await reader.ReadAsync(cancellationToken))
            {
                isComplete = reader.IsDBNull(4) || catalogue.Find(new PlanVersionId(reader.GetGuid(4))) is not null;
                if (isComplete)
                {
                    rows.Add(PlanRows.Assignment(reader, id => catalogue.Find(id)!));
                }
            }
        }

        // A plan published within the last moments is not among those remembered; assigned, it is in the database.
        return isComplete
            ? rows.ToLookup(row => row.Account)
            : await AssignmentsOf(connection, keys, await Read(connection, cancellationToken), cancellationToken);
    }

    private bool IsFresh(long readAt) => time.GetElapsedTime(readAt) < Limits.PlansBelievedFor;

    private sealed record Known(AccountPlans Plans, long ReadAt);

    private sealed record KnownCatalogue(PlanCatalogue Catalogue, long ReadAt);
}
