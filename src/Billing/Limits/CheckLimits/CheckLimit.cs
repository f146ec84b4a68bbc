using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>A question whether something may be used.</summary>
/// <param name="Code">The limit.</param>
/// <param name="Amount">How much; 0 asks whether anything is over already.</param>
/// <param name="WhenUnavailable">What to answer when no answer can be had; the capability's own policy where left out.</param>
internal sealed record CheckRequest(string Code, decimal Amount = 1, WhenUnavailable? WhenUnavailable = null);

/// <summary>What a limit says.</summary>
/// <param name="Code">The limit.</param>
/// <param name="Allowed">Whether so much may be used.</param>
/// <param name="Used">How much is used, without what was asked for.</param>
/// <param name="Limit">The limit; null where there is none.</param>
/// <param name="Remaining">How much is left; null where there is no limit.</param>
/// <param name="ResetsAt">When the window ends; null where it never does.</param>
/// <param name="Reason">Why.</param>
internal sealed record CheckAnswer(
    string Code,
    bool Allowed,
    decimal Used,
    decimal? Limit,
    decimal? Remaining,
    DateTimeOffset? ResetsAt,
    LimitReason Reason);

/// <summary><c>POST /v1/limits/check</c>: advice, at most a second old.</summary>
internal static class CheckLimit
{
    public static async Task<Results<Ok<CheckAnswer>, Problem>> Endpoint(
        CheckRequest request, Quotas quotas, HttpContext context, CancellationToken cancellationToken)
    {
        var input = new LimitInput();
        input.Text("code", request.Code, Limits.CodeLettersMax);
        input.Amount("amount", request.Amount, mayBeZero: true);
        if (input.Failed(out var problem))
        {
            return problem;
        }

        var org = context.Caller().RequiredOrg;
        var answer = request.WhenUnavailable is { } policy
            ? await quotas.Check(org, request.Code, request.Amount, policy, cancellationToken)
            : await quotas.Check(org, request.Code, request.Amount, cancellationToken);
        return TypedResults.Ok(new CheckAnswer(
            request.Code, answer.IsAllowed, answer.Used, answer.Limit, answer.Remaining, answer.ResetsAt, answer.Reason));
    }
}
