using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RecoverSessions;

/// <summary>A page of payment sessions, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Stuck">Whether only those are wanted that do not end by themselves.</param>
/// <param name="BillingAccountId">Only of this billing account.</param>
internal sealed record SessionsRequest(
    PageLimit Limit, Cursor<Guid>? Cursor = null, bool Stuck = false, BillingAccountId? BillingAccountId = null);

/// <summary>Which session.</summary>
/// <param name="Id">The id of its request or of its checkout.</param>
internal sealed record SessionPath(string Id);

/// <summary>Which request.</summary>
/// <param name="Request">Its id.</param>
internal sealed record PaymentRequestPath(PaymentRequestId Request);

/// <summary>Payment sessions, over HTTP, for operators.</summary>
internal static class SessionEndpoints
{
    /// <summary><c>GET /v1/payments/sessions</c>.</summary>
    public static async Task<Ok<Page<PaymentSession>>> List(
        Parameters<SessionsRequest> parameters,
        PaymentSessions sessions,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await sessions.List(
            context.Caller().Org,
            request.BillingAccountId,
            request.Stuck,
            request.Cursor?.Keys,
            request.Limit.RowsToFetch,
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, PaymentSessions.PlaceOf));
    }

    /// <summary><c>GET /v1/payments/sessions/{id}</c>.</summary>
    public static async Task<Results<Ok<PaymentSession>, Problem>> One(
        Parameters<SessionPath> parameters,
        PaymentSessions sessions,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await sessions.Find(context.Caller().Org, parameters.Value.Id, cancellationToken) is { } session
            ? TypedResults.Ok(session)
            : ProblemOf(new SessionOutcome.NotFound());

    /// <summary><c>POST /v1/payments/requests/{request}/recover</c>.</summary>
    public static async Task<Results<Ok<PaymentSession>, Problem>> Recover(
        Parameters<PaymentRequestPath> parameters,
        OperatorReason body,
        PaymentSessions sessions,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return OperatorEndpoints.WhyWrong(body.Reason) is { } wrong
            ? wrong
            : Answer(await sessions.Recover(
                caller.RequiredOrg, parameters.Value.Request, body.Reason, caller.Actor, cancellationToken));
    }

    /// <summary><c>POST /v1/payments/checkouts/{checkout}/expire</c>.</summary>
    public static async Task<Results<Ok<PaymentSession>, Problem>> Expire(
        Parameters<CheckoutPath> parameters,
        OperatorReason body,
        PaymentSessions sessions,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return OperatorEndpoints.WhyWrong(body.Reason) is { } wrong
            ? wrong
            : Answer(await sessions.Expire(
                caller.RequiredOrg, parameters.Value.Checkout, body.Reason, caller.Actor, cancellationToken));
    }

    private static Results<Ok<PaymentSession>, Problem> Answer(SessionOutcome outcome) =>
        outcome is SessionOutcome.Done(var session) ? TypedResults.Ok(session) : ProblemOf(outcome);

    private static Problem ProblemOf(SessionOutcome outcome) => outcome switch
    {
        SessionOutcome.NotConfigured => new Problem(
            PaymentsProblems.PaymentsNotConfigured, "The session's provider is not configured."),
        SessionOutcome.AtWork => new Problem(PaymentsProblems.RequestInProgress, "Somebody works on it now."),
        SessionOutcome.NotThere(var session) => new Problem(
            PaymentsProblems.CheckoutTransitionInvalid,
            $"The request is {Say(session.RequestStatus)}, its checkout {Say(session.CheckoutStatus)}."),
        _ => new Problem(PlatformProblems.NotFound, "There is no such payment session here."),
    };

    private static string Say<T>(T? status)
        where T : struct, Enum => status is { } one ? Word.Of(one) : "none";
}
