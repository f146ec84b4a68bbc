using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Api;

/// <summary>
/// Answers calls: 1. who is asking; 2. is something to go wrong; 3. was this key used before; 4. what is asked for is
/// done, under the world's lock; 5. the answer is kept for its key.
/// </summary>
internal sealed class ApiServer(World world)
{
    private readonly Routes routes = new(world);
    private readonly Expansion expansion = new(world.Store);
    private readonly Queue<SimulatedCall> calls = new();

    /// <summary>The latest calls, oldest first.</summary>
    public IReadOnlyList<SimulatedCall> Calls
    {
        get
        {
            lock (world.Gate)
            {
                return [.. calls];
            }
        }
    }

    /// <summary>Answers a call.</summary>
    /// <returns>The answer; null when the caller gets none and the connection breaks.</returns>
    public async Task<ApiAnswer?> Answer(ApiRequest request, CancellationToken cancellationToken)
    {
        var (answer, fault, requestId) = world.Do(() => Begin(request));
        if (answer is not null)
        {
            return Log(request, answer, fault);
        }

        switch (fault?.Kind)
        {
            case FaultKind.TimeoutBefore:
                Log(request, null, fault);
                await Hold(cancellationToken);
                return null;
            case FaultKind.ResetBefore:
                Log(request, null, fault);
                return null;
            case FaultKind.RateLimit:
                return Log(request, RateLimited(requestId, fault), fault);
            case FaultKind.Delay:
                // The call goes on when its caller has left: nobody at Stripe notices either.
                await Task.Delay(fault.Delay, CancellationToken.None);
                break;
        }

        answer = world.Do(() => Finish(request, fault, requestId));
        Log(request, answer, fault);
        if (fault?.Kind == FaultKind.TimeoutAfter)
        {
            await Hold(cancellationToken);
        }

        return fault?.Kind is FaultKind.TimeoutAfter or FaultKind.ResetAfter ? null : answer;
    }

    private (ApiAnswer? Answer, Fault? Fault, string RequestId) Begin(ApiRequest request)
    {
        var requestId = world.Ids.New("req_");
        if (Refused(request) is { } refusal)
        {
            return (ApiAnswer.Of(refusal, requestId), null, requestId);
        }

        var fault = world.Faults.Take(request.Method, request.Path);
        return fault?.Kind is FaultKind.TimeoutBefore or FaultKind.ResetBefore or FaultKind.RateLimit
            ? (null, fault, requestId)
            : (world.Idempotency.Begin(request, requestId), fault, requestId);
    }

    private ApiAnswer Finish(ApiRequest request, Fault? fault, string requestId)
    {
        ApiAnswer? kept = null;
        try
        {
            if (fault?.Kind == FaultKind.ErrorBefore)
            {
                var failed = Failed(requestId);
                kept = fault.IsKept ? failed : null;
                return failed;
            }

            var answer = Run(request, requestId);
            if (fault?.Kind == FaultKind.ErrorAfter)
            {
                var failed = Failed(requestId);
                kept = fault.IsKept ? failed : answer;
                return failed;
            }

            kept = answer;
            return answer;
        }
        finally
        {
            world.Idempotency.End(request, kept);
        }
    }

    private ApiAnswer Run(ApiRequest request, string requestId)
    {
        world.Request = (requestId, request.IdempotencyKey);
        try
        {
            if (routes.Find(request) is not var (handler, id))
            {
                throw new ApiException(
                    404,
                    "invalid_request_error",
                    $"Unrecognized request URL ({request.Method}: {request.Path}). Please see https://stripe.com/docs "
                        + $"or we can help at https://support.stripe.com/.");
            }

            var shown = Json.Shown(handler(new Call(request, id)));
            expansion.Apply(shown, request.Form.Texts("expand"));
            return new ApiAnswer(200, Json.Write(shown), requestId);
        }
        catch (ApiException refusal)
        {
            return ApiAnswer.Of(refusal, requestId);
        }
        finally
        {
            world.Request = null;
        }
    }

    private ApiException? Refused(ApiRequest request)
    {
        if (request.SecretKey is not { Length: > 0 } key)
        {
            return new ApiException(
                401,
                "invalid_request_error",
                "You did not provide an API key. You need to provide your API key in the Authorization header, using "
                    + "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
        }

        var isKnown = world.Options.SecretKey is { } secret ? key == secret : key.StartsWith("sk_test_", StringComparison.Ordinal);
        return isKnown ? null : new ApiException(401, "invalid_request_error", $"Invalid API Key provided: {Masked(key)}");
    }

    private static string Masked(string key) =>
        key.Length <= 12 ? "****" : string.Concat(key.AsSpan(0, 8), new string('*', key.Length - 12), key.AsSpan(key.Length - 4));

    private static ApiAnswer RateLimited(string requestId, Fault fault) => ApiAnswer.Of(
        new ApiException(
            429, "invalid_request_error",
            "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.")
        {
            Code = "rate_limit",
            IsBeforeExecution = true,
        },
        requestId) with
    {
        Headers = [("Retry-After", ((long)fault.RetryAfter).Invariant()), ("Stripe-Should-Retry", "true")],
    };

    private static ApiAnswer Failed(string requestId) =>
        ApiAnswer.Of(
            new ApiException(
            500, "api_error",
                "Sorry! There was an error while talking to Stripe. Please let us know at support@stripe.com."), requestId);

    private static async Task Hold(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Limits.HoldMax, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller gave up, which is what was wanted.
        }
    }

    private ApiAnswer? Log(ApiRequest request, ApiAnswer? answer, Fault? fault)
    {
        lock (world.Gate)
        {
            if (calls.Count >= SimulatedCall.Kept)
            {
                calls.Dequeue();
            }

            calls.Enqueue(new SimulatedCall(
                request.Method, request.Path, request.Form.Canonical(), request.IdempotencyKey, request.Version,
                answer?.Status, fault?.Kind,
                answer?.Headers.Any(header => header.Name == "Idempotent-Replayed") == true));
        }

        return answer;
    }
}
