using Npgsql;
using Quoin.Accounts;
using Quoin.Payments.Internal;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.FollowSubscription;

/// <summary>What plans of an account follow, as it was seen last.</summary>
/// <param name="Subscription">Which subscription.</param>
/// <param name="Plan">The version that was followed; null none yet.</param>
/// <param name="PastDueSince">Since when it is not paid; null is paid.</param>
/// <param name="ChangesTo">The version that was asked for last.</param>
/// <param name="ChangesAt">From when its difference was counted.</param>
internal sealed record FollowedAccount(
    SubscriptionId Subscription,
    PlanVersionId? Plan,
    DateTimeOffset? PastDueSince,
    PlanVersionId? ChangesTo,
    DateTimeOffset? ChangesAt)
{
    public static FollowedAccount Read(NpgsqlDataReader row) => new(
        new SubscriptionId(row.GetGuid(0)),
        row.IdOrNull(1) is { } plan ? new PlanVersionId(plan) : null,
        row.InstantOrNull(2),
        row.IdOrNull(3) is { } to ? new PlanVersionId(to) : null,
        row.InstantOrNull(4));
}

/// <summary>What plans of accounts follow.</summary>
internal sealed class FollowedAccounts(NpgsqlDataSource database)
{
    private const string FindSql = """
        select subscription_id, plan_version_id, past_due_since, changes_to, changes_at
        from payments.followed_accounts
        where org_id = $1
          and billing_account_id = $2
        """;

    /// <summary>What is followed; null before anything was.</summary>
    public Task<FollowedAccount?> Find(BillingAccountKey account, CancellationToken cancellationToken) =>
        database.Sql(FindSql, account.Org.Value, account.Account.Value).Only(FollowedAccount.Read, cancellationToken);

    private const string RememberSql = """
        insert into payments.followed_accounts
            (org_id, billing_account_id, subscription_id, plan_version_id, updated_at)
        values ($1, $2, $3, $4, $5)
        on conflict (org_id, billing_account_id) do update
        set subscription_id = excluded.subscription_id,
            plan_version_id = excluded.plan_version_id,
            updated_at = excluded.updated_at
        """;

    /// <summary>Plans say what the subscription does.</summary>
    public Task<int> Remember(
        BillingAccountKey account, SubscriptionRow subscription, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Sql(
            RememberSql, account.Org.Value, account.Account.Value, subscription.Id.Value, subscription.Plan?.Value, now)
            .Run(cancellationToken);

    private const string PastDueSql = """
        update payments.followed_accounts
        set past_due_since = $3,
            updated_at = $4
        where org_id = $1
          and billing_account_id = $2
          and past_due_since is distinct from $3
        """;

    /// <summary>Since when it is not paid.</summary>
    public Task<int> SetPastDue(
        BillingAccountKey account, DateTimeOffset? since, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Sql(PastDueSql, account.Org.Value, account.Account.Value, since, now).Run(cancellationToken);

    private const string ChangeSql = """
        insert into payments.followed_accounts
            (org_id, billing_account_id, subscription_id, changes_to, changes_at, updated_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (org_id, billing_account_id) do update
        set changes_to = excluded.changes_to,
            changes_at = excluded.changes_at,
            updated_at = excluded.updated_at
        """;

    /// <summary>A change was asked for, whose difference the provider counts from an instant.</summary>
    public static Task<int> ExpectChange(
        LockedAccount account,
        SubscriptionRow subscription,
        PlanVersionId to,
        DateTimeOffset at,
        CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            ChangeSql,
            account.Org.Value,
            account.BillingAccount.Value,
            subscription.Id.Value,
            to.Value,
            at,
            account.Now).Run(cancellationToken);
}
