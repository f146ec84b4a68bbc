using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Every way asking providers can end.</summary>
internal abstract record DispatchOutcome
{
    private DispatchOutcome()
    {
    }

    /// <summary>One answers.</summary>
    public sealed record Opened(ProviderAnswer Answer) : DispatchOutcome;

    /// <summary>One says that the request is wrong; another would say the same.</summary>
    public sealed record Refused(ProviderAnswer Answer) : DispatchOutcome;

    /// <summary>The one's protocol has no words for the request; another one's may.</summary>
    public sealed record Unsayable(RefusedRequestException Why) : DispatchOutcome;

    /// <summary>None answered.</summary>
    public sealed record Failed(ProblemCode Code, string Detail, int? RetryAfterSeconds, int? Status, int Attempts) : DispatchOutcome
    {
        /// <summary>All that were asked, the first one first.</summary>
        public IReadOnlyList<FailedAttempt> FailedAttempts { get; init; } = [];
    }
}

/// <summary>
/// Asks providers until one answers.
/// <list type="number">
/// <item>Of the lowest tier's deployments that do not rest, one is chosen: a session's own, else by weight and chance.</item>
/// <item>Where it fails, another one is chosen; once all were asked, they are asked again after a pause.</item>
/// <item>A request that is wrong is wrong everywhere: it is not asked again. One that a provider's protocol cannot say goes to
/// those whose can, and one whose model a provider does not know to those who may.</item>
/// <item>An answer has begun once a stream's first event has come, or all of a plain one: from then on nobody else is
/// asked.</item>
/// </list>
/// </summary>
internal sealed class Dispatch(
    IEnumerable<IModelProvider> providers,
    GenAiTelemetry telemetry,
    ShadowCalls shadows,
    Jitter jitter,
    TimeProvider time,
    ILogger<Dispatch> logger)
{
    private readonly Dictionary<ProviderKind, IModelProvider> providers =
        providers.SelectMany(one => one.Kinds.Select(kind => (kind, one))).ToDictionary(pair => pair.kind, pair => pair.one);

    /// <summary>Asks.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    /// <exception cref="RefusedRequestException">The candidate's protocol cannot say the request.</exception>
    public async Task<DispatchOutcome> Run(PreparedCall call, HttpRequest request, CancellationToken client)
    {
        var candidates = call.Candidates.All;
        DispatchOutcome.Failed? failure = null;
        RefusedRequestException? unsayable = null;
        List<FailedAttempt>? before = null;
        var (able, round) = (AllOf(candidates), 0);
        var untried = able;
        for (var attempt = 1; attempt <= Limits.AttemptsMax; attempt++)
        {
            if (!Choose(call, untried, out var chosen, out var permit))
            {
                if (failure is null || able == 0 || !await Pause(++round, failure, client))
                {
                    break;
                }

                untried = able;
                if (!Choose(call, untried, out chosen, out permit))
                {
                    break;
                }
            }

            untried &= ~(1UL << chosen);
            var askedAt = time.GetUtcNow();
            switch (await Ask(call, candidates[chosen], permit, request, attempt, client))
            {
                case DispatchOutcome.Unsayable(var why):
                    (unsayable, able) = (why, able & ~(1UL << chosen));
                    attempt--;
                    break;
                case DispatchOutcome.Refused { Answer: { Status: StatusCodes.Status404NotFound } unknown } when untried != 0:
                    (before ??= []).Add(AttemptOf(call, unknown.Candidate, unknown.Status, InferenceProblems.ModelNotFound, askedAt));
                    unknown.Dispose();
                    break;
                case DispatchOutcome.Refused(var answer) refused:
                    answer.FailedAttempts = before ?? [];
                    return refused;
                case DispatchOutcome.Failed failed:
                    (before ??= []).Add(AttemptOf(call, candidates[chosen], failed.Status, failed.Code, askedAt));
                    failure = failed with { FailedAttempts = before };
                    able = IsOfAccount(failed.Status) && candidates.Count == 1 ? 0 : able;
                    break;
                case DispatchOutcome.Opened(var answer) opened:
                    Open(call, answer, before);
                    return opened;
                case var outcome:
                    return outcome;
            }
        }

        return failure is null && unsayable is not null ? throw unsayable : failure ?? Resting(call);
    }

    // Asked again at once, it would say the same.
    private static bool IsOfAccount(int? status) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired or StatusCodes.Status403Forbidden;

    private void Open(PreparedCall call, ProviderAnswer answer, IReadOnlyList<FailedAttempt>? before)
    {
        answer.FailedAttempts = before ?? [];
        if (answer.Body is not null)
        {
            shadows.Offer(call);
        }
    }

    private static ulong AllOf(IReadOnlyList<Candidate> candidates) => (1UL << candidates.Count) - 1;

    private static bool Choose(PreparedCall call, ulong untried, out int chosen, out CircuitPermit permit)
    {
        (chosen, permit) = (-1, default);
        var candidates = call.Candidates.All;
        for (var index = 0; index < candidates.Count; index++)
        {
            if (candidates[index].Deployment.Watch is { Circuit.MayEnter: false })
            {
                untried &= ~(1UL << index);
            }
        }

        while (untried != 0)
        {
            chosen = WeightedChoice.Pick(call.Candidates.Options, untried, call.ChoiceKey);
            if (candidates[chosen].Deployment.Watch is not { } watch || watch.Circuit.TryEnter(out permit))
            {
                return true;
            }

            untried &= ~(1UL << chosen);
        }

        return false;
    }

    // Says what the one said that is asked again first.
    private static DispatchOutcome.Failed Resting(PreparedCall call)
    {
        var first = call.Candidates.All
            .Select(one => one.Deployment.Watch)
            .OfType<DeploymentWatch>()
            .MinBy(watch => watch.Circuit.RestsFor);
        var seconds = Math.Max(1, (int)Math.Ceiling(first?.Circuit.RestsFor.TotalSeconds ?? 1));
        return first?.LastStatus == StatusCodes.Status429TooManyRequests
            ? new(InferenceProblems.ProviderBusy, "The provider takes no more calls for now.", seconds, null, 0)
            : new(
                InferenceProblems.ProviderUnavailable,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"All of the model's providers failed and are left alone; one is asked again in {seconds} s."),
                seconds,
                null,
                0);
    }

    private FailedAttempt AttemptOf(
        PreparedCall call, Candidate candidate, int? status, ProblemCode code, DateTimeOffset askedAt)
    {
        var (provider, model) = candidate.Deployment.Name;
        return new FailedAttempt(
            provider,
            model,
            status,
            code.Code,
            (askedAt - call.Call.StartedAt).Ticks / TimeSpan.TicksPerMicrosecond,
            (time.GetUtcNow() - askedAt).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    private async Task<DispatchOutcome> Ask(
        PreparedCall call,
        Candidate candidate,
        CircuitPermit permit,
        HttpRequest asked,
        int attempt,
        CancellationToken client)
    {
        var deployment = candidate.Deployment;
        var leaving = new LeavingRequest(
            call, new Asking(call, candidate, permit, telemetry, time), new Patience(deployment.Timeouts, time, client), time);
        ProviderAnswer? answer = null;
        var isHandedOver = false;
        try
        {
            var request = new ProviderRequest(
                deployment,
                candidate.Protocol,
                ProviderAct.Answer,
                call.BodyFor(candidate),
                candidate.Protocol == call.Call.Protocol,
                call.Call.IsStream,
                asked.Headers,
                asked.QueryString)
            {
                Leaving = leaving.Leave,
            };
            var response = await providers[deployment.Provider.Kind].Send(request, leaving.Patience.Token);
            answer = new ProviderAnswer(candidate, response, leaving.Patience, attempt, leaving.Asking)
            {
                AskedAt = leaving.At,
                RespondedAt = time.GetUtcNow(),
            };
            var outcome = response.IsSuccessStatusCode
                ? await Begin(call, answer)
                : Judge(call, answer);

            // From here on it belongs to whoever delivers the answer.
            isHandedOver = outcome is not DispatchOutcome.Failed;
            return outcome;
        }
        catch (RefusedRequestException exception) when (call.Clearance!.Refusal is null)
        {
            return new DispatchOutcome.Unsayable(exception);
        }
        catch (Exception exception) when (IsOfProvider(exception) && !client.IsCancellationRequested)
        {
            return BrokenOff(call, leaving.Asking, exception, answer is not null, attempt);
        }
        finally
        {
            if (!isHandedOver)
            {
                answer?.Dispose();
                leaving.Dispose();
            }
        }
    }

    private DispatchOutcome.Failed BrokenOff(
        PreparedCall call, Asking asking, Exception exception, bool hasAnswered, int attempt)
    {
        call.Clearance!.Asked = null;
        var isSlow = exception is OperationCanceledException;
        asking.Failed(isSlow ? "timeout" : hasAnswered ? "broken_off" : "unreachable", null, null);
        Log.ProviderFailed(
            logger, call.Call.Id, asking.Deployment.Provider.Name, attempt, isSlow ? "it took too long" : exception.Message);
        return isSlow
            ? new DispatchOutcome.Failed(
                InferenceProblems.ProviderTimeout, "The provider did not begin to answer in time.", null, null, attempt)
            : new DispatchOutcome.Failed(
                InferenceProblems.ProviderUnavailable,
                hasAnswered ? "The provider failed before it had answered." : "The provider could not be reached.",
                null,
                null,
                attempt);
    }

    /// <summary>Whether an exception is a provider's doing: it is away, slow, or speaks something else.</summary>
    public static bool IsOfProvider(Exception exception) =>
        exception is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidDataException;

    /// <summary>Whether a status says that the request is wrong, and the deployment well.</summary>
    public static bool IsOfRequest(int status) => status is >= 400 and < 500 and not (401 or 402 or 403 or 408 or 409 or 424 or 429);

    private static async Task<DispatchOutcome> Begin(PreparedCall call, ProviderAnswer answer)
    {
        if (call.Call.IsStream && IsStream(answer.Response))
        {
            answer.Events = new EventSource(await answer.Response.Content.ReadAsStreamAsync(answer.Patience.Token));
            if (!await answer.Events.ReadFirst(answer.Patience.Token))
            {
                throw new IOException("The stream ended before it began.");
            }

            if (answer.Events.FirstIsFailure)
            {
                throw new InvalidDataException("The stream began with an error.");
            }

            answer.Asking.Began();
            answer.Patience.Renew();
            return new DispatchOutcome.Opened(answer);
        }

        // The client gets nothing of a plain answer before all of it is there, so until then another may be asked.
        answer.Asking.Began();
        answer.Patience.Renew();
        answer.Body = await PlainDelivery.ReadAll(answer.Response, answer.Patience, Limits.AnswerBytesMax);
        var body = answer.Body.WrittenSpan;
        return !body.TrimStart(" \t\r\n"u8).StartsWith("{"u8) ? throw new InvalidDataException("The answer is no JSON object.")
            : StreamMeter.HasError(body) && UsageRules.Find(answer.Candidate.Protocol, body) is null
                ? throw new InvalidDataException("The answer is an error, though its status says that all is well.")
            : new DispatchOutcome.Opened(answer);
    }

    private static bool IsStream(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType?.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    private DispatchOutcome Judge(PreparedCall call, ProviderAnswer answer)
    {
        var provider = answer.Candidate.Deployment.Provider.Name;
        call.Clearance!.Asked = null;
        Log.ProviderAnswered(logger, call.Call.Id, provider, answer.Status, answer.Attempt);
        var after = RetryAfterOf(answer.Response);
        if (IsOfRequest(answer.Status))
        {
            answer.Asking.Refused(answer.Status.ToString(CultureInfo.InvariantCulture));
            return new DispatchOutcome.Refused(answer);
        }

        answer.Asking.Failed(
            answer.Status.ToString(CultureInfo.InvariantCulture),
            answer.Status,
            answer.Status == StatusCodes.Status429TooManyRequests ? TimeSpan.FromSeconds(after ?? 1) : null);
        switch (answer.Status)
        {
            case StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden:
                Log.CredentialsRefused(logger, provider);
                return Failed(InferenceProblems.ProviderUnavailable, "The provider refuses the gateway's credentials.");
            case StatusCodes.Status402PaymentRequired:
                Log.CredentialsRefused(logger, provider);
                return Failed(InferenceProblems.ProviderUnavailable, "The gateway's account at the provider is used up.");
            case StatusCodes.Status429TooManyRequests:
                return Failed(InferenceProblems.ProviderBusy, "The provider takes no more calls for now.");
            case StatusCodes.Status408RequestTimeout or StatusCodes.Status409Conflict
                or StatusCodes.Status424FailedDependency or >= 500:
                return Failed(
                    InferenceProblems.ProviderUnavailable,
                    string.Create(CultureInfo.InvariantCulture, $"The provider answered with status {answer.Status}."));
            default:
                return Failed(InferenceProblems.ProviderUnavailable, "The provider answered with something else than an answer.");
        }

        DispatchOutcome.Failed Failed(ProblemCode code, string detail) => new(code, detail, after, answer.Status, answer.Attempt);
    }

    private async Task<bool> Pause(int round, DispatchOutcome.Failed failure, CancellationToken client)
    {
        var wanted = failure.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        if (wanted > Limits.RetryAfterMost)
        {
            return false;
        }

        var pause = Limits.RetryAfter * Math.Pow(2, round - 1) * (1 + jitter.Next());
        await Task.Delay(pause > wanted ? pause : wanted, time, client);
        return true;
    }

    private int? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => (int)Math.Ceiling(Math.Clamp(delta.TotalSeconds, 0, int.MaxValue)),
        { Date: { } date } => (int)Math.Ceiling(Math.Clamp((date - time.GetUtcNow()).TotalSeconds, 0, int.MaxValue)),
        _ => response.StatusCode == HttpStatusCode.TooManyRequests ? 1 : null,
    };

    /// <summary>A request on its way out: what it waits for, and whose time runs once it leaves.</summary>
    private sealed class LeavingRequest(PreparedCall call, Asking asking, Patience patience, TimeProvider time) : IDisposable
    {
        private bool hasLeft;

        public Asking Asking => asking;

        public Patience Patience => patience;

        /// <summary>When it left; when it was made, until it leaves.</summary>
        public DateTimeOffset At { get; private set; } = time.GetUtcNow();

        // More than once where a provider takes the call in parts only.
        public async ValueTask Leave()
        {
            await call.Clearance!.Wait();
            patience.Token.ThrowIfCancellationRequested();
            if (!hasLeft)
            {
                hasLeft = true;
                At = time.GetUtcNow();
                call.Clearance.Asked = asking.Deployment.Name;
                asking.Sent();
            }

            await patience.Leaving();
        }

        public void Dispose()
        {
            patience.Dispose();
            asking.Dispose();
        }
    }
}
