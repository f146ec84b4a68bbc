using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// The built-in provider: speaks every protocol in its own shape, streams word by word, calls tools and fails on demand, all
/// from nothing but the request. It stands behind the same seam as the real ones, so that nothing knows it is none.
/// </summary>
internal sealed class DemoProvider(TimeProvider time) : IModelProvider
{
    private const int WordsBeforeBreak = 3;

    // The next piece is written once the last one was read: as a network would have it, and nothing is lost by breaking off.
    private static readonly PipeOptions PieceByPiece = new(pauseWriterThreshold: 1, resumeWriterThreshold: 1);
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(50);

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Demo];

    public async Task<HttpResponseMessage> Send(ProviderRequest request, CancellationToken cancellationToken)
    {
        await request.Leaving();
        var model = request.Deployment.Model;
        if (DemoModels.ErrorOf(model) is { } status)
        {
            return Error(request.Protocol, status);
        }

        if (model == DemoModels.Hang)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }

        using var body = JsonMembers.Parse(request.Body);
        return request.Protocol switch
        {
            Protocol.OpenAiEmbeddings => Json(DemoEmbeddings.Answer(model, body.RootElement)),
            Protocol.OpenAiCompletions => DemoCompletions.IsStream(body.RootElement)
                ? Stream(DemoCompletions.Stream(model, body.RootElement))
                : Json(DemoCompletions.Answer(model, body.RootElement)),
            _ => Conversation(request, model, body.RootElement),
        };
    }

    private HttpResponseMessage Conversation(ProviderRequest request, string model, JsonElement body)
    {
        var isCount = request.Act == ProviderAct.CountTokens;
        var asked = request.Protocol == Protocol.AnthropicMessages
            ? MessagesRequest.Read(body, isCount)
            : Translation.Read(request.Protocol, body);
        var script = DemoScript.Of(model, asked, request.Body.Span);
        if (isCount)
        {
            return Json(JsonSerializer.SerializeToUtf8Bytes(new { input_tokens = script.Usage.AllInputTokens }));
        }

        var now = time.GetUtcNow();
        if (!asked.IsStream)
        {
            var output = new ArrayBufferWriter<byte>();
            foreach (var _ in Play(script, Sinks.Plain(request.Protocol, request.Body, now, output)))
            {
                // A plain answer is written at its end.
            }

            return model == DemoModels.Break
                ? throw new HttpRequestException("The demo provider broke off.")
                : Json(output.WrittenSpan.ToArray());
        }

        var pipe = new Pipe(PieceByPiece);
        var sink = Sinks.Streamed(request.Protocol, request.Body.ToArray(), now, pipe.Writer);
        _ = Task.Run(() => Produce(script, sink, pipe.Writer), CancellationToken.None);
        return Stream(pipe.Reader.AsStream());
    }

    // Ends when the script does, or when whoever reads has gone: then there is nobody to flush to.
    private async Task Produce(DemoScript script, IAnswerSink sink, PipeWriter output)
    {
        var pieces = 0;
        foreach (var _ in Play(script, sink))
        {
            if ((await output.FlushAsync()).IsCompleted)
            {
                break;
            }

            if (script.Model == DemoModels.Break && ++pieces > WordsBeforeBreak)
            {
                await output.CompleteAsync(new IOException("The demo provider broke off."));
                return;
            }

            if (script.Model == DemoModels.Slow)
            {
                await Task.Delay(SlowPause, time);
            }
        }

        await output.CompleteAsync();
        (sink as IDisposable)?.Dispose();
    }

    // Stops after each piece, so that it can be sent.
    private static IEnumerable<bool> Play(DemoScript script, IAnswerSink sink)
    {
        sink.Begin(script.Id, script.Model, script.Usage with { OutputTokens = 1, ReasoningTokens = 0 });
        yield return true;
        foreach (var thought in script.Thoughts)
        {
            sink.Reasoning(thought);
            yield return true;
        }

        if (script.Thoughts.Count > 0)
        {
            sink.Signature("demo");
        }

        foreach (var word in script.Words)
        {
            sink.Text(word);
            yield return true;
        }

        if (script.Call is { } call)
        {
            sink.ToolCall(call.Id, call.Name);
            sink.ToolArguments(call.Arguments);
            yield return true;
        }

        sink.Finish(script.Reason);
        sink.Usage(script.Usage);
        sink.End();
        yield return true;
    }

    private static HttpResponseMessage Error(Protocol protocol, int status)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            if (protocol == Protocol.AnthropicMessages)
            {
                ErrorShape.Anthropic(json, AnthropicErrors.TypeOf(status), "The demo provider fails on demand.");
            }
            else
            {
                ErrorShape.OpenAi(json, OpenAiErrors.TypeOf(status), null, "The demo provider fails on demand.");
            }
        }

        var answer = Json(output.WrittenSpan.ToArray(), (HttpStatusCode)status);
        if (status == (int)HttpStatusCode.TooManyRequests)
        {
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
        }

        return answer;
    }

    private static HttpResponseMessage Json(byte[] body, HttpStatusCode status = HttpStatusCode.OK)
    {
        var answer = new HttpResponseMessage(status) { Content = new ByteArrayContent(body) };
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        answer.Headers.Add("x-request-id", string.Create(CultureInfo.InvariantCulture, $"demo_{body.Length}"));
        return answer;
    }

    private static HttpResponseMessage Stream(Stream body)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return answer;
    }
}
