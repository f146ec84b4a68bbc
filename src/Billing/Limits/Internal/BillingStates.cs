using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Reads and writes billing states and overrides. A state is made when it is first asked for, by insert-or-ignore and
/// reading again, so that two who ask at once get the same one; its trial counts from the organisation's creation.
/// </summary>
internal sealed class BillingStates(NpgsqlDataSource database, TimeProvider time, DefaultPlan defaultPlan)
{
    private const string ReadSql = """
        select status, default_plan, trial_ends_at, status_since
        from limits.billing_states
        where org_id = $1
        """;

    public async Task<BillingState?> Find(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, org.Value);
        return await One(command, org, cancellationToken);
    }

    public async Task<BillingState> Read(OrganisationProfile org, CancellationToken cancellationToken)
    {
        if (await Find(org.Id, cancellationToken) is { } known)
        {
            return known;
        }

        await Seed(org, cancellationToken);
        return await Find(org.Id, cancellationToken)
            ?? throw new InvalidOperationException($"{org.Id} has no billing state right after it was made.");
    }

    private const string SeedSql = """
        insert into limits.billing_states (org_id, status, default_plan, trial_ends_at, status_since, created_at)
        values ($1, 'trial', $2, $3, $4, $5)
        on conflict (org_id) do nothing
        """;

    private async Task Seed(OrganisationProfile org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            SeedSql, org.Id.Value, defaultPlan.Key, TrialEndOf(org), org.CreatedAt.ToUniversalTime(), time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static DateTimeOffset TrialEndOf(OrganisationProfile org) => org.CreatedAt.ToUniversalTime() + Limits.TrialLength;

    private const string LockSql = """
        select status, default_plan, trial_ends_at, status_since
        from limits.billing_states
        where org_id = $1
        for update
        """;

    public static async Task<BillingState?> Lock(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org.Value);
        return await One(command, org, cancellationToken);
    }

    private const string WriteSql = """
        update limits.billing_states
        set status = $2,
            status_since = $3
        where org_id = $1
        """;

    public static async Task Write(NpgsqlTransaction transaction, BillingState state, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql, state.Org.Value, StoredWord.Of(state.Status), state.StatusSince.ToUniversalTime());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string TrialDueSql = """
        select org_id
        from limits.billing_states
        where status = 'trial'
            and trial_ends_at <= $1
            and org_id > $2
        order by org_id
        limit $3
        """;

    public Task<IReadOnlyList<OrgId>> TrialsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken) =>
        database.OrganisationsDue(TrialDueSql, instant, after, limit, cancellationToken);

    private const string PageSql = """
        select org_id
        from limits.billing_states
        where org_id > $1
            and status <> 'canceled'
        order by org_id
        limit $2
        """;

    /// <summary>Organisations that are known here and not canceled, in the order of their ids.</summary>
    public async Task<IReadOnlyList<OrgId>> Page(OrgId? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PageSql, after?.Value ?? Guid.Empty, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var orgs = new List<OrgId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            orgs.Add(new OrgId(reader.GetGuid(0)));
        }

        return orgs;
    }

    private const string OverridesSql = """
        select code, limit_quantity, enforcement
        from limits.overrides
        where org_id = $1
        order by code
        """;

    public async Task<IReadOnlyList<LimitOverride>> Overrides(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OverridesSql, org.Value);
        return await ReadOverrides(command, cancellationToken);
    }

    public static async Task<IReadOnlyList<LimitOverride>> ReadOverrides(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(OverridesSql, org.Value);
        return await ReadOverrides(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<LimitOverride>> ReadOverrides(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var overrides = new List<LimitOverride>();
        while (await reader.ReadAsync(cancellationToken))
        {
            overrides.Add(new LimitOverride(
                reader.GetString(0),
                reader.IsDBNull(1) ? null : reader.GetDecimal(1),
                reader.IsDBNull(2) ? null : StoredWord.Read<QuotaEnforcement>(reader.GetString(2))));
        }

        return overrides;
    }

    private static async Task<BillingState?> One(NpgsqlCommand command, OrgId org, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new BillingState(
                org,
                StoredWord.Read<BillingStatus>(reader.GetString(0)),
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetFieldValue<DateTimeOffset>(3))
            : null;
    }
}
