using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.ChangeSubscription;

/// <summary>A change of the subscription.</summary>
/// <param name="Change">What: another plan, its end with the period, or a pause, or that it goes on.</param>
/// <param name="Plan">The plan's short name; for another plan, and for nothing else.</param>
internal sealed record SubscriptionChangeRequest(SubscriptionChangeKind Change, string? Plan = null);

/// <summary>Which change is looked at.</summary>
/// <param name="Plan">The plan's short name.</param>
internal sealed record PreviewRequest(string Plan);

/// <summary>Changing a subscription, over HTTP.</summary>
internal static class ChangeEndpoints
{
    /// <summary><c>GET /v1/billing/subscription/change</c>.</summary>
    public static async Task<Results<Ok<SubscriptionChangePreview>, Problem>> Preview(
        Parameters<PreviewRequest> parameters,
        SubscriptionChanges changes,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        if (selection is not BillingAccountSelection.Selected(var account))
        {
            return BillingAccountSelector.Refusal(selection)!;
        }

        return await changes.Preview(account, parameters.Value.Plan, cancellationToken) switch
        {
            PreviewOutcome.Shown(var preview) => TypedResults.Ok(preview),
            PreviewOutcome.Refused(var code, var reason) => new Problem(
                code == PaymentsProblems.PaymentsNotConfigured.Code
                    ? PaymentsProblems.PaymentsNotConfigured
                    : PaymentsProblems.OfRequest(code),
                reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary><c>POST /v1/billing/subscription/change</c>.</summary>
    public static async Task<Results<Ok<SubscriptionChangeAnswer>, Problem>> Ask(
        SubscriptionChangeRequest body,
        SubscriptionChanges changes,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (account, key, problem) = await PaymentEndpoints.Buyer(selector, context, cancellationToken);
        return problem is not null
            ? problem
            : PaymentEndpoints.Answer<SubscriptionChangeAnswer>(
                await changes.Ask(
                    new NewSubscriptionChange(account!, body.Change, body.Plan), key!, context.Caller().Actor, cancellationToken),
                context);
    }
}
