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
/// <item>The candidates are asked in their order; after the last one comes the first again, after a pause.</item>
/// <item>A request that is wrong is wrong everywhere: it is not asked again.</item>
/// <item>An answer has begun once its first event, or the headers of a plain one, have come: from then on nobody else is asked.</item>
/// </list>
/// </summary>
internal sealed class Dispatch(
    IEnumerable<IModelProvider> providers, Jitter jitter, TimeProvider time, ILogger<Dispatch> logger)
{
    private readonly Dictionary<ProviderKind, IModelProvider> providers =
        providers.SelectMany(one => one.Kinds.Select(kind => (kind, one))).ToDictionary(pair => pair.kind, pair => pair.one);

    /// <summary>Asks.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    /// <exception cref="RefusedRequestException">The candidate's protocol cannot say the request.</exception>
    public async Task<DispatchOutcome> Run(PreparedCall call, HttpRequest request, CancellationToken client)
    {
        var failure = new DispatchOutcome.Failed(InferenceProblems.ProviderUnavailable, "", null, null, 0);
        List<FailedAttempt>? before = null;
        for (var attempt = 1; attempt <= Limits.AttemptsMax; attempt++)
        {
            var round = (attempt - 1) / call.Candidates.Count;
            if (round > 0 && !await Pause(round, failure, client))
            {
                break;
            }

            var candidate = call.Candidates[(attempt - 1) % call.Candidates.Count];
            var askedAt = time.GetUtcNow();
            var outcome = await Ask(call, candidate, request, attempt, client);
            if (outcome is not DispatchOutcome.Failed failed)
            {
                if (outcome is DispatchOutcome.Opened(var answer))
                {
                    answer.FailedAttempts = before ?? [];
                }

                return outcome;
            }

            (before ??= []).Add(AttemptOf(call, candidate, failed, askedAt));
            failure = failed with { FailedAttempts = before };
            if (failed.Status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden && call.Candidates.Count == 1)
            {
                break;
            }
        }

        return failure;
    }

    private FailedAttempt AttemptOf(
        PreparedCall call, Candidate candidate, DispatchOutcome.Failed failed, DateTimeOffset askedAt)
    {
        var (provider, model) = candidate.Deployment.Name;
        return new FailedAttempt(
            provider,
            model,
            failed.Status,
            failed.Code.Code,
            (askedAt - call.Call.StartedAt).Ticks / TimeSpan.TicksPerMicrosecond,
            (time.GetUtcNow() - askedAt).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    private async Task<DispatchOutcome> Ask(
        PreparedCall call, Candidate candidate, HttpRequest asked, int attempt, CancellationToken client)
    {
        var provider = candidate.Deployment.Provider;
        Patience? patience = new(provider.Timeouts, time, client);
        ProviderAnswer? answer = null;
        try
        {
            var request = new ProviderRequest(
                candidate.Deployment,
                candidate.Protocol,
                ProviderAct.Answer,
                call.BodyFor(candidate),
                candidate.Protocol == call.Call.Protocol,
                asked.Headers,
                asked.QueryString);
            var askedAt = time.GetUtcNow();
            var response = await providers[provider.Kind].Send(request, patience.Token);
            answer = new ProviderAnswer(candidate, response, patience, attempt)
            {
                AskedAt = askedAt,
                RespondedAt = time.GetUtcNow(),
            };
            var outcome = response.IsSuccessStatusCode
                ? await Begin(call, answer)
                : Judge(call, answer);
            if (outcome is not DispatchOutcome.Failed)
            {
                // From here on they belong to whoever delivers the answer.
                (answer, patience) = (null, null);
            }

            return outcome;
        }
        catch (Exception exception) when (IsOfProvider(exception) && !client.IsCancellationRequested)
        {
            var isSlow = exception is OperationCanceledException;
            Log.ProviderFailed(logger, call.Call.Id, provider.Name, attempt, isSlow ? "it took too long" : exception.Message);
            return isSlow
                ? new DispatchOutcome.Failed(
                    InferenceProblems.ProviderTimeout, "The provider did not begin to answer in time.", null, null, attempt)
                : new DispatchOutcome.Failed(
                    InferenceProblems.ProviderUnavailable, "The provider could not be reached.", null, null, attempt);
        }
        finally
        {
            answer?.Dispose();
            patience?.Dispose();
        }
    }

    /// <summary>Whether an exception is a provider's doing: it is away, slow, or speaks something else.</summary>
    public static bool IsOfProvider(Exception exception) =>
        exception is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidDataException;

    private static async Task<DispatchOutcome> Begin(PreparedCall call, ProviderAnswer answer)
    {
        if (call.Call.IsStream && IsStream(answer.Response))
        {
            answer.Events = new EventSource(await answer.Response.Content.ReadAsStreamAsync(answer.Patience.Token));
            if (!await answer.Events.ReadFirst(answer.Patience.Token))
            {
                throw new IOException("The stream ended before it began.");
            }
        }

        answer.Patience.Renew();
        return new DispatchOutcome.Opened(answer);
    }

    private static bool IsStream(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType?.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    private DispatchOutcome Judge(PreparedCall call, ProviderAnswer answer)
    {
        var provider = answer.Candidate.Deployment.Provider.Name;
        Log.ProviderAnswered(logger, call.Call.Id, provider, answer.Status, answer.Attempt);
        var after = RetryAfterOf(answer.Response);
        switch (answer.Status)
        {
            case StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden:
                Log.CredentialsRefused(logger, provider);
                return Failed(InferenceProblems.ProviderUnavailable, "The provider refuses the gateway's credentials.");
            case StatusCodes.Status429TooManyRequests:
                return Failed(InferenceProblems.ProviderBusy, "The provider takes no more calls for now.");
            case StatusCodes.Status408RequestTimeout or StatusCodes.Status409Conflict or >= 500:
                return Failed(
                    InferenceProblems.ProviderUnavailable,
                    string.Create(CultureInfo.InvariantCulture, $"The provider answered with status {answer.Status}."));
            case < 400:
                return Failed(InferenceProblems.ProviderUnavailable, "The provider answered with something else than an answer.");
            default:
                return new DispatchOutcome.Refused(answer);
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
}
