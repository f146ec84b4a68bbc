using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RefundPayments;

/// <summary>Money to give back.</summary>
/// <param name="PaymentId">Of which payment.</param>
/// <param name="Reason">Why; up to 500 letters.</param>
/// <param name="Amount">How much; left out, all that is left.</param>
internal sealed record CustomerRefundRequest(PaymentId PaymentId, string Reason, Money? Amount = null);

/// <summary>Money to give back, by an operator.</summary>
/// <param name="PaymentId">Of which payment.</param>
/// <param name="Reason">Why, for the customer and the audit log; up to 500 letters.</param>
/// <param name="Amount">How much; left out, all that is left.</param>
/// <param name="Kind">By the provider, or as credit.</param>
/// <param name="Forgives">Whether what is given back is not owed any more either.</param>
internal sealed record OperatorRefundRequest(
    PaymentId PaymentId,
    string Reason,
    Money? Amount = null,
    RefundKind Kind = RefundKind.ProviderRefund,
    bool Forgives = true);

/// <summary>A decision about a refund.</summary>
/// <param name="Reason">Why, for the audit log; up to 500 letters.</param>
internal sealed record RefundDecision(string Reason);

/// <summary>Which refund.</summary>
/// <param name="Id">Its id.</param>
internal sealed record RefundPath(RefundId Id);

/// <summary>A page of refunds, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Status">Only in this status.</param>
internal sealed record RefundPageRequest(PageLimit Limit, Cursor<RefundId>? Cursor = null, RefundStatus? Status = null);

/// <summary>A refund, as its customer sees it.</summary>
/// <param name="Id">The refund.</param>
/// <param name="PaymentId">Of which payment.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Amount">How much.</param>
/// <param name="Kind">By the provider, or as credit.</param>
/// <param name="Reason">Why.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="FinishedAt">When it was done or declined.</param>
internal sealed record CustomerRefund(
    RefundId Id,
    PaymentId PaymentId,
    RefundProgress Status,
    Money Amount,
    RefundKind Kind,
    string Reason,
    DateTimeOffset RequestedAt,
    DateTimeOffset? FinishedAt)
{
    public static CustomerRefund Of(Refund refund) => new(
        refund.Id,
        refund.PaymentId,
        refund.Progress,
        refund.Amount,
        refund.Kind,
        refund.Reason,
        refund.RequestedAt,
        refund.FinishedAt);
}

/// <summary>What a customer may ask back.</summary>
/// <param name="Data">The newest first.</param>
internal sealed record RefundOfferList(IReadOnlyList<RefundOffer> Data);

/// <summary>Refunds, over HTTP.</summary>
internal static class RefundEndpoints
{
    /// <summary><c>POST /v1/billing/refunds</c>.</summary>
    public static async Task<Results<Ok<CustomerRefund>, Problem>> Ask(
        CustomerRefundRequest body,
        Refunds refunds,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        if (selection is not BillingAccountSelection.Selected(var account))
        {
            return BillingAccountSelector.Refusal(selection)!;
        }

        if (Wrong(body.Reason) is { } problem)
        {
            return problem;
        }

        var request = new NewRefund(
            account.OrganisationId, body.PaymentId, body.Amount, RefundKind.ProviderRefund, body.Reason)
        {
            BillingAccount = account.Id,
            IsAskedByCustomer = true,
        };
        var outcome = await refunds.Request(
            request, context.Caller().Actor, context.IdempotentRequest(), cancellationToken);
        return outcome is RefundOutcome.Standing(var refund)
            ? TypedResults.Ok(CustomerRefund.Of(refund))
            : ProblemOf(outcome);
    }

    /// <summary><c>GET /v1/billing/refund-offers</c>.</summary>
    public static async Task<Results<Ok<RefundOfferList>, Problem>> ListOffers(
        Refunds refunds, BillingAccountSelector selector, HttpContext context, CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        return selection is BillingAccountSelection.Selected(var account)
            ? TypedResults.Ok(new RefundOfferList(
                await refunds.Offers(account.OrganisationId, account.Id, cancellationToken)))
            : BillingAccountSelector.Refusal(selection)!;
    }

    /// <summary><c>GET /v1/billing/refunds</c>.</summary>
    public static async Task<Results<Ok<Page<CustomerRefund>>, Problem>> ListOwn(
        Parameters<RefundPageRequest> parameters,
        Refunds refunds,
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
        var rows = await refunds.Newest(
            account.OrganisationId, account.Id, request.Status, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, refund => refund.Id, CustomerRefund.Of));
    }

    /// <summary><c>POST /v1/payments/refunds</c>.</summary>
    public static async Task<Results<Ok<Refund>, Problem>> Request(
        OperatorRefundRequest body, Refunds refunds, HttpContext context, CancellationToken cancellationToken)
    {
        if (Wrong(body.Reason) is { } problem)
        {
            return problem;
        }

        var request = new NewRefund(context.Caller().RequiredOrg, body.PaymentId, body.Amount, body.Kind, body.Reason)
        {
            Forgives = body.Forgives,
        };
        return Answer(await refunds.Request(
            request, context.Caller().Actor, context.IdempotentRequest(), cancellationToken));
    }

    /// <summary><c>GET /v1/payments/refunds</c>.</summary>
    public static async Task<Ok<Page<Refund>>> List(
        Parameters<RefundPageRequest> parameters,
        Refunds refunds,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await refunds.Newest(
            context.Caller().RequiredOrg, null, request.Status, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, refund => refund.Id, refund => refund));
    }

    /// <summary><c>GET /v1/payments/refunds/{id}</c>.</summary>
    public static async Task<Results<Ok<Refund>, Problem>> Show(
        Parameters<RefundPath> path, Refunds refunds, HttpContext context, CancellationToken cancellationToken) =>
        await refunds.Find(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } refund
            ? TypedResults.Ok(refund)
            : ProblemOf(new RefundOutcome.NotFound());

    /// <summary><c>POST /v1/payments/refunds/{id}/approve</c>.</summary>
    public static async Task<Results<Ok<Refund>, Problem>> Approve(
        Parameters<RefundPath> path,
        RefundDecision body,
        Refunds refunds,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Wrong(body.Reason) is { } problem
            ? problem
            : Answer(await refunds.Approve(
                context.Caller().RequiredOrg, path.Value.Id, body.Reason, context.Caller().Actor, cancellationToken));

    /// <summary><c>POST /v1/payments/refunds/{id}/reject</c>.</summary>
    public static async Task<Results<Ok<Refund>, Problem>> Reject(
        Parameters<RefundPath> path,
        RefundDecision body,
        Refunds refunds,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Wrong(body.Reason) is { } problem
            ? problem
            : Answer(await refunds.Reject(
                context.Caller().RequiredOrg, path.Value.Id, body.Reason, context.Caller().Actor, cancellationToken));

    /// <summary><c>POST /v1/payments/refunds/{id}/retry</c>.</summary>
    public static async Task<Results<Ok<Refund>, Problem>> Retry(
        Parameters<RefundPath> path, Refunds refunds, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await refunds.Retry(
            context.Caller().RequiredOrg, path.Value.Id, context.Caller().Actor, cancellationToken));

    private static Problem? Wrong(string reason) =>
        InputText.Problem(reason, Limits.ReasonCharactersMax) is { } wrong
            ? PaymentEndpoints.Invalid(new Dictionary<string, string> { ["reason"] = wrong })
            : null;

    private static Results<Ok<Refund>, Problem> Answer(RefundOutcome outcome) =>
        outcome is RefundOutcome.Standing(var refund) ? TypedResults.Ok(refund) : ProblemOf(outcome);

    private static Problem ProblemOf(RefundOutcome outcome) => outcome switch
    {
        RefundOutcome.NotFound => new Problem(PlatformProblems.NotFound, "There is no such payment or refund."),
        RefundOutcome.NotPaid => new Problem(PaymentsProblems.PaymentNotRefundable, "The payment has not succeeded."),
        RefundOutcome.NotOffered(var why) => new Problem(
            PaymentsProblems.RefundNotOffered,
            RefundWords.Of(why),
            members: new Dictionary<string, object?> { ["why"] = Word.Of(why) }),
        RefundOutcome.CreditSpent(var unspent) => new Problem(
            PaymentsProblems.RefundCreditSpent,
            $"{unspent} is left of the credit.",
            members: new Dictionary<string, object?> { ["left"] = unspent }),
        RefundOutcome.TooMuch(var left) => new Problem(
            PaymentsProblems.RefundTooLarge,
            $"{left} is left of the payment.",
            members: new Dictionary<string, object?> { ["left"] = left }),
        RefundOutcome.SecondPersonNeeded => new Problem(
            PaymentsProblems.RefundSecondPersonNeeded, "Who asked for it does not decide it."),
        RefundOutcome.Refused(var refund) => new Problem(
            PaymentsProblems.RefundDecided, $"{refund.Id} is {Word.Of(refund.Status)}."),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
