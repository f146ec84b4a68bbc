using Microsoft.Extensions.Logging;
using Quoin.Payments.Internal;
using Quoin.Payments.StartCheckout;

namespace Quoin.Payments.RecoverRequests;

/// <summary>
/// Goes on with checkouts, in this order: ask for what is known to be there; never repeat after the deadline, by another
/// release or with other parameters, and hold the account's place for as long as somebody may still pay; else repeat the
/// very same call.
/// </summary>
internal sealed class RecoverCheckout(
    FinishCheckout finishing,
    EndRequests ending,
    PaymentsOptions options,
    Guardrails guardrails,
    ILogger<RecoverCheckout> logger) : IRequestRecovery
{
    public bool Takes(RequestAction action) =>
        action is RequestAction.Checkout or RequestAction.TopUp or RequestAction.Setup;

    public async Task<PaymentRequestOutcome> Resolve(
        RequestRow request, IPaymentProvider? provider, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (request.ProviderObject is { } id && provider is not null)
        {
            switch (await provider.Checkout(id, cancellationToken))
            {
                case ProviderOutcome<ProviderCheckout>.Done(var session, _):
                    return await finishing.Finish(request, session, CancellationToken.None);
                case ProviderOutcome<ProviderCheckout>.Unknown:
                    return await Unknown(request);
            }
        }

        var upper = request.UpperBoundAt
            ?? (request.Frozen is { } frozen ? frozen.At + options.CheckoutOpenFor : request.CreatedAt);
        var holdUntil = upper + options.Grace;
        return ReplayCheck.Of(request, provider, now) switch
        {
            ReplayVerdict.NoProvider => RequestAnswers.InProgress,

            // Nothing was ever sent: nobody can pay anywhere.
            ReplayVerdict.NeverFrozen =>
                await ending.GiveUp(request, ReplayVerdict.NeverFrozen, holdUntil: null, cancellationToken),
            ReplayVerdict.OtherProvenance => await ending.GiveUp(
                request,
                ReplayVerdict.OtherProvenance,
                (upper > request.ReplayDeadlineAt ? upper : request.ReplayDeadlineAt) + options.Grace,
                cancellationToken),
            ReplayVerdict.Allowed when request.UpperBoundAt is not null =>
                await Replay(request, provider!, holdUntil, now, cancellationToken),
            ReplayVerdict.Allowed =>
                await ending.GiveUp(request, ReplayVerdict.NeverFrozen, holdUntil, cancellationToken),
            var verdict => await ending.GiveUp(request, verdict, holdUntil, cancellationToken),
        };
    }

    private async Task<PaymentRequestOutcome> Replay(
        RequestRow request,
        IPaymentProvider provider,
        DateTimeOffset holdUntil,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var outcome = await provider.CreateCheckout(request.Frozen!.Params, request.ProviderKey, cancellationToken);
        if (outcome is ProviderOutcome<ProviderCheckout>.Done(var session, var call))
        {
            var current = await AsItIsNow(session, provider, cancellationToken);
            return await finishing.Finish(request.AnsweredBy(call), current, CancellationToken.None);
        }

        if (ProviderRefusal.Of(outcome, isReplay: true) is not { } failure)
        {
            return await Search(request, provider, outcome, now, cancellationToken);
        }

        guardrails.Met(Guardrails.CheckoutProviderError);
        Log.Rejected(logger, request.Id, request.OperationKey, failure.Category, failure.Code, failure.RequestId);
        var isKnownThere = failure.Category == ProviderFailureCategory.KeyReused;
        return await ending.Fail(
            request.AnsweredBy(failure.RequestId),
            ProviderRefusal.Kept,
            isExpired: false,
            isKnownThere ? holdUntil : null,
            CancellationToken.None);
    }

    // A provider keeps also a failure under its key and tells it for ever: the list of what was made knows better. What is
    // not there although the provider has answered the key several times, leases apart, was never made.
    private async Task<PaymentRequestOutcome> Search(
        RequestRow request,
        IPaymentProvider provider,
        ProviderOutcome<ProviderCheckout> outcome,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var listed = await provider.CheckoutsOf(
            request.OperationKey,
            customer: null,
            request.Frozen!.At - Limits.ClocksApartMax,
            now + Limits.ClocksApartMax,
            cancellationToken);
        switch (listed)
        {
            case ProviderOutcome<IReadOnlyList<ProviderCheckout>>.Done([var session, ..], _):
                return await finishing.Finish(request, session, CancellationToken.None);
            case ProviderOutcome<IReadOnlyList<ProviderCheckout>>.Done
                when outcome is ProviderOutcome<ProviderCheckout>.Unknown({ HttpStatus: >= 500 })
                && request.RecoveryAttempts >= Limits.RecoveriesBeforeAbsence:
                guardrails.Met(Guardrails.CheckoutProviderError);
                return await ending.Fail(
                    request, ProviderRefusal.Kept, isExpired: false, holdUntil: null, CancellationToken.None);
            default:
                return await Unknown(request);
        }
    }

    // A repeated key gets the first answer again, as things stood then; meanwhile somebody may have paid, or time run out.
    private static async Task<ProviderCheckout> AsItIsNow(
        ProviderCheckout then, IPaymentProvider provider, CancellationToken cancellationToken) =>
        await provider.Checkout(then.Id, cancellationToken) is ProviderOutcome<ProviderCheckout>.Done(var now, _) ? now : then;

    private Task<PaymentRequestOutcome> Unknown(RequestRow request)
    {
        guardrails.Met(Guardrails.CheckoutIndeterminate);
        return ending.NotLearnt(request);
    }
}
