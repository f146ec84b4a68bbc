using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// Does a request with an <c>Idempotency-Key</c> once: (1) without the header the request simply runs; (2) the request
/// is fingerprinted and begun in its row, under a lease; (3) its answer is held back until it is kept in that row, then
/// sent; (4) a repetition waits for the first, or gets its answer. An answer that invites to try again is not kept. Once
/// begun, a request is finished though its client leaves: he comes back for the answer. A handler whose commit stands
/// when the host dies before (3) is run again by the repetition: its own natural keys make that harmless, or it has
/// said in its transaction that it is done (<see cref="IdempotentRequest.Complete"/>).
/// </summary>
internal sealed class IdempotentRequests(IdempotencyKeys keys, TimeProvider time, ILogger<IdempotentRequests> logger)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const string OwnHeaderPrefix = "Quoin-";
    private static readonly string[] KeptHeaders = ["Content-Type", "Location", "ETag", "Link"];

    public async Task Run(HttpContext context, RequestDelegate next)
    {
        var given = context.Request.Headers[Header];
        if (given.Count == 0 || !IsWrite(context.Request.Method))
        {
            await next(context);
            return;
        }

        if (given is not [{ Length: > 0 and <= IdempotencyLimits.KeyCharactersMax } key])
        {
            await Refuse(
                context,
                PlatformProblems.IdempotencyKeyInvalid,
                $"Send one {Header} of 1 to {IdempotencyLimits.KeyCharactersMax} characters.");
            return;
        }

        var caller = context.Caller();
        var scope = new IdempotencyScope(OwnerOf(caller), caller.Realm, key);
        var fingerprint = await RequestFingerprint.Of(context.Request, caller.Actor, context.RequestAborted);
        switch (await BeginOrWait(scope, fingerprint, context.RequestAborted))
        {
            case BeginOutcome.Begun(var version):
                await Execute(context, next, scope, version);
                break;
            case BeginOutcome.Answered(var answer):
                await Replay(context, answer);
                break;
            case BeginOutcome.DoneUnanswered:
                await Refuse(
                    context,
                    PlatformProblems.IdempotencyAnswerNotKept,
                    "It was done; whoever did it was cut off before the answer was kept.");
                break;
            case BeginOutcome.Conflict:
                await Refuse(
                    context,
                    PlatformProblems.IdempotencyConflict,
                    "This Idempotency-Key came with another sender, method, path or body before.");
                break;
            default:
                await RefuseInProgress(context);
                break;
        }
    }

    // A person who acts in no organisation is a scope of their own.
    private static Guid OwnerOf(Caller caller) =>
        caller.Org?.Value
        ?? (caller.Realm == Realm.Organisation && Id.TryParse<UserId>(caller.Actor, out var person)
            ? person.Value
            : Guid.Empty);

    private async Task<BeginOutcome> BeginOrWait(
        IdempotencyScope scope, byte[] fingerprint, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var outcome = await keys.Begin(scope, fingerprint, cancellationToken);
            if (outcome is not BeginOutcome.InProgress || time.GetElapsedTime(started) >= IdempotencyLimits.WaitLongest)
            {
                return outcome;
            }

            await Task.Delay(IdempotencyLimits.LookEvery, time, cancellationToken);
        }
    }

    private async Task Execute(HttpContext context, RequestDelegate next, IdempotencyScope scope, long version)
    {
        var response = context.Response;
        var toClient = response.Body;
        var clientLeft = context.RequestAborted;
        var isLost = false;
        using var held = new MemoryStream();
        response.Body = held;
        context.SetIdempotentRequest(new IdempotentRequest(scope, version));
        try
        {
            await new Upkeep(time, IdempotencyLimits.LeaseDuration).While(
                lost => RunUntil(context, next, lost),
                token => keys.Renew(scope, version, token),
                "request",
                CancellationToken.None);
            await response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        catch (LeaseLostException failure)
        {
            // Of another lease than the request's, it may be: then the request is to be done again.
            Log.IdempotentRequestLost(logger, failure);
            await Settle(() => keys.Forget(scope, version, CancellationToken.None));
            isLost = true;
        }
        catch
        {
            await Settle(() => keys.Forget(scope, version, CancellationToken.None));
            throw;
        }
        finally
        {
            response.Body = toClient;
            context.RequestAborted = clientLeft;
        }

        if (isLost)
        {
            await RefuseInProgress(context);
            return;
        }

        // From here on the request is done, whoever still listens.
        var body = held.ToArray();
        await Settle(() => InvitesToTryAgain(response, body)
            ? keys.Forget(scope, version, CancellationToken.None)
            : keys.Answer(scope, version, AnswerOf(response, body), CancellationToken.None));
        await toClient.WriteAsync(body, clientLeft);
    }

    // A client who leaves between the commit and its acknowledgement would make a done request look undone.
    private static Task RunUntil(HttpContext context, RequestDelegate next, CancellationToken lost)
    {
        context.RequestAborted = lost;
        return next(context);
    }

    // What the client is told does not depend on whether it could be written down: the lease ends by itself.
    private async Task Settle(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (NpgsqlException failure)
        {
            Log.AnswerNotKept(logger, failure);
        }
    }

    private static StoredAnswer AnswerOf(HttpResponse response, byte[] body)
    {
        var headers = response.Headers
            .Where(header => KeptHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase)
                || header.Key.StartsWith(OwnHeaderPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return new StoredAnswer(
            response.StatusCode, headers, body.Length <= IdempotencyLimits.AnswerBytesMax ? body : null);
    }

    private static async Task Replay(HttpContext context, StoredAnswer answer)
    {
        if (answer.Body is null)
        {
            await Refuse(
                context,
                PlatformProblems.IdempotencyAnswerNotKept,
                $"It was done and answered with status {answer.Status}.");
            return;
        }

        var response = context.Response;
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        response.Headers[ReplayedHeader] = "true";
        if (answer.Body.Length > 0)
        {
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    private static bool InvitesToTryAgain(HttpResponse response, byte[] body) =>
        response.StatusCode is >= 500 or StatusCodes.Status408RequestTimeout or StatusCodes.Status429TooManyRequests
        || response.Headers.RetryAfter.Count > 0
        || (response.ContentType == Problem.MediaType && IsRetryable(body));

    private static bool IsRetryable(byte[] problem)
    {
        using var document = JsonDocument.Parse(problem);
        return document.RootElement.TryGetProperty("retryable", out var retryable)
            && retryable.ValueKind == JsonValueKind.True;
    }

    private static bool IsWrite(string method) =>
        HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method);

    private static Task RefuseInProgress(HttpContext context) => Refuse(
        context,
        PlatformProblems.IdempotencyInProgress,
        "The first request with this Idempotency-Key is still being worked on.",
        IdempotencyLimits.RetryAfterSeconds);

    private static Task Refuse(HttpContext context, ProblemCode code, string detail, int? retryAfterSeconds = null) =>
        new Problem(code, detail, retryAfterSeconds).ExecuteAsync(context);
}
