using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepCustomers;
using Quoin.Payments.RecoverRequests;
using Quoin.Payments.SyncPrices;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.StartCheckout;

/// <summary>
/// Opens a checkout in three steps, none inside another: claim and freeze (one transaction), call the provider, finish
/// (one transaction). Dying anywhere between leaves a pending request that recovery goes on with.
/// </summary>
internal sealed class OpenCheckout(
    NpgsqlDataSource database,
    AccountLock accounts,
    ClaimRequests claims,
    PaymentStores stores,
    PrepareCheckout preparing,
    FinishCheckout finishing,
    EndRequests ending,
    Recovery recovery,
    SyncPlanPrices prices,
    ProviderCustomers customers,
    IPaymentProviders providers,
    Plans plans,
    IAudit audit,
    PaymentsOptions options,
    Guardrails guardrails,
    ILogger<OpenCheckout> logger)
{
    /// <summary>Opens what a customer asked for.</summary>
    public async Task<PaymentRequestOutcome> Handle(
        NewCheckout request, string clientKey, string actor, CancellationToken cancellationToken) =>
        CheckoutOrder.Problems(request) is { Count: > 0 } errors
            ? new PaymentRequestOutcome.Invalid(errors)
            : await Handle(CheckoutOrder.Of(request), clientKey, actor, cancellationToken);

    /// <summary>Opens what another part of the module orders.</summary>
    public async Task<PaymentRequestOutcome> Handle(
        CheckoutOrder order, string clientKey, string actor, CancellationToken cancellationToken)
    {
        if (await providers.ModeOf(order.Account.OrganisationId, cancellationToken) is not { } mode
            || providers.Of(mode) is not { } provider)
        {
            return new PaymentRequestOutcome.NotConfigured();
        }

        if (await WithoutCustomer(order, clientKey, provider, mode, cancellationToken) is { } none)
        {
            return none;
        }

        var catalogue = await plans.Catalogue(cancellationToken);
        if (order.Plan is { } family && catalogue.Newest(family, order.Account.Currency) is { } version)
        {
            // A plan published a moment ago has no price yet; whether it has one is decided below, under the lock.
            await prices.EnsureForSale(version, mode, cancellationToken);
        }

        var wanted = new NewRequest(
            order.Action, order.Flow, clientKey, order.Normalized, actor, new ProviderPlace(provider.Name, mode));
        var (claim, prepared) = await Claim(order, wanted, catalogue, provider, cancellationToken);

        // From here on it is finished, whether or not anybody still waits for the answer.
        return (claim, prepared) switch
        {
            (_, PrepareOutcome.Ready(var request)) => await Call(request, provider),
            (_, PrepareOutcome.Refused(var failure)) => RequestAnswers.Of(failure),
            (ClaimOutcome.Recoverable(var request), _) => await recovery.Recover(request.Org, request.Id, CancellationToken.None),
            _ => RequestAnswers.Of(claim) ?? throw new UnreachableException(),
        };
    }

    // Without a customer the page would make one, whose news nobody here could place before the checkout's own. A request
    // that is known is answered as it stands, whatever the provider says now.
    private async Task<PaymentRequestOutcome?> WithoutCustomer(
        CheckoutOrder order,
        string clientKey,
        IPaymentProvider provider,
        PaymentMode mode,
        CancellationToken cancellationToken)
    {
        var outcome = await customers.Ensure(provider, mode, order.Account, cancellationToken);
        return outcome is CustomerOutcome.Found
            || await stores.Requests.IsKnown(order.Key, order.Action, clientKey, cancellationToken)
            ? null
            : outcome is CustomerOutcome.Unknown
                ? RequestAnswers.InProgress
                : new PaymentRequestOutcome.Refused(
                    PaymentsProblems.CheckoutProviderError.Code, "The provider keeps no customer for the account.", null);
    }

    private async Task<(ClaimOutcome Claim, PrepareOutcome? Prepared)> Claim(
        CheckoutOrder order,
        NewRequest wanted,
        PlanCatalogue catalogue,
        IPaymentProvider provider,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, order.Key, cancellationToken);
        var subscriptions = await stores.Subscriptions.OfAccount(account, cancellationToken);
        var claim = await claims.ClaimOrReplay(account, wanted, cancellationToken);
        if (claim is not ClaimOutcome.Claimed(var request))
        {
            await transaction.CommitAsync(cancellationToken);
            return (claim, null);
        }

        var prepared = await preparing.Prepare(
            account, request, order, catalogue, subscriptions, provider, cancellationToken);
        if (prepared is PrepareOutcome.Refused(var failure))
        {
            // Kept, so that the same key is refused the same way however often it is sent.
            await stores.Requests.End(account, request, isExpired: false, failure, null, cancellationToken);
        }
        else
        {
            await (order.OnClaimed?.Invoke(account, request, cancellationToken) ?? Task.CompletedTask);
            var entry = new AuditEntry(
                order.Account.OrganisationId, wanted.Actor, "checkout.requested", request.Id.ToString(), After: wanted.Normalized);
            await audit.Record(transaction, entry, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return (claim, prepared);
    }

    private async Task<PaymentRequestOutcome> Call(RequestRow request, IPaymentProvider provider)
    {
        var outcome = await provider.CreateCheckout(request.Frozen!.Params, request.ProviderKey, CancellationToken.None);
        if (outcome is ProviderOutcome<ProviderCheckout>.Done(var session, var call))
        {
            return await finishing.Finish(request.AnsweredBy(call), session, CancellationToken.None);
        }

        if (ProviderRefusal.Of(outcome, isReplay: false) is not { } failure)
        {
            guardrails.Met(Guardrails.CheckoutIndeterminate);
            return await ending.NotLearnt(request);
        }

        guardrails.Met(Guardrails.CheckoutProviderError);
        Log.Rejected(logger, request.Id, request.OperationKey, failure.Category, failure.Code, failure.RequestId);
        var isKnownThere = failure.Category == ProviderFailureCategory.KeyReused;
        return await ending.Fail(
            request.AnsweredBy(failure.RequestId),
            ProviderRefusal.Kept,
            isExpired: false,
            isKnownThere ? request.UpperBoundAt + options.Grace : null,
            CancellationToken.None);
    }
}
