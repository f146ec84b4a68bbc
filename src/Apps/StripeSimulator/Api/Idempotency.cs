using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Api;

/// <summary>
/// Idempotency keys as Stripe documents them (<see href="https://docs.stripe.com/api/idempotent_requests"/>): the first
/// answer is kept for 24 hours and replayed, 500s too; the same key with other parameters is an error; a key whose first
/// call is at work is refused with 409. What was refused before it ran is not kept.
/// </summary>
internal sealed class Idempotency(Store store, Clocks clocks)
{
    private const string Kind = "_idempotency";

    private readonly HashSet<string> running = new(StringComparer.Ordinal);

    /// <summary>What a key says about a call; null when it may run, which is then at work under the key.</summary>
    public ApiAnswer? Begin(ApiRequest request, string requestId)
    {
        if (KeyOf(request) is not { } key)
        {
            return null;
        }

        if (request.IdempotencyKey!.Length > 255)
        {
            return ApiAnswer.Of(
                ApiException.Invalid("Idempotency-Key", "Idempotency keys can have up to 255 characters."), requestId);
        }

        if (running.Contains(key))
        {
            return ApiAnswer.Of(InUse(request.IdempotencyKey), requestId);
        }

        if (store.Find(Kind, key) is { } kept && kept.Long("created") > clocks.Target - (long)Limits.IdempotencyKept.TotalSeconds)
        {
            return kept.Text("call") == CallOf(request)
                ? new ApiAnswer((int)kept.Long("status"), kept.Text("body")!, kept.Text("request")!)
                {
                    Headers = [("Idempotent-Replayed", "true"), ("Original-Request", kept.Text("request")!)],
                }
                : ApiAnswer.Of(OtherParameters(request), requestId);
        }

        running.Add(key);
        return null;
    }

    /// <summary>The call under a key has ended.</summary>
    /// <param name="request">The call.</param>
    /// <param name="answer">What is replayed from now on; null keeps nothing, as when the call never ran.</param>
    public void End(ApiRequest request, ApiAnswer? answer)
    {
        if (KeyOf(request) is not { } key)
        {
            return;
        }

        running.Remove(key);
        if (answer is not { IsKept: true })
        {
            return;
        }

        store.Remove(key);
        store.Put(new JsonObject
        {
            ["id"] = key,
            ["object"] = Kind,
            ["created"] = clocks.Target,
            ["call"] = CallOf(request),
            ["status"] = answer.Status,
            ["body"] = answer.Body,
            ["request"] = answer.RequestId,
        });
        store.KeepNewest(Kind, Limits.IdempotencyKeysMax);
    }

    private static string? KeyOf(ApiRequest request) =>
        request.Method == "POST" && request.IdempotencyKey is { Length: > 0 } key ? "idempotency:" + key : null;

    private static string CallOf(ApiRequest request) => $"{request.Method} {request.Path} {request.Form.Canonical()}";

    private static ApiException InUse(string key) =>
        new(409, "idempotency_error", $"There is currently another in-progress request using this Idempotent Key "
            + $"(that probably means you submitted twice, and the other request is still going through): {key}. "
            + $"Please try again later.")
        {
            Code = "idempotency_key_in_use",
            IsBeforeExecution = true,
        };

    private static ApiException OtherParameters(ApiRequest request) =>
        new(400, "idempotency_error", $"Keys for idempotent requests can only be used with the same parameters they "
            + $"were first used with. Try using a key other than '{request.IdempotencyKey}' if you meant to execute a "
            + $"different request.")
        {
            IsBeforeExecution = true,
        };
}
