using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Reading and writing billing accounts. Whatever changes which there are takes the organisation's row first, as what
/// changes who belongs does.
/// </summary>
internal static class BillingAccountRows
{
    private const string InsertSql = """
        insert into accounts.billing_accounts (
            org_id, billing_account_id, is_default, kind, name, currency, settlement, status, created_by, created_at,
            project_id, user_id, parent_billing_account_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    public static async Task Insert(
        NpgsqlTransaction transaction, BillingAccountProfile account, string actor, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            account.OrganisationId.Value,
            account.Id.Value,
            account.IsDefault,
            StoredWord.Of(account.Kind),
            account.Name,
            account.Currency.Code,
            StoredWord.Of(account.Settlement),
            StoredWord.Of(account.Status),
            actor,
            account.CreatedAt,
            account.ProjectId?.Value,
            account.UserId?.Value,
            account.ParentBillingAccountId?.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string FindSql = $"""
        select {OrganisationRows.BillingAccountColumns}
        from accounts.billing_accounts b
        where b.org_id = $1
            and b.billing_account_id = $2
        """;

    public static async Task<BillingAccountProfile?> Find(
        NpgsqlTransaction transaction, OrgId org, BillingAccountId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, org.Value, id.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? OrganisationRows.BillingAccount(row) : null;
    }

    private const string CountSql = """
        select count(*)
        from accounts.billing_accounts
        where org_id = $1
        """;

    public static async Task<long> Count(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(CountSql, org.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string ChangeSql = """
        update accounts.billing_accounts
        set name = $3, status = $4
        where org_id = $1
            and billing_account_id = $2
        """;

    public static async Task Change(
        NpgsqlTransaction transaction, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            ChangeSql, account.OrganisationId.Value, account.Id.Value, account.Name, StoredWord.Of(account.Status));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string OpenOfProjectSql = """
        select b.billing_account_id
        from accounts.billing_accounts b
        where b.org_id = $1
            and b.project_id = $2
            and b.billing_account_id <> $3
            and b.status = 'active'
        order by b.billing_account_id
        limit 1
        """;

    /// <summary>Another open account of the project an account stands for; null where there is none.</summary>
    public static async Task<BillingAccountId?> OpenOfProject(
        NpgsqlTransaction transaction, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        if (account.ProjectId is not { } project)
        {
            return null;
        }

        await using var command = transaction.Sql(
            OpenOfProjectSql, account.OrganisationId.Value, project.Value, account.Id.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid other ? new BillingAccountId(other) : null;
    }

    private const string OpenChildrenSql = """
        select count(*)
        from accounts.billing_accounts
        where org_id = $1
            and parent_billing_account_id = $2
            and status = 'active'
        """;

    /// <summary>How many open accounts an account pays for.</summary>
    public static async Task<long> OpenChildren(
        NpgsqlTransaction transaction, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            OpenChildrenSql, account.OrganisationId.Value, account.Id.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string MissingSql = """
        select
            $2::uuid is null or exists (
                select 1 from accounts.projects where org_id = $1 and project_id = $2 and archived_at is null),
            $3::uuid is null or exists (
                select 1 from accounts.members where org_id = $1 and user_id = $3),
            $4::uuid is null or exists (
                select 1 from accounts.billing_accounts
                where org_id = $1 and billing_account_id = $4 and status = 'active' and currency = $5)
        """;

    /// <summary>What of all that an account stands for, or is paid by, is not there (any more); null when all is.</summary>
    public static async Task<string?> Missing(
        NpgsqlTransaction transaction, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            MissingSql,
            account.OrganisationId.Value,
            account.ProjectId?.Value,
            account.UserId?.Value,
            account.ParentBillingAccountId?.Value,
            account.Currency.Code);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return !row.GetBoolean(0) ? "project in use"
            : !row.GetBoolean(1) ? "member"
            : !row.GetBoolean(2) ? "open account of the same currency to pay for it"
            : null;
    }
}
