using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepMethods;

/// <summary>A change of a payment method to ask for.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Mode">Whether real money moves.</param>
/// <param name="Provider">Who has the method.</param>
/// <param name="Method">Which.</param>
/// <param name="Key">The client's own name of the change; null makes each a new one.</param>
/// <param name="Actor">Who asks, for the audit log.</param>
internal sealed record MethodChange(
    BillingAccountProfile Account,
    PaymentMode Mode,
    IPaymentProvider Provider,
    PaymentMethodId Method,
    string? Key,
    string Actor)
{
    public ProviderPlace Place => new(Provider.Name, Mode);
}

/// <summary>Changes payment methods at the provider, and writes what it took.</summary>
internal sealed class ChangeMethods(
    NpgsqlDataSource database, AccountLock accounts, MethodStore store, RequestKeys keys, IdSource ids, IAudit audit)
{
    /// <summary>Lets later payments use a method.</summary>
    public async Task<MethodChangeOutcome> SetDefault(MethodChange request, CancellationToken cancellationToken)
    {
        if (await Find(request, cancellationToken) is not { } row)
        {
            return NoMethod(request);
        }

        // A default may be set, changed and set again: the key is this request's, not only the method's.
        var attempt = request.Key ?? ids.Next<PaymentMethodId>().ToString();
        var key = keys.CallKeyOf(request.Place, "set_default_method", $"{row.Id}/{attempt}");
        var customer = await CustomerOf(row, cancellationToken);
        return await request.Provider.SetDefaultPaymentMethod(customer, row.ProviderId, key, cancellationToken) switch
        {
            ProviderOutcome<ProviderCustomer>.Done => await Written(
                request,
                row,
                "payment_method.made_default",
                (account, token) => MethodStore.SetDefault(account, row.Place, row.ProviderId, token),
                cancellationToken),
            var other => Refusal(other),
        };
    }

    /// <summary>Takes a method away, here and at the provider.</summary>
    public async Task<MethodChangeOutcome> Detach(MethodChange request, CancellationToken cancellationToken)
    {
        if (await Find(request, cancellationToken) is not { } row)
        {
            return NoMethod(request);
        }

        var key = keys.CallKeyOf(request.Place, "detach_method", row.ProviderId);
        return await request.Provider.DetachPaymentMethod(row.ProviderId, key, cancellationToken) switch
        {
            ProviderOutcome<ProviderPaymentMethod>.Done or ProviderOutcome<ProviderPaymentMethod>.NotFound => await Written(
                request,
                row,
                "payment_method.detached",
                (account, token) => MethodStore.Save(
                    account, row with { Status = PaymentMethodStatus.Detached, IsDefault = false }, token),
                cancellationToken),
            var other => Refusal(other),
        };
    }

    private static MethodChangeOutcome.NotFound NoMethod(MethodChange request) =>
        new($"The billing account has no {request.Method}.");

    private async Task<MethodRow?> Find(MethodChange request, CancellationToken cancellationToken) =>
        await store.Find(request.Account.OrganisationId, request.Method, cancellationToken) is { } row
            && row.BillingAccount == request.Account.Id && row.Place == request.Place && row.IsUsable
            ? row
            : null;

    private static MethodChangeOutcome Refusal<T>(ProviderOutcome<T> outcome) => outcome switch
    {
        ProviderOutcome<T>.NotFound => new MethodChangeOutcome.NotFound("The provider has no such payment method."),
        ProviderOutcome<T>.Rejected(var failure) => new MethodChangeOutcome.Refused(failure.Message),
        _ => new MethodChangeOutcome.Unknown(),
    };

    private async Task<MethodChangeOutcome> Written(
        MethodChange request,
        MethodRow row,
        string act,
        Func<LockedAccount, CancellationToken, Task> write,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var key = new BillingAccountKey(request.Account.OrganisationId, request.Account.Id);
        var account = await accounts.Take(transaction, key, cancellationToken);
        await write(account, cancellationToken);
        var entry = new AuditEntry(request.Account.OrganisationId, request.Actor, act, row.Id.ToString());
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new MethodChangeOutcome.Changed();
    }

    private const string CustomerSql = """
        select provider_customer_id
        from payments.customers
        where org_id = $1
          and customer_id = $2
        """;

    private async Task<string> CustomerOf(MethodRow row, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(CustomerSql, row.Org.Value, row.Customer.Value);
        return (string)(await command.ExecuteScalarAsync(cancellationToken)
            ?? throw new InvalidOperationException($"{row.Customer} of {row.Id} is not there."));
    }
}
