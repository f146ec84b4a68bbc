using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Something about to be used.</summary>
/// <param name="Code">The limit.</param>
/// <param name="Key">The natural key of what is about to happen: the same key counts once.</param>
/// <param name="Amount">How much.</param>
/// <param name="TtlSeconds">
/// How long it counts unless it is confirmed, renewed or released; left out, it counts for good, or a quarter hour where
/// a meter counts.
/// </param>
internal sealed record RecordRequest(string Code, string Key, decimal Amount = 1, int? TtlSeconds = null);

/// <summary>What was counted.</summary>
/// <param name="Code">The limit.</param>
/// <param name="Key">The key.</param>
/// <param name="Used">How much is used, with this.</param>
/// <param name="Limit">The limit; null where there is none.</param>
/// <param name="Remaining">How much is left; null where there is no limit.</param>
/// <param name="ResetsAt">When the window ends; null where it never does.</param>
/// <param name="Reason">Why it was allowed.</param>
/// <param name="ExpiresAt">When it is given back by itself; null where it stays.</param>
/// <param name="IsReplay">Whether the key was counted before; nothing was counted again.</param>
internal sealed record RecordAnswer(
    string Code,
    string Key,
    decimal Used,
    decimal? Limit,
    decimal? Remaining,
    DateTimeOffset? ResetsAt,
    LimitReason Reason,
    DateTimeOffset? ExpiresAt,
    bool IsReplay);

/// <summary>What was counted before.</summary>
/// <param name="Key">Its key.</param>
internal sealed record KeyRequest(string Key);

/// <summary>A holder that lives.</summary>
/// <param name="Key">The key.</param>
/// <param name="TtlSeconds">How long it counts from now.</param>
internal sealed record RenewRequest(string Key, int TtlSeconds);

/// <summary>How what was counted stands.</summary>
/// <param name="Key">Its key.</param>
/// <param name="State">How it stands.</param>
/// <param name="ExpiresAt">When a held one is given back by itself.</param>
internal sealed record ReservationAnswer(string Key, ReservationState State, DateTimeOffset? ExpiresAt);

/// <summary>
/// <c>POST /v1/limits/record</c>, <c>…/release</c>, <c>…/confirm</c>, <c>…/renew</c>: the promise, and what becomes of it.
/// Customers' keys are their own: what the operator's programs recorded they neither see nor give back.
/// </summary>
internal static class RecordUsage
{
    private const int RetrySeconds = 1;

    // Letters before a key as it is kept.
    private const int PrefixLetters = 4;

    public static async Task<Results<Ok<RecordAnswer>, Problem>> Record(
        RecordRequest request, Quotas quotas, HttpContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        var input = new LimitInput();
        input.Text("code", request.Code, Limits.CodeLettersMax);
        input.Text("key", request.Key, Limits.KeyLettersMax - PrefixLetters);
        input.Amount("amount", request.Amount, mayBeZero: false);
        input.Seconds("ttl_seconds", request.TtlSeconds);
        if (input.Failed(out var problem))
        {
            return problem;
        }

        var caller = context.Caller();
        TimeSpan? heldFor = request.TtlSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        var outcome = await quotas.CheckAndRecord(
            caller.RequiredOrg, request.Code, request.Amount, KeyOf(caller, request.Key), heldFor, cancellationToken);
        return outcome switch
        {
            RecordOutcome.Unavailable => Unavailable(),
            RecordOutcome.KeyConflict => new Problem(
                LimitsProblems.LimitKeyConflict, "The key was used for another code or amount; nothing was counted."),
            RecordOutcome.KeyEnded(var state) => Ended(state),
            RecordOutcome.Refused(var answer) => LimitRefusal.Of(request.Code, request.Amount, answer, time.GetUtcNow()),
            RecordOutcome.Recorded(var answer, var expiresAt, var isReplay) => TypedResults.Ok(new RecordAnswer(
                request.Code,
                request.Key,
                answer.Used,
                answer.Limit,
                answer.Remaining,
                answer.ResetsAt,
                answer.Reason,
                expiresAt,
                isReplay)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public static Task<Results<Ok<ReservationAnswer>, Problem>> Release(
        KeyRequest request, Quotas quotas, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Change(
            request.Key, new LimitInput(), () => quotas.Release(caller.RequiredOrg, KeyOf(caller, request.Key), cancellationToken));
    }

    public static Task<Results<Ok<ReservationAnswer>, Problem>> Confirm(
        KeyRequest request, Quotas quotas, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Change(
            request.Key, new LimitInput(), () => quotas.Confirm(caller.RequiredOrg, KeyOf(caller, request.Key), cancellationToken));
    }

    public static Task<Results<Ok<ReservationAnswer>, Problem>> Renew(
        RenewRequest request, Quotas quotas, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var input = new LimitInput();
        input.Seconds("ttl_seconds", request.TtlSeconds);
        return Change(request.Key, input, () => quotas.Renew(
            caller.RequiredOrg, KeyOf(caller, request.Key), TimeSpan.FromSeconds(request.TtlSeconds), cancellationToken));
    }

    private static async Task<Results<Ok<ReservationAnswer>, Problem>> Change(
        string key, LimitInput input, Func<ValueTask<ReservationOutcome>> change)
    {
        input.Text("key", key, Limits.KeyLettersMax - PrefixLetters);
        if (input.Failed(out var problem))
        {
            return problem;
        }

        return await change() switch
        {
            ReservationOutcome.Unavailable => Unavailable(),
            ReservationOutcome.NotFound => new Problem(PlatformProblems.NotFound, "Nothing was recorded under this key."),
            ReservationOutcome.Ended(var state) => Ended(state),
            ReservationOutcome.Standing(var state, var expiresAt) =>
                TypedResults.Ok(new ReservationAnswer(key, state, expiresAt)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static string KeyOf(Caller caller, string key) => caller.Realm == Realm.Operator ? $"opr:{key}" : $"org:{key}";

    private static Problem Unavailable() => new(
        LimitsProblems.LimitsUnavailable, "The limits cannot be read or written at the moment.", RetrySeconds);

    private static Problem Ended(ReservationState state) => new(
        LimitsProblems.LimitKeyEnded,
        $"What was recorded under this key is {StoredWord.Of(state)}.",
        members: new Dictionary<string, object?>(StringComparer.Ordinal) { ["state"] = state });
}
