using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Writing billing accounts.</summary>
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
}
