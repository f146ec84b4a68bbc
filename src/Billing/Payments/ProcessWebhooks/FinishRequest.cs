using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Ends the request behind what a provider tells of, when nobody has yet: news may come before the answer of the call it
/// is about. Who made the call finds the request ended then, and answers what is kept.
/// </summary>
internal sealed class FinishRequest(RequestStore requests)
{
    /// <summary>Ends a pending request well; what it made is stored before, in the same transaction.</summary>
    public async Task<bool> Succeed(
        LockedAccount account, RequestRow? request, CheckoutRow checkout, CancellationToken cancellationToken) =>
        request is { Status: RequestStatus.Pending, Action: not RequestAction.PaymentLink }
        && await requests.Succeed(
            account, request, Answer(request, checkout), checkout.ProviderId, cancellationToken);

    /// <summary>Ends a pending request whose checkout ended without anybody going through.</summary>
    public async Task<bool> Expire(LockedAccount account, RequestRow? request, CancellationToken cancellationToken)
    {
        var failure = new RequestFailure(
            PaymentsProblems.CheckoutRecoveryWindowElapsed.Code, "The checkout ended before its request did.");
        return request is { Status: RequestStatus.Pending, Action: not RequestAction.PaymentLink }
            && await requests.End(account, request, isExpired: true, failure, request.ProviderObject, cancellationToken);
    }

    // What the provider calls the checkout is its operation's where no news of it came yet.
    private static string Answer(RequestRow request, CheckoutRow checkout) => JsonSerializer.Serialize(
        new CheckoutAnswer(
            checkout.Place.Provider,
            checkout.BillingAccount,
            request.Id,
            checkout.OperationKey,
            checkout.Flow,
            new OpenedCheckout(
                checkout.Id,
                checkout.ProviderId ?? request.ProviderObject ?? checkout.OperationKey,
                checkout.Status,
                ProviderCheckoutStatus.Complete,
                CheckoutUrl: null,
                checkout.ExpiresAt ?? request.ReplayDeadlineAt,
                checkout.Customer,
                checkout.Subscription)),
        JsonConventions.Options);
}
