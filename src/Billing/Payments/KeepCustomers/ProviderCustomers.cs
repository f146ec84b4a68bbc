using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepCustomers;

/// <summary>Every way getting an account's customer can end.</summary>
internal abstract record CustomerOutcome
{
    private CustomerOutcome()
    {
    }

    /// <summary>The customer in use.</summary>
    public sealed record Found(CustomerRow Customer) : CustomerOutcome;

    /// <summary>The provider refused to make one.</summary>
    public sealed record Refused(ProviderFailure Failure) : CustomerOutcome;

    /// <summary>The provider has not said; the same attempt may be made again.</summary>
    public sealed record Unknown(ProviderFailure Failure) : CustomerOutcome;
}

/// <summary>
/// An account's customer at a provider: made once by itself, and made anew when the provider lost it. The key of the call
/// follows from the account and from how many customers it had, so that whoever asks at once gets the same one.
/// </summary>
internal sealed class ProviderCustomers(
    NpgsqlDataSource database,
    AccountLock accounts,
    CustomerStore store,
    RequestKeys keys,
    ILogger<ProviderCustomers> logger)
{
    private const string AllSql = $"""
        select {CustomerRow.Columns}
        from payments.customers
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
        order by created_at, customer_id
        """;

    /// <summary>The account's customer in use; null when it has none.</summary>
    public async Task<CustomerRow?> Active(BillingAccountKey account, ProviderPlace place, CancellationToken cancellationToken) =>
        (await All(account, place, cancellationToken)).FirstOrDefault(customer => customer.IsActive);

    /// <summary>The account's customer in use; makes one where there is none.</summary>
    public async Task<CustomerOutcome> Ensure(
        IPaymentProvider provider, PaymentMode mode, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        var key = new BillingAccountKey(account.OrganisationId, account.Id);
        var place = new ProviderPlace(provider.Name, mode);
        var all = await All(key, place, cancellationToken);
        if (all.FirstOrDefault(customer => customer.IsActive) is { } active)
        {
            return new CustomerOutcome.Found(active);
        }

        var parameters = new CustomerParameters(
            Email: null,
            account.Name,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ProviderMetadata.Org] = account.OrganisationId.ToString(),
                [ProviderMetadata.BillingAccount] = account.Id.ToString(),
            });
        var callKey = keys.CallKeyOf(place, "create_customer", $"{key.Org}/{key.Account}/{all.Count}");
        return await provider.CreateCustomer(parameters, callKey, cancellationToken) switch
        {
            ProviderOutcome<ProviderCustomer>.Done(var made, _) =>
                new CustomerOutcome.Found(await Keep(key, place, made, cancellationToken)),
            ProviderOutcome<ProviderCustomer>.Rejected(var failure) => new CustomerOutcome.Refused(failure),
            ProviderOutcome<ProviderCustomer>.NotFound(var failure) => new CustomerOutcome.Refused(failure),
            ProviderOutcome<ProviderCustomer>.Unknown(var failure) => new CustomerOutcome.Unknown(failure),
            _ => throw new UnreachableException(),
        };
    }

    private const string RetireSql = """
        update payments.customers
        set is_active = false,
            updated_at = $3
        where org_id = $1
          and customer_id = $2
          and is_active
        """;

    /// <summary>The provider has this customer no more: the next one who needs a customer makes another.</summary>
    public static Task Retire(LockedAccount account, PaymentCustomerId customer, CancellationToken cancellationToken) =>
        account.Transaction.Sql(RetireSql, account.Org.Value, customer.Value, account.Now).Run(cancellationToken);

    private const string ActivateSql = """
        update payments.customers
        set is_active = true,
            updated_at = $3
        where org_id = $1
          and customer_id = $2
        """;

    /// <summary>Puts a customer in use in place of whichever was.</summary>
    public async Task<CustomerRow> Use(
        LockedAccount account, ProviderPlace place, ProviderCustomer customer, CancellationToken cancellationToken)
    {
        var row = await store.Ensure(account, place, customer.Id, customer.Email, replaces: true, cancellationToken);
        if (row.IsActive)
        {
            return row;
        }

        if (await store.Active(account, place, cancellationToken) is { } current)
        {
            await Retire(account, current.Id, cancellationToken);
        }

        await account.Transaction.Sql(ActivateSql, account.Org.Value, row.Id.Value, account.Now).Run(cancellationToken);
        return row with { IsActive = true };
    }

    private async Task<CustomerRow> Keep(
        BillingAccountKey key, ProviderPlace place, ProviderCustomer made, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, key, cancellationToken);
        var row = await store.Ensure(account, place, made.Id, made.Email, replaces: false, cancellationToken);

        // News may have linked another one meanwhile: the one in use is the one that counts.
        var active = await store.Active(account, place, cancellationToken) ?? row;
        await transaction.CommitAsync(cancellationToken);
        Log.CustomerMade(logger, key.Org, key.Account, place.Provider, row.Id);
        return active;
    }

    private Task<IReadOnlyList<CustomerRow>> All(
        BillingAccountKey account, ProviderPlace place, CancellationToken cancellationToken) => database
        .Sql(AllSql, account.Org.Value, account.Account.Value, place.Provider, place.ModeWord)
        .All(CustomerRow.Read, cancellationToken);
}
