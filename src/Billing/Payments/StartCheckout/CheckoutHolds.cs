using Quoin.Kernel;
using Quoin.Payments.Internal;

namespace Quoin.Payments.StartCheckout;

/// <summary>
/// What keeps an account from a second checkout: unfinished ones, and holds where nobody knows whether the provider has a
/// page somebody may still pay at.
/// </summary>
internal sealed class CheckoutHolds(CheckoutStore checkouts, IdSource ids, PaymentsOptions options, Guardrails guardrails)
{
    /// <summary>Ends what is over by the clock, and tells what is left: only that may be in the way.</summary>
    public async Task<IReadOnlyList<CheckoutRow>> Clean(LockedAccount account, CancellationToken cancellationToken)
    {
        var left = new List<CheckoutRow>();
        foreach (var checkout in await checkouts.Unfinished(account, cancellationToken))
        {
            var end = checkout.Status switch
            {
                CheckoutStatus.Open when checkout.ExpiresAt <= account.Now - options.Grace => CheckoutStatus.Expired,
                CheckoutStatus.RecoveryVerificationPending when checkout.ExpiresAt <= account.Now => CheckoutStatus.Abandoned,
                var status => status,
            };
            if (end == checkout.Status)
            {
                left.Add(checkout);
            }
            else
            {
                await checkouts.Move(account, checkout, end, cancellationToken);
            }
        }

        return left;
    }

    /// <summary>
    /// Holds the account's place for a request whose outcome is unknown, until an instant: a checkout that is there stays
    /// as it is, a hold is only ever extended, and a horizon that is over holds nothing.
    /// </summary>
    public async Task Materialize(
        LockedAccount account, RequestRow request, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var unfinished = await Clean(account, cancellationToken);
        var own = await checkouts.ByOperation(account, request.Place, request.OperationKey, cancellationToken);
        if (own is { Status: CheckoutStatus.RecoveryVerificationPending } hold)
        {
            if (hold.ExpiresAt < until)
            {
                await checkouts.Update(account, hold, hold with { ExpiresAt = until }, cancellationToken);
            }

            return;
        }

        var flow = request.Flow ?? CheckoutFlow.Subscription;
        var isTaken = flow == CheckoutFlow.Subscription && unfinished.Any(one => one.Flow == CheckoutFlow.Subscription);
        if (own is not null || until <= account.Now || isTaken)
        {
            return;
        }

        await checkouts.Insert(account, Hold(request, flow, until), cancellationToken);
        guardrails.Met(Guardrails.Hold);
    }

    private CheckoutRow Hold(RequestRow request, CheckoutFlow flow, DateTimeOffset until) => new()
    {
        Org = request.Org,
        Id = ids.Next<CheckoutId>(),
        BillingAccount = request.BillingAccount,
        Flow = flow,
        Place = request.Place,
        Request = request.Id,
        OperationKey = request.OperationKey,
        Status = CheckoutStatus.RecoveryVerificationPending,
        ExpiresAt = until,
    };
}
