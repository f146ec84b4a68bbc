using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// <c>POST /v1/messages/count_tokens</c> for every model: Anthropic's providers count, for OpenAI's models their vocabulary
/// does, for all others it is estimated. It costs nothing, so nothing is asked of the money.
/// </summary>
internal sealed class CountTokens(
    PrepareCall preparing, IEnumerable<IModelProvider> providers, TimeProvider time, ILogger<CountTokens> logger)
{
    /// <summary>The endpoint.</summary>
    public static Task Endpoint(HttpContext context, CountTokens handler) => handler.Run(context);

    private async Task Run(HttpContext context)
    {
        using var body = await RequestBytes.Read(context.Request, context.RequestAborted);
        try
        {
            var request = await preparing.Understand(context, Protocol.AnthropicMessages, body.Memory);
            if (KeyChecks.Refusal(request.Model, request.Policy) is { } refused)
            {
                await CallModel.Refuse(context, refused);
                return;
            }

            var candidates = await preparing.Candidates(
                context.Caller(), request.Model, Protocol.AnthropicMessages, context.Request.Headers, context.RequestAborted);
            var native = candidates.All.FirstOrDefault(Counts);
            var counted = native is null ? null : await Counted(context, native, request);
            var answer = counted ?? JsonSerializer.SerializeToUtf8Bytes(new { input_tokens = Estimated(request.Body, candidates) });
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        }
        catch (RefusedRequestException exception)
        {
            await new Problem(exception.Code, exception.Message).ExecuteAsync(context);
        }
    }

    private static bool Counts(Candidate candidate) => candidate.Protocol == Protocol.AnthropicMessages;

    // Null where the provider does not count: many that speak its messages do not.
    private async Task<byte[]?> Counted(HttpContext context, Candidate candidate, UnderstoodRequest asked)
    {
        var provider = candidate.Deployment.Provider;
        using var patience = new Patience(provider.Timeouts, time, context.RequestAborted);
        var patched = new System.Buffers.ArrayBufferWriter<byte>(asked.Body.Length + 64);
        asked.Head.Patch(asked.Body.Span, candidate.Deployment.Model, null, asksUsage: false, patched);
        var request = new ProviderRequest(
            candidate.Deployment,
            candidate.Protocol,
            ProviderAct.CountTokens,
            patched.WrittenMemory,
            IsNative: true,
            IsStream: false,
            context.Request.Headers,
            context.Request.QueryString)
        {
            Leaving = patience.Leaving,
        };
        try
        {
            using var response = await providers.First(one => one.Kinds.Contains(provider.Kind)).Send(request, patience.Token);
            return response.IsSuccessStatusCode
                ? (await PlainDelivery.ReadAll(response, patience, Limits.ErrorBytesMax)).WrittenSpan.ToArray()
                : null;
        }
        catch (Exception exception) when (Dispatch.IsOfProvider(exception) && !patience.IsClientGone)
        {
            Log.CountFailed(logger, provider.Name, exception.Message);
            return null;
        }
    }

    private static long Estimated(ReadOnlyMemory<byte> body, CandidateSet candidates)
    {
        using var document = JsonMembers.Parse(body);
        var request = MessagesRequest.Read(document.RootElement, isCount: true);
        if (TokenCounter.Of(candidates.All[0].Deployment.Name.Model) is { } counter)
        {
            return CountedUsage.InputTokens(body, counter);
        }

        var tools = request.Tools.Sum(tool => tool.Parameters?.GetRawText().Length ?? 0);
        return Estimate.Tokens(request.AllText().Sum(text => (long)Encoding.UTF8.GetByteCount(text)) + tools);
    }
}
