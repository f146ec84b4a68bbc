using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Looks, before a call is made, what its organisation wants done with what is asked and answered.</summary>
internal sealed class CallContents(
    ContentPolicies policies, KeptContent kept, CachedAnswers answers, TimeProvider time, ILogger<CallContents> logger)
{
    /// <summary>Looks through a request.</summary>
    /// <param name="context">Of the call.</param>
    /// <param name="body">The request.</param>
    /// <param name="model">The model that is called.</param>
    /// <param name="policy">What the caller is held to.</param>
    /// <returns>What is to be done; null, as nearly always, where it is nothing.</returns>
    /// <exception cref="RefusedRequestException">The request may not be sent.</exception>
    public async ValueTask<ContentRun?> Look(
        HttpContext context, ReadOnlyMemory<byte> body, string model, KeyPolicy policy)
    {
        var caller = context.Caller();
        var rules = await policies.Of(caller.RequiredOrg, caller.Actor, context.RequestAborted);
        if (rules.IsNothing)
        {
            return null;
        }

        // Admission says so, too, but only once the work is done.
        if (KeyChecks.Refusal(model, policy) is { RetryAfterSeconds: null } refused)
        {
            throw new RefusedRequestException(refused.Code, refused.Detail);
        }

        var redacted = 0;
        var patience = new GuardPatience(time);
        foreach (var guard in rules.Guards)
        {
            (body, var count) = guard.Check(body, patience);
            redacted += count;
        }

        return new ContentRun(rules, body, redacted, kept, answers, logger);
    }

    /// <summary>Looks for an answer that was given before, where the organisation and the client want that.</summary>
    /// <param name="context">Of the call.</param>
    /// <param name="protocol">The language the client speaks.</param>
    /// <param name="model">The model that is called, which may be another than the client names.</param>
    /// <param name="candidates">Who may answer.</param>
    /// <param name="run">What is done with the request.</param>
    public async ValueTask Recall(
        HttpContext context, Protocol protocol, string model, CandidateSet candidates, ContentRun run)
    {
        if (!run.MayBeGivenAgain || Mentions(context.Request, "no-store"))
        {
            return;
        }

        run.Fingerprint = CachedAnswers.FingerprintOf(
            protocol, $"{model}\n{PassedOn(context.Request)}\n{Answerers(candidates)}", run.Body.Span);
        if (!Mentions(context.Request, "no-cache"))
        {
            run.Cached = await answers.Find(context.Caller().RequiredOrg, run.Fingerprint, context.RequestAborted);
        }
    }

    private static bool Mentions(HttpRequest request, string directive) =>
        request.Headers.CacheControl is [{ } control, ..] && control.Contains(directive, StringComparison.OrdinalIgnoreCase);

    // Whoever may not be answered by somebody is not given that one's answer again; with a customer's own key it is another.
    private static string Answerers(CandidateSet candidates) => string.Join('\n', candidates.All.Select(one =>
        $"{one.Deployment.Name.Provider}/{one.Deployment.Name.Model} {one.Deployment.Region} {one.Deployment.Provider.BaseUrl}"));

    // What of a request besides its body changes what is answered.
    private static string PassedOn(HttpRequest request) =>
        $"{request.QueryString}\n{request.Headers["anthropic-version"]}\n{request.Headers["anthropic-beta"]}";
}

/// <summary>What is done with the content of one call.</summary>
internal sealed class ContentRun(
    ContentRules rules, ReadOnlyMemory<byte> body, int redacted, KeptContent kept, CachedAnswers answers, ILogger logger)
{
    private ContentWatch? watch;

    /// <summary>The request as it goes on.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>How many of its texts were changed.</summary>
    public int Redacted => redacted;

    /// <summary>Whether the organisation wants answers given again.</summary>
    public bool MayBeGivenAgain => rules.CachedFor is not null;

    /// <summary>What the answer is kept by, to be given again; null where it is not.</summary>
    public byte[]? Fingerprint { get; set; }

    /// <summary>An answer that was given before; null where there is none.</summary>
    public CachedAnswer? Cached { get; set; }

    /// <summary>Looks at what goes to the client, where it is to be kept.</summary>
    public System.IO.Pipelines.PipeWriter Watch(System.IO.Pipelines.PipeWriter output) =>
        rules.DaysKept is null && Fingerprint is null ? output : watch = new ContentWatch(output);

    /// <summary>A plain answer is there: it is kept as its organisation wants.</summary>
    /// <param name="call">The call.</param>
    /// <param name="answer">The answer, in the client's protocol.</param>
    /// <param name="mayBeGivenAgain">Whether it is what the request asked for, and new.</param>
    public Task Answered(ModelCall call, ReadOnlyMemory<byte> answer, bool mayBeGivenAgain) => Kept(call, async () =>
    {
        if (mayBeGivenAgain)
        {
            await KeepForAgain(call, answer);
        }

        if (rules.DaysKept is { } days)
        {
            await kept.Write(call, body, answer, days, CancellationToken.None);
        }
    });

    /// <summary>A stream is over, also where it broke off.</summary>
    /// <param name="call">The call.</param>
    /// <param name="mayBeGivenAgain">Whether it is whole, and what the request asked for.</param>
    public Task Streamed(ModelCall call, bool mayBeGivenAgain) => Kept(call, async () =>
    {
        if (watch is null)
        {
            return;
        }

        if (mayBeGivenAgain)
        {
            await KeepForAgain(call, watch.Seen);
        }

        if (rules.DaysKept is { } days)
        {
            await kept.Write(call, body, watch.Seen, days, CancellationToken.None);
        }
    });

    /// <summary>Notes that the call is answered again; what that saves, in micros, or null where it could not be noted.</summary>
    public async Task<decimal?> Saved(ModelCall call)
    {
        decimal? saved = null;
        await Kept(call, async () => saved = await answers.Saved(call, Cached!, CancellationToken.None));
        return saved;
    }

    private async Task KeepForAgain(ModelCall call, ReadOnlyMemory<byte> answer)
    {
        if (answer.Length <= Limits.CachedAnswerBytesMax
            && Fingerprint is { } fingerprint
            && rules.CachedFor is { } cachedFor)
        {
            await answers.Write(call.Org, fingerprint, new CachedAnswer(call.Id, answer), cachedFor, CancellationToken.None);
        }
    }

    // An answer that could not be kept is still the client's.
    private async Task Kept(ModelCall call, Func<Task> keep)
    {
        try
        {
            await keep();
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            Log.ContentNotKept(logger, failure, call.Id);
        }
    }
}
