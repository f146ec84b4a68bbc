using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.BuyCredit;

/// <summary>Credit to buy.</summary>
/// <param name="Amount">How much: 5.00 to 100,000.00 of the billing account's currency, a whole number of minor units.</param>
/// <param name="SuccessPath">Where the customer comes back to after paying; a path of this installation.</param>
/// <param name="CancelPath">Where the customer comes back to after giving up.</param>
internal sealed record TopUpRequest(Money Amount, string SuccessPath, string CancelPath);

/// <summary>A page of purchases, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record PurchasePageRequest(PageLimit Limit, Cursor<PurchaseId>? Cursor = null);

/// <summary>Buying credit, over HTTP.</summary>
internal static class TopUpEndpoints
{
    /// <summary><c>POST /v1/billing/top-ups</c>.</summary>
    public static async Task<Results<Ok<CheckoutAnswer>, Problem>> Open(
        TopUpRequest body,
        TopUps topUps,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (account, key, problem) = await PaymentEndpoints.Buyer(selector, context, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var request = new NewTopUp(account!, body.Amount, body.SuccessPath, body.CancelPath);
        return PaymentEndpoints.Answer<CheckoutAnswer>(
            await topUps.Open(request, key!, context.Caller().Actor, cancellationToken), context);
    }

    /// <summary><c>GET /v1/billing/top-ups</c>.</summary>
    public static async Task<Results<Ok<Page<Purchase>>, Problem>> List(
        Parameters<PurchasePageRequest> parameters,
        TopUps topUps,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        if (selection is not BillingAccountSelection.Selected(var account))
        {
            return BillingAccountSelector.Refusal(selection)!;
        }

        var request = parameters.Value;
        var rows = await topUps.Newest(
            account.OrganisationId, account.Id, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, purchase => purchase.Id, purchase => purchase));
    }
}
