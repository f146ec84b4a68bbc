using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
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
    NpgsqlDataSource database,
    AccountLock accounts,
    ClaimRequests claims,
    PaymentStores stores,
    EndRequests ending,
    Recovery recovery,
    IPaymentProviders providers,
    PaymentsOptions options,
    IAudit audit,
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
        var (claim, ready, failure) = await Claim(account, wanted, returnPath, provider, cancellationToken);
        return (claim, ready, failure) switch
        {
            (_, { } request, _) => await calling.Call(request, provider, isReplay: false, CancellationToken.None),
            (_, _, { } refused) => RequestAnswers.Of(refused),
            (ClaimOutcome.Recoverable(var request), _, _) =>
                await recovery.Recover(request.Org, request.Id, CancellationToken.None),
            _ => RequestAnswers.Of(claim) ?? throw new UnreachableException(),
        };
    }

    private async Task<(ClaimOutcome Claim, RequestRow? Ready, RequestFailure? Failure)> Claim(
        BillingAccountProfile profile,
        NewRequest wanted,
        string returnPath,
        IPaymentProvider provider,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(
            transaction, new BillingAccountKey(profile.OrganisationId, profile.Id), cancellationToken);
        var subscriptions = await stores.Subscriptions.OfAccount(account, cancellationToken);
        var claim = await claims.ClaimOrReplay(account, wanted, cancellationToken);
        RequestRow? ready = null;
        RequestFailure? failure = null;
        if (claim is ClaimOutcome.Claimed(var request))
        {
            var customer = await stores.Customers.Active(account, request.Place, cancellationToken);
            failure = Obstacle(subscriptions, customer);
            if (failure is null)
            {
                ready = await Freeze(account, request, customer!, returnPath, provider, cancellationToken);
                var entry = new AuditEntry(
                    profile.OrganisationId, wanted.Actor, "portal.requested", request.Id.ToString(), After: wanted.Normalized);
                await audit.Record(transaction, entry, cancellationToken);
            }
            else
            {
                await stores.Requests.End(account, request, isExpired: false, failure, null, cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return (claim, ready, failure);
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
        if (outcome is ProviderOutcome<ProviderPortal>.Done(var portal, _))
        {
            var answer = new PortalAnswer(
                request.Place.Provider,
                request.BillingAccount,
                request.Id,
                request.OperationKey,
                new OpenedPortal(portal.Id, portal.Url));
            var response = JsonSerializer.Serialize(answer, JsonConventions.Options);
            return await ending.Succeed(request, response, portal.Id, CancellationToken.None);
        }

        if (ProviderRefusal.Of(outcome, isReplay) is { } failure)
        {
            guardrails.Met(Guardrails.PortalProviderError);
            Log.Rejected(logger, request.Id, request.OperationKey, failure.Category, failure.Code, failure.RequestId);
            return await ending.Fail(request, ProviderRefusal.Kept, isExpired: false, holdUntil: null, CancellationToken.None);
        }

        guardrails.Met(Guardrails.PortalIndeterminate);
        Log.OutcomeUnknown(logger, request.Id, request.OperationKey);
        return RequestAnswers.InProgress;
    }
}
