using System.Text.Json;
using Microsoft.Extensions.Logging;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.RecoverRequests;
using Quoin.Platform;

namespace Quoin.Payments.OpenPortal;

/// <summary>
/// Opens the provider's own page: claimed and frozen in one transaction, called, kept. It blocks nothing, so an unknown
/// outcome is simply asked for again.
/// </summary>
internal sealed class OpenPortalSession(
    PaymentStores stores,
    EndRequests ending,
    TakeRequests taking,
    IPaymentProviders providers,
    PaymentsOptions options,
    CallPortal calling)
{
    /// <summary>What the JSON of frozen parameters is.</summary>
    public const string Schema = "portal_params_v1";

    private sealed record Form(string Action, OrgId OrgId, BillingAccountId BillingAccountId, string ReturnPath);

    public async Task<PaymentRequestOutcome> Handle(
        BillingAccountProfile account,
        string returnPath,
        string clientKey,
        string actor,
        CancellationToken cancellationToken)
    {
        if (ReturnPath.Problem(returnPath) is { } problem)
        {
            return new PaymentRequestOutcome.Invalid(new Dictionary<string, string> { ["return_path"] = problem });
        }

        if (await providers.ModeOf(account.OrganisationId, cancellationToken) is not { } mode
            || providers.Of(mode) is not { } provider)
        {
            return new PaymentRequestOutcome.NotConfigured();
        }

        var form = new Form(Word.Of(RequestAction.Portal), account.OrganisationId, account.Id, returnPath);
        var wanted = new NewRequest(
            RequestAction.Portal, null, clientKey, CanonicalJson.Of(form), actor, new ProviderPlace(provider.Name, mode));
        return await taking.Handle(
            new BillingAccountKey(account.OrganisationId, account.Id),
            wanted,
            "portal.requested",
            (locked, request, subscriptions, token) => Prepare(locked, request, subscriptions, returnPath, provider, token),
            request => calling.Call(request, provider, isReplay: false, CancellationToken.None),
            cancellationToken);
    }

    private async Task<PrepareOutcome> Prepare(
        LockedAccount account,
        RequestRow request,
        IReadOnlyList<SubscriptionRow> subscriptions,
        string returnPath,
        IPaymentProvider provider,
        CancellationToken cancellationToken)
    {
        var customer = await stores.Customers.Active(account, request.Place, cancellationToken);
        return Obstacle(subscriptions, customer) is { } failure
            ? new PrepareOutcome.Refused(failure)
            : new PrepareOutcome.Ready(await Freeze(account, request, customer!, returnPath, provider, cancellationToken));
    }

    private static RequestFailure? Obstacle(IReadOnlyList<SubscriptionRow> subscriptions, CustomerRow? customer) =>
        !subscriptions.Any(one => one.IsCurrent)
            ? new RequestFailure(PaymentsProblems.PortalSubscriptionRequired.Code, "The billing account has no subscription.")
            : customer is null
                ? new RequestFailure(PaymentsProblems.CheckoutProviderError.Code, "The provider knows no customer of this account.")
                : null;

    private async Task<RequestRow> Freeze(
        LockedAccount account,
        RequestRow request,
        CustomerRow customer,
        string returnPath,
        IPaymentProvider provider,
        CancellationToken cancellationToken)
    {
        var text = provider.Freeze(new PortalParameters(customer.ProviderId, options.AddressOf(returnPath)));
        var frozen = new FrozenRequest(text, CanonicalJson.HashOf(text), Schema, provider.Provenance, account.Now);
        return await ending.Freeze(account, request, frozen, upperBoundAt: null, cancellationToken);
    }
}

/// <summary>Calls the provider for a portal's frozen request, and keeps what came of it; recovers it the same way.</summary>
internal sealed class CallPortal(EndRequests ending, Guardrails guardrails, ILogger<CallPortal> logger) : IRequestRecovery
{
    public bool Takes(RequestAction action) => action == RequestAction.Portal;

    public async Task<PaymentRequestOutcome> Resolve(
        RequestRow request, IPaymentProvider? provider, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var verdict = ReplayCheck.Of(request, provider, now);
        return verdict switch
        {
            ReplayVerdict.Allowed => await Call(request, provider!, isReplay: true, cancellationToken),
            ReplayVerdict.NoProvider => RequestAnswers.InProgress,
            _ => await ending.GiveUp(request, verdict, holdUntil: null, cancellationToken),
        };
    }

    public async Task<PaymentRequestOutcome> Call(
        RequestRow request, IPaymentProvider provider, bool isReplay, CancellationToken cancellationToken)
    {
        var outcome = await provider.CreatePortal(request.Frozen!.Params, request.ProviderKey, cancellationToken);
        if (outcome is ProviderOutcome<ProviderPortal>.Done(var portal, var call))
        {
            var answer = new PortalAnswer(
                request.Place.Provider,
                request.BillingAccount,
                request.Id,
                request.OperationKey,
                new OpenedPortal(portal.Id, portal.Url));
            var response = JsonSerializer.Serialize(answer, JsonConventions.Options);
            return await ending.Succeed(request.AnsweredBy(call), response, portal.Id, CancellationToken.None);
        }

        if (ProviderRefusal.Of(outcome, isReplay) is { } failure)
        {
            guardrails.Met(Guardrails.PortalProviderError);
            Log.Rejected(logger, request.Id, request.OperationKey, failure.Category, failure.Code, failure.RequestId);
            return await ending.Fail(
                request.AnsweredBy(failure.RequestId),
                ProviderRefusal.Kept,
                isExpired: false,
                holdUntil: null,
                CancellationToken.None);
        }

        guardrails.Met(Guardrails.PortalIndeterminate);
        return await ending.NotLearnt(request);
    }
}
