using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Reviews of calls, over HTTP.</summary>
internal static class ReviewEndpoints
{
    /// <summary><c>GET /v1/inference/reviews</c>.</summary>
    public static async Task<Ok<Page<ReviewView>>> List(
        Parameters<ReviewSearch> parameters, ReviewCalls handler, HttpContext context, CancellationToken cancellationToken)
    {
        var (limit, cursor) = (parameters.Value.Limit, parameters.Value.Cursor);
        var rows = await handler.List(
            context.Caller().Org, cursor?.Keys ?? default, limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, limit, stored => stored.Row.Call.Id, ReviewView.Of));
    }

    /// <summary><c>PUT /v1/inference/reviews/{request}</c>.</summary>
    public static async Task<Results<Ok<ReviewView>, Problem>> Attach(
        Parameters<RequestParameters> parameters,
        AttachedUsage body,
        ReviewCalls handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return body.FindProblem() is { } problem
            ? new Problem(InferenceProblems.InvalidReview, problem)
            : Answer(await handler.Attach(
                caller.RequiredOrg, parameters.Value.Request, body, caller.Actor, cancellationToken));
    }

    /// <summary><c>POST /v1/inference/reviews/{request}/settle</c>.</summary>
    public static async Task<Results<Ok<ReviewView>, Problem>> Settle(
        Parameters<RequestParameters> parameters,
        ReviewDecision body,
        ReviewCalls handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return body.FindProblem() is { } problem
            ? new Problem(InferenceProblems.InvalidReview, problem)
            : Answer(await handler.Settle(
                caller.RequiredOrg, parameters.Value.Request, body, caller.Actor, cancellationToken));
    }

    /// <summary><c>POST /v1/inference/reviews/{request}/waive</c>.</summary>
    public static async Task<Results<Ok<ReviewView>, Problem>> Waive(
        Parameters<RequestParameters> parameters,
        ReviewDecision body,
        ReviewCalls handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return body.FindProblem() is { } problem
            ? new Problem(InferenceProblems.InvalidReview, problem)
            : Answer(await handler.Waive(
                caller.RequiredOrg, parameters.Value.Request, body, caller.Actor, cancellationToken));
    }

    private static Results<Ok<ReviewView>, Problem> Answer(ReviewOutcome outcome) => outcome switch
    {
        ReviewOutcome.Done(var request) => TypedResults.Ok(request),
        ReviewOutcome.NotFound => new Problem(PlatformProblems.NotFound, "There is no such call here."),
        ReviewOutcome.Over => new Problem(InferenceProblems.ReviewOver, "The call is in no review, or just changed."),
        ReviewOutcome.NotKnown => new Problem(InferenceProblems.UsageNotKnown, "Nothing is attached to the call."),
        ReviewOutcome.NotPriced(var meters) => new Problem(
            InferenceProblems.ModelNotPriced, $"No price counts {string.Join(", ", meters)} of this model."),
        ReviewOutcome.Unavailable => new Problem(
            InferenceProblems.SpendingUnavailable, "Whether its reservation is given back could not be found out."),
        _ => throw new UnreachableException(),
    };
}
