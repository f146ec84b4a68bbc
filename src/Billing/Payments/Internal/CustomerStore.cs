using Npgsql;
using Quoin.Kernel;

using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A billing account as a provider knows it.</summary>
internal sealed record CustomerRow(
    OrgId Org,
    PaymentCustomerId Id,
    BillingAccountId BillingAccount,
    ProviderPlace Place,
    string ProviderId,
    string? Email,
    bool IsActive)
{
    public const string Columns = """
        org_id, customer_id, billing_account_id, provider, mode, provider_customer_id, email, is_active
        """;

    public static CustomerRow Read(NpgsqlDataReader row) => new(
        new OrgId(row.GetGuid(0)),
        new PaymentCustomerId(row.GetGuid(1)),
        new BillingAccountId(row.GetGuid(2)),
        new ProviderPlace(row.GetString(3), row.Mode(4)),
        row.GetString(5),
        row.TextOrNull(6),
        row.GetBoolean(7));
}

/// <summary>The customers. An account has one in use at each provider and mode; those before it are kept.</summary>
internal sealed class CustomerStore(ProviderIds providerIds, IdSource ids)
{
    private const string ActiveSql = $"""
        select {CustomerRow.Columns}
        from payments.customers
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
          and is_active
        """;

    /// <summary>The account's customer in use; null when it has none.</summary>
    public Task<CustomerRow?> Active(LockedAccount account, ProviderPlace place, CancellationToken cancellationToken) =>
        account.Transaction
            .Sql(ActiveSql, account.Org.Value, account.BillingAccount.Value, place.Provider, place.ModeWord)
            .Only(CustomerRow.Read, cancellationToken);

    private const string ByProviderIdSql = $"""
        select {CustomerRow.Columns}
        from payments.customers
        where org_id = $1
          and provider = $2
          and mode = $3
          and provider_customer_id = $4
        """;

    /// <summary>A customer by the provider's id; of whatever account, for the caller to compare.</summary>
    public Task<CustomerRow?> ByProviderId(
        LockedAccount account, ProviderPlace place, string id, CancellationToken cancellationToken) =>
        account.Transaction.Sql(ByProviderIdSql, account.Org.Value, place.Provider, place.ModeWord, id)
            .Only(CustomerRow.Read, cancellationToken);

    private const string DeactivateSql = """
        update payments.customers
        set is_active = false,
            updated_at = $5
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
          and is_active
        """;

    private const string InsertSql = """
        insert into payments.customers
            (org_id, customer_id, billing_account_id, provider, mode, provider_customer_id, email, is_active, created_at,
            updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        """;

    /// <summary>
    /// The row of a provider's customer, made when there is none. It becomes the one in use when the account has none, or
    /// where it replaces one that is gone.
    /// </summary>
    /// <exception cref="InvalidOperationException">It belongs to another account.</exception>
    public async Task<CustomerRow> Ensure(
        LockedAccount account,
        ProviderPlace place,
        string providerId,
        string? email,
        bool replaces,
        CancellationToken cancellationToken)
    {
        if (await ByProviderId(account, place, providerId, cancellationToken) is { } known)
        {
            return known.BillingAccount == account.BillingAccount
                ? known
                : throw new InvalidOperationException($"{known.Id} belongs to another billing account.");
        }

        var current = await Active(account, place, cancellationToken);
        if (current is not null && replaces)
        {
            await account.Transaction.Sql(
                DeactivateSql,
                account.Org.Value,
                account.BillingAccount.Value,
                place.Provider,
                place.ModeWord,
                account.Now).Run(cancellationToken);
        }

        var customer = new CustomerRow(
            account.Org,
            ids.Next<PaymentCustomerId>(),
            account.BillingAccount,
            place,
            providerId,
            email,
            IsActive: current is null || replaces);
        await account.Transaction.Sql(
            InsertSql,
            customer.Org.Value,
            customer.Id.Value,
            customer.BillingAccount.Value,
            place.Provider,
            place.ModeWord,
            providerId,
            email,
            customer.IsActive,
            account.Now).Run(cancellationToken);
        await providerIds.Add(
            account.Transaction, ProviderIds.Customer, place, providerId, account.Org, customer.Id.Value, cancellationToken);
        return customer;
    }

    private const string AccountOfSql = """
        select billing_account_id
        from payments.customers
        where org_id = $1
          and customer_id = $2
        """;

    /// <summary>The account of a customer row the directory named.</summary>
    public static async Task<BillingAccountId?> AccountOf(
        NpgsqlDataSource database, OrgId org, Guid customer, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(AccountOfSql, org.Value, customer);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid id ? new BillingAccountId(id) : null;
    }
}
