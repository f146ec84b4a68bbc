using System.Text.Json;
using Microsoft.Extensions.Logging;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.FollowSubscription;
using Quoin.Payments.Internal;
using Quoin.Payments.RecoverRequests;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.ChangeSubscription;

/// <summary>
/// Asks the provider for a change in three steps, none inside another: claimed, decided and frozen (one transaction),
/// called, kept. What is sent again after a lost answer is what was decided then.
/// </summary>
internal sealed class AskForChange(
    EndRequests ending, TakeRequests taking, IPaymentProviders providers, Plans plans, CallChange calling)
{
    /// <summary>What the JSON of frozen parameters is.</summary>
    public const string Schema = "subscription_change_v1";

    private sealed record Form(string Action, OrgId OrgId, BillingAccountId BillingAccountId, string Change, string? Plan);

    public async Task<PaymentRequestOutcome> Handle(
        NewSubscriptionChange request, string clientKey, string actor, CancellationToken cancellationToken)
    {
        if (Problem(request) is { } problem)
        {
            return new PaymentRequestOutcome.Invalid(new Dictionary<string, string> { ["plan"] = problem });
        }

        if (await providers.ModeOf(request.Account.OrganisationId, cancellationToken) is not { } mode
            || providers.Of(mode) is not { } provider)
        {
            return new PaymentRequestOutcome.NotConfigured();
        }

        var form = new Form(
            Word.Of(RequestAction.SubscriptionChange),
            request.Account.OrganisationId,
            request.Account.Id,
            Word.Of(request.Kind),
            request.Plan);
        var wanted = new NewRequest(
            RequestAction.SubscriptionChange,
            null,
            clientKey,
            CanonicalJson.Of(form),
            actor,
            new ProviderPlace(provider.Name, mode));
        var catalogue = await plans.Catalogue(cancellationToken);
        return await taking.Handle(
            new BillingAccountKey(request.Account.OrganisationId, request.Account.Id),
            wanted,
            "subscription.change_requested",
            (account, held, subscriptions, token) =>
                Prepare(account, held, request, subscriptions.FirstOrDefault(one => one.IsCurrent), catalogue, provider, token),
            held => calling.Call(held, provider, isReplay: false, CancellationToken.None),
            cancellationToken);
    }

    private static string? Problem(NewSubscriptionChange request) => request.Kind == SubscriptionChangeKind.Plan
        ? request.Plan is null ? "must be named" : InputText.Problem(request.Plan, Limits.PlanCharactersMax)
        : request.Plan is null ? null : "must be left out: this change keeps the plan";

    private async Task<PrepareOutcome> Prepare(
        LockedAccount account,
        RequestRow request,
        NewSubscriptionChange asked,
        SubscriptionRow? current,
        PlanCatalogue catalogue,
        IPaymentProvider provider,
        CancellationToken cancellationToken)
    {
        var (decided, failure) = await Decide(account, asked, current, request.Place, catalogue, cancellationToken);
        if (decided is null)
        {
            return new PrepareOutcome.Refused(failure!);
        }

        var ready = await Freeze(account, request, decided, provider, cancellationToken);
        await Expect(account, asked, decided, current!, catalogue, cancellationToken);
        return new PrepareOutcome.Ready(ready);
    }

    private static async Task<(DecidedChange? Decided, RequestFailure? Failure)> Decide(
        LockedAccount account,
        NewSubscriptionChange asked,
        SubscriptionRow? current,
        ProviderPlace place,
        PlanCatalogue catalogue,
        CancellationToken cancellationToken)
    {
        if (current is null)
        {
            return (null, new RequestFailure(
                PaymentsProblems.PortalSubscriptionRequired.Code, "The billing account has no subscription."));
        }

        if (asked.Kind != SubscriptionChangeKind.Plan)
        {
            return (DecideChange.To(current, asked.Kind), null);
        }

        if (PlanToBuy.Of(catalogue, asked.Plan!, asked.Account.Currency) is not { } version)
        {
            return (null, new RequestFailure(
                PaymentsProblems.CheckoutPlanNotFound.Code,
                $"There is no plan '{asked.Plan}' to buy in {asked.Account.Currency}."));
        }

        return await SellablePrices.Of(account, version.Id, place, cancellationToken) is { } price
            && PlanToBuy.IsSellable(version, price)
            ? (DecideChange.ToPlan(
                current, current.Plan is { } id ? catalogue.Find(id) : null, version, price.ProviderPrice, account.Now), null)
            : (null, new RequestFailure(
                PaymentsProblems.CheckoutConfigurationInvalid.Code, "The plan has no price at the provider that fits."));
    }

    // So that plans change at the instant from which the provider counts the difference.
    private static async Task Expect(
        LockedAccount account,
        NewSubscriptionChange asked,
        DecidedChange decided,
        SubscriptionRow current,
        PlanCatalogue catalogue,
        CancellationToken cancellationToken)
    {
        if (decided.ProrationAt is { } at)
        {
            var version = PlanToBuy.Of(catalogue, asked.Plan!, asked.Account.Currency)!;
            await FollowedAccounts.ExpectChange(account, current, version.Id, at, cancellationToken);
        }
    }

    private async Task<RequestRow> Freeze(
        LockedAccount account,
        RequestRow request,
        DecidedChange decided,
        IPaymentProvider provider,
        CancellationToken cancellationToken)
    {
        var text = CanonicalJson.Of(decided);
        var frozen = new FrozenRequest(text, CanonicalJson.HashOf(text), Schema, provider.Provenance, account.Now);
        return await ending.Freeze(account, request, frozen, upperBoundAt: null, cancellationToken);
    }
}

/// <summary>Calls the provider for a frozen change, and keeps what came of it; recovers it the same way.</summary>
internal sealed class CallChange(EndRequests ending, Guardrails guardrails, ILogger<CallChange> logger) : IRequestRecovery
{
    public bool Takes(RequestAction action) => action == RequestAction.SubscriptionChange;

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
        var decided = JsonSerializer.Deserialize<DecidedChange>(request.Frozen!.Params, JsonConventions.Options)!;
        var answer = new SubscriptionChangeAnswer(
            request.Place.Provider,
            request.BillingAccount,
            request.Id,
            request.OperationKey,
            decided.SubscriptionId,
            decided.Kind,
            decided.Mode,
            decided.EffectiveAt);
        var response = JsonSerializer.Serialize(answer, JsonConventions.Options);
        if (decided.Mode == SubscriptionChangeMode.Unchanged)
        {
            return await ending.Succeed(request, response, decided.Subscription, CancellationToken.None);
        }

        var outcome = await provider.ChangeSubscription(
            decided.Subscription, decided.Parameters, request.ProviderKey, cancellationToken);
        if (outcome is ProviderOutcome<ProviderSubscription>.Done(_, var call))
        {
            return await ending.Succeed(
                request.AnsweredBy(call), response, decided.Subscription, CancellationToken.None);
        }

        if (ProviderRefusal.Of(outcome, isReplay) is not { } failure)
        {
            guardrails.Met(Guardrails.ChangeIndeterminate);
            return await ending.NotLearnt(request);
        }

        guardrails.Met(Guardrails.ChangeProviderError);
        Log.Rejected(logger, request.Id, request.OperationKey, failure.Category, failure.Code, failure.RequestId);
        return await ending.Fail(
            request.AnsweredBy(failure.RequestId),
            ProviderRefusal.Kept,
            isExpired: false,
            holdUntil: null,
            CancellationToken.None);
    }
}
