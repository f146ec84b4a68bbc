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
        && await requests.Succeed(account, request, Answer(checkout), checkout.ProviderId, cancellationToken);

    /// <summary>Ends a pending request whose checkout ended without anybody going through.</summary>
    public async Task<bool> Expire(LockedAccount account, RequestRow? request, CancellationToken cancellationToken)
    {
        var failure = new RequestFailure(
            PaymentsProblems.CheckoutRecoveryWindowElapsed.Code, "The checkout ended before its request did.");
        return request is { Status: RequestStatus.Pending, Action: not RequestAction.PaymentLink }
            && await requests.End(account, request, isExpired: true, failure, request.ProviderObject, cancellationToken);
    }

    private static string Answer(CheckoutRow checkout) => JsonSerializer.Serialize(
        new
        {
            Provider = checkout.Place.Provider,
            BillingAccount = checkout.BillingAccount.ToString(),
            checkout.OperationKey,
            Flow = Word.Of(checkout.Flow),
            Checkout = new
            {
                Id = checkout.Id.ToString(),
                ProviderId = checkout.ProviderId,
                Status = Word.Of(checkout.Status),
                checkout.Url,
                checkout.ExpiresAt,
            },
        },
        JsonConventions.Options);
}
