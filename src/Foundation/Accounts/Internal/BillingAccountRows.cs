using Npgsql;

namespace Quoin.Accounts;

/// <summary>Writing billing accounts.</summary>
internal static class BillingAccountRows
{
    private const string InsertSql = """
        insert into accounts.billing_accounts (
            org_id, billing_account_id, is_default, kind, name, currency, settlement, status, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    public static async Task Insert(
        NpgsqlTransaction transaction, BillingAccountProfile account, string actor, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = account.OrganisationId.Value });
        command.Parameters.Add(new() { Value = account.Id.Value });
        command.Parameters.Add(new() { Value = account.IsDefault });
        command.Parameters.Add(new() { Value = StoredWord.Of(account.Kind) });
        command.Parameters.Add(new() { Value = account.Name });
        command.Parameters.Add(new() { Value = account.Currency.Code });
        command.Parameters.Add(new() { Value = StoredWord.Of(account.Settlement) });
        command.Parameters.Add(new() { Value = StoredWord.Of(account.Status) });
        command.Parameters.Add(new() { Value = actor });
        command.Parameters.Add(new() { Value = account.CreatedAt });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
