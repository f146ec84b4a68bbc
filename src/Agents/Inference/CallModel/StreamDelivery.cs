using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Quoin.Inference.Internal;

/// <summary>
/// Sends a stream on to the client as it comes.
/// <list type="number">
/// <item>Whole events are sent on, all that have come at once; nothing waits for more.</item>
/// <item>Each is looked at for usage. One that is there for usage alone stays here unless the client asked for it.</item>
/// <item>Where the client speaks another protocol, each event is translated.</item>
/// <item>When the provider breaks off, the client is told so in its own protocol.</item>
/// </list>
/// </summary>
internal sealed class StreamDelivery(PreparedCall call, ProviderAnswer answer, ILogger logger) : IDisposable
{
    private readonly StreamMeter meter = new(
        answer.Candidate.Protocol, ModelFamilies.Of(answer.Candidate.Deployment.Name.Model) != ModelFamily.Unknown);

    private StreamTranslation? translation;
    private bool isClientGone;

    /// <summary>What was delivered so far, for those who ask while it goes on.</summary>
    public ModelUsage Used() => meter.Used(call.InputBytes, call.OutputTokensMost);

    /// <summary>What was used altogether, once it is over.</summary>
    public ModelUsage Total() => CountedUsage.OfStream(call, answer.Candidate.Deployment.Name, meter);

    /// <summary>Sends all of it; how that ended.</summary>
    public async Task<CallStatus> Run(HttpContext context)
    {
        Open(context.Response);
        var output = call.Content?.Watch(context.Response.BodyWriter) ?? context.Response.BodyWriter;
        translation = answer.Candidate.Protocol == call.Call.Protocol
            ? null
            : Translation.Stream(
                answer.Candidate.Protocol, call.Call.Protocol, call.Body, call.AnswerHead, call.InputEstimate, output);
        try
        {
            var isWhole = await SendOn(output);
            if (isWhole || isClientGone || answer.Patience.IsClientGone)
            {
                return isWhole ? CallStatus.Succeeded : CallStatus.ClientGone;
            }

            return await BreakOff(output, "The provider broke off.");
        }
        catch (Exception exception) when (Dispatch.IsOfProvider(exception) || IsNoAnswer(exception))
        {
            if (answer.Patience.IsClientGone)
            {
                return meter.IsComplete ? CallStatus.Succeeded : CallStatus.ClientGone;
            }

            var isSlow = exception is OperationCanceledException;
            Log.ProviderBrokeOff(
                logger, call.Call.Id, answer.Candidate.Deployment.Provider.Name, isSlow ? "it took too long" : exception.Message);
            return await BreakOff(output, isSlow ? "The provider took too long." : "The provider broke off.");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        meter.Dispose();
        translation?.Dispose();
    }

    /// <summary>Says that events come.</summary>
    public static void Open(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";

        // Proxies in front of us must not gather what is meant to flow.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Whether an answer could not be understood: it is not of its protocol, or has text that is not valid Unicode.</summary>
    public static bool IsNoAnswer(Exception exception) => exception is RefusedRequestException or InvalidOperationException;

    // Whether the provider said that this is all.
    private async Task<bool> SendOn(PipeWriter output)
    {
        var events = answer.Events!;
        do
        {
            while (events.TryTake(out var one))
            {
                Take(one, output);
            }

            var flushed = await output.FlushAsync(answer.Patience.Token);
            if (flushed.IsCompleted)
            {
                isClientGone = true;
                return meter.IsComplete;
            }

            answer.Patience.Renew();
        }
        while (await events.Read(answer.Patience.Token));

        var isWhole = translation?.EndOfStream() ?? (meter.IsComplete || meter.IsTotalTold);
        await output.FlushAsync(answer.Patience.Token);
        return isWhole && !meter.HasFailed;
    }

    private void Take(in SseEvent one, PipeWriter output)
    {
        var isUsageOnly = meter.Observe(one);
        if (translation is not null)
        {
            translation.Read(one);
        }
        else if (!isUsageOnly || call.Head.WantsUsage)
        {
            PassOn(one, output);
        }
    }

    private static void PassOn(in SseEvent one, PipeWriter output)
    {
        var data = ToldCosts.Without(one.Data);
        if (data.Equals(one.Data))
        {
            output.Write(one.Raw.Span);
            return;
        }

        SseWriter.Write(one.Name.Span, data.Span, output);
    }

    private async Task<CallStatus> BreakOff(PipeWriter output, string message)
    {
        if (!meter.HasFailed)
        {
            Tell(output, message);
            await output.FlushAsync(CancellationToken.None);
        }

        return CallStatus.BrokenOff;
    }

    private void Tell(PipeWriter output, string message)
    {
        if (translation is not null)
        {
            translation.Fail(call.Call.Protocol == Protocol.AnthropicMessages ? "api_error" : "server_error", message);
            return;
        }

        using var events = new SseWriter(output);
        var isAnthropic = call.Call.Protocol == Protocol.AnthropicMessages;
        var json = events.Begin(isAnthropic || call.Call.Protocol == Protocol.OpenAiResponses ? "error" : null);
        if (isAnthropic)
        {
            ErrorShape.Anthropic(json, "api_error", message, call.Call.Id.ToString());
        }
        else if (call.Call.Protocol == Protocol.OpenAiResponses)
        {
            ErrorShape.Responses(json, InferenceProblems.ProviderBrokeOff.Code, message);
        }
        else
        {
            ErrorShape.OpenAi(json, "server_error", InferenceProblems.ProviderBrokeOff.Code, message);
        }

        events.End();
    }
}
