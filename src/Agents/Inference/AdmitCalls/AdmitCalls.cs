using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Decides whether a call may be made: (1) what its caller's policy says; (2) what it can cost at most, at the dearest model
/// that may answer; (3) one durable reservation of that, or of as much as is left and pays for some output; (4) how much
/// output the reservation pays for.
/// </summary>
internal sealed class AdmitCalls(
    KeyPolicies policies,
    KeyChecks checks,
    UnpricedModels unpriced,
    CallPrices prices,
    Spending spending,
    OrganisationClock clock,
    OpenCalls open,
    InferenceOptions options,
    ILogger<AdmitCalls> logger) : IAdmission
{
    public async ValueTask<AdmissionOutcome> Admit(
        ModelCall call, UsageBounds bounds, CancellationToken cancellationToken)
    {
        call = OutsideText.Fit(call);
        var policy = await policies.Of(call, cancellationToken);
        if (await checks.Enter(call, policy, cancellationToken) is { } refused)
        {
            return refused;
        }

        var isAdmitted = false;
        try
        {
            var outcome = await Reserve(call, policy, bounds, cancellationToken);
            isAdmitted = outcome is AdmissionOutcome.Admitted;
            return outcome;
        }
        finally
        {
            if (!isAdmitted)
            {
                open.Leave(policy);
            }
        }
    }

    public Task Renew(IReadOnlyList<RunningCall> calls, CancellationToken cancellationToken) =>
        Task.WhenAll(calls.Select(call => Renew(call, cancellationToken)));

    private async ValueTask<AdmissionOutcome> Reserve(
        ModelCall call, KeyPolicy policy, UsageBounds bounds, CancellationToken cancellationToken)
    {
        var at = await clock.Now(call.Org, cancellationToken);
        if (await prices.Bound(call, bounds, at, cancellationToken) is not { } bound)
        {
            return Refusals.Suspended(SuspendedReason.AccountClosed);
        }

        var isFree = false;
        foreach (var candidate in bound.Candidates.Where(candidate => !candidate.IsPriced))
        {
            if (!await unpriced.AreFree(call.Org, call.Model, cancellationToken))
            {
                return Refusals.NotPriced(call.Model, candidate.Model);
            }

            isFree = true;
        }

        if (bound.Most.Micros == 0)
        {
            open.Add(call.Id, new OpenCall(policy, bound.Most, Hold: null, Balance: null, isFree));
            return new AdmissionOutcome.Admitted();
        }

        // Not the caller's to cancel: what a client that left has reserved is given back at once, not when it lapses.
        var outcome = await spending.Decide(Request(call, policy, bound), CancellationToken.None);
        if (outcome is not SpendOutcome.Reserved reserved)
        {
            return await Refused(call, outcome);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            await GiveBack(call);
            throw new OperationCanceledException(cancellationToken);
        }

        var output = reserved.Amount == bound.Most
            ? (long?)null
            : await prices.OutputFor(reserved.Amount, call, bounds, bound, at, CancellationToken.None);
        open.Add(call.Id, new OpenCall(policy, reserved.Amount, reserved.Hold, reserved.Balance, isFree) { Ticket = reserved.Ticket });
        return new AdmissionOutcome.Admitted(output, reserved.Balance?.Micros)
        {
            Durable = reserved.Durable.IsCompletedSuccessfully && reserved.Durable.Result
                ? AdmissionOutcome.Admitted.AtOnce
                : Durable(call, reserved.Durable),
        };
    }

    // What cannot be made durable is as if it had never been admitted.
    private async Task<AdmissionOutcome.Refused?> Durable(ModelCall call, Task<bool> reserved)
    {
        var isReserved = false;
        try
        {
            isReserved = await reserved;
        }
        finally
        {
            if (!isReserved)
            {
                open.Take(call.Id);
            }
        }

        if (isReserved)
        {
            return null;
        }

        await GiveBack(call);
        return Refusals.Unavailable();
    }

    private async Task Renew(RunningCall running, CancellationToken cancellationToken)
    {
        var call = OutsideText.Fit(running.Call);
        if (open.Find(call.Id) is not { Hold: not null } known)
        {
            return;
        }

        var details = CallDetails.Of(call, known.Policy) with
        {
            Answering = running.Answering,
            Delivered = running.Delivered,
        };
        var change = await spending.Renew(
            call.Org, call.Id.ToString(), options.HeldFor, details.ToString(), cancellationToken);
        if (change is not SpendChange.Done)
        {
            Log.NotRenewed(logger, call.Id, change.GetType().Name);
        }
    }

    private SpendRequest Request(ModelCall call, KeyPolicy policy, CallBound bound) => new(
        call.Org,
        call.BillingAccount,
        call.Id.ToString(),
        CallScopes.Of(call, policy),
        bound.Most,
        bound.Least == bound.Most || bound.Least.Micros == 0 ? null : bound.Least,
        policy.Posture,
        options.HeldFor,
        "Call of a model",
        CallDetails.Of(call, policy).ToString());

    private async Task<AdmissionOutcome> Refused(ModelCall call, SpendOutcome outcome)
    {
        switch (outcome)
        {
            case SpendOutcome.BudgetExceeded exceeded:
                return Refusals.BudgetExceeded(exceeded);
            case SpendOutcome.InsufficientFunds(var available):
                return Refusals.InsufficientCredit(available);
            case SpendOutcome.Suspended(var reason):
                return Refusals.Suspended(reason);
            case SpendOutcome.Unavailable:
                // It may be reserved all the same.
                await GiveBack(call);
                return Refusals.Unavailable();
            default:
                throw new UnreachableException($"A call's id was new, and reserving it ended as {outcome}.");
        }
    }

    // Where even this fails, the reservation lapses and is looked into then.
    private async Task GiveBack(ModelCall call)
    {
        try
        {
            await spending.Cancel(call.Org, call.Id.ToString(), CancellationToken.None);
        }
        catch (NpgsqlException failure)
        {
            Log.NotGivenBack(logger, call.Id, failure);
        }
    }
}
