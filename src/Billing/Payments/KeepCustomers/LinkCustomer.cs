using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepCustomers;

/// <summary>A customer of the provider to use for an account from now on.</summary>
/// <param name="BillingAccount">Which account of the organisation.</param>
/// <param name="ProviderCustomer">The provider's id of the customer.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record LinkCustomerRequest(BillingAccountId BillingAccount, string ProviderCustomer, string Reason);

/// <summary>The customer an account has at a provider.</summary>
/// <param name="Customer">Its id here.</param>
/// <param name="BillingAccount">Whose it is.</param>
/// <param name="Provider">The provider's name.</param>
/// <param name="Mode">Test or live.</param>
/// <param name="ProviderCustomer">The provider's id.</param>
/// <param name="Email">Where the provider sends receipts; null unknown.</param>
internal sealed record CustomerAnswer(
    PaymentCustomerId Customer,
    BillingAccountId BillingAccount,
    string Provider,
    PaymentMode Mode,
    string ProviderCustomer,
    string? Email);

/// <summary><c>POST /v1/payments/customers</c>: the operator links an account to a customer the provider has, or repairs that.</summary>
internal sealed class LinkCustomer(
    NpgsqlDataSource database,
    IPaymentProviders providers,
    Organisations organisations,
    AccountLock accounts,
    ProviderCustomers customers,
    CustomerStore store,
    ProviderIds providerIds,
    IAudit audit)
{
    public static Task<IResult> Endpoint(
        LinkCustomerRequest request, LinkCustomer handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Run(request, context.Caller(), cancellationToken);

    private async Task<IResult> Run(LinkCustomerRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        if (Wrong(request) is { } wrong)
        {
            return new Problem(PaymentsProblems.InvalidPaymentInput, wrong);
        }

        if (await organisations.FindBillingAccount(org, request.BillingAccount, cancellationToken) is null
            || await providers.ModeOf(org, cancellationToken) is not { } mode)
        {
            return new Problem(PlatformProblems.NotFound, $"There is no {request.BillingAccount}.");
        }

        if (providers.Of(mode) is not { } provider)
        {
            return new Problem(PaymentsProblems.PaymentsNotConfigured, ProviderProblems.NoProvider);
        }

        return await provider.Customer(request.ProviderCustomer, cancellationToken) switch
        {
            ProviderOutcome<ProviderCustomer>.Done({ IsDeleted: false } found, _) =>
                await Link(request, caller, new ProviderPlace(provider.Name, mode), found, cancellationToken),
            ProviderOutcome<ProviderCustomer>.Done or ProviderOutcome<ProviderCustomer>.NotFound =>
                new Problem(PlatformProblems.NotFound, "The provider has no such customer."),
            ProviderOutcome<ProviderCustomer>.Rejected(var failure) =>
                new Problem(PaymentsProblems.CheckoutProviderError, failure.Message),
            ProviderOutcome<ProviderCustomer>.Unknown => new Problem(ProviderProblems.ProviderUnavailable, ProviderProblems.NoAnswer),
            _ => throw new UnreachableException(),
        };
    }

    private async Task<IResult> Link(
        LinkCustomerRequest request,
        Caller caller,
        ProviderPlace place,
        ProviderCustomer found,
        CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        if (await providerIds.Find(ProviderIds.Customer, place, found.Id, cancellationToken) is { } home && home.Org != org)
        {
            return new Problem(ProviderProblems.CustomerTaken, $"{found.Id} belongs to another account.");
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, new BillingAccountKey(org, request.BillingAccount), cancellationToken);
        if (await store.ByProviderId(account, place, found.Id, cancellationToken) is { } known
            && known.BillingAccount != request.BillingAccount)
        {
            return new Problem(ProviderProblems.CustomerTaken, $"{found.Id} belongs to another account.");
        }

        var before = await store.Active(account, place, cancellationToken);
        var row = await customers.Use(account, place, found, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                caller.Actor,
                "payment_customer.linked",
                request.BillingAccount.ToString(),
                request.Reason,
                Before: before is null ? null : JsonSerializer.Serialize(new { provider_customer = before.ProviderId }),
                After: JsonSerializer.Serialize(new { provider_customer = row.ProviderId })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new CustomerAnswer(
            row.Id, row.BillingAccount, place.Provider, place.Mode, row.ProviderId, row.Email));
    }

    private static string? Wrong(LinkCustomerRequest request) =>
        InputText.Problem(request.ProviderCustomer, ClientLimits.ProviderIdCharactersMax) is { } id ? $"provider_customer {id}"
        : InputText.Problem(request.Reason, ClientLimits.ReasonCharactersMax) is { } reason ? $"reason {reason}"
        : null;
}
