using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Reads answers of OpenAI's chat completions, plain (<c>ChatCompletion</c>) and streamed (<c>ChatCompletionChunk</c>), and
/// the thoughts that DeepSeek, vLLM and OpenRouter add as <c>reasoning_content</c> or <c>reasoning</c>.
/// </summary>
internal sealed class ChatAnswer(IAnswerSink sink, AnswerHead head, ModelUsage estimate) : IAnswerReader
{
    private readonly HashSet<long> calls = [];
    private bool hasBegun;
    private bool hasFinished;

    public bool IsComplete { get; private set; }

    public void ReadPlain(JsonElement answer)
    {
        Begin(answer);
        if (answer.Items("choices").FirstOrDefault() is { ValueKind: JsonValueKind.Object } choice)
        {
            if (choice.Object("message") is { } message)
            {
                Said(message);
                foreach (var call in message.Items("tool_calls"))
                {
                    Call(call);
                }
            }

            Finish(choice);
        }

        Usage(answer);
        IsComplete = true;
        sink.End();
    }

    public void ReadEvent(in SseEvent one)
    {
        if (one.Data.Length == 0 || IsComplete)
        {
            return;
        }

        if (one.Data.Span.SequenceEqual("[DONE]"u8))
        {
            IsComplete = true;
            sink.End();
            return;
        }

        using var chunk = JsonDocument.Parse(one.Data);
        Chunk(chunk.RootElement);
    }

    // Some providers end with the connection instead of [DONE].
    public bool EndOfStream()
    {
        if (!IsComplete && hasFinished)
        {
            IsComplete = true;
            sink.End();
        }

        return IsComplete;
    }

    private void Chunk(JsonElement chunk)
    {
        if (chunk.Object("error") is { } error)
        {
            IsComplete = true;
            sink.Fail(error.Text("type") ?? "server_error", error.Text("message") ?? "The provider broke off.");
            return;
        }

        Begin(chunk);
        if (chunk.Items("choices").FirstOrDefault() is { ValueKind: JsonValueKind.Object } choice)
        {
            if (choice.Object("delta") is { } delta)
            {
                Said(delta);
                foreach (var call in delta.Items("tool_calls"))
                {
                    CallDelta(call);
                }
            }

            Finish(choice);
        }

        Usage(chunk);
    }

    // Azure begins with what its filters say of the prompt, in a chunk that names nothing.
    private void Begin(JsonElement answer)
    {
        if (!hasBegun && (answer.Text("id") is { Length: > 0 } || answer.Items("choices").Any()))
        {
            hasBegun = true;
            sink.Begin(head.IdOr(answer.Text("id")), head.ModelOr(answer.Text("model")), estimate);
        }
    }

    private void Said(JsonElement message)
    {
        if ((message.Text("reasoning_content") ?? message.Text("reasoning")) is { Length: > 0 } reasoning)
        {
            sink.Reasoning(reasoning);
        }

        if (message.Text("content") is { Length: > 0 } text)
        {
            sink.Text(text);
        }

        if (message.Text("refusal") is { Length: > 0 } refusal)
        {
            sink.Text(refusal);
        }
    }

    private void Call(JsonElement call)
    {
        if (call.Object("function") is { } function)
        {
            sink.ToolCall(call.Text("id") ?? "", function.Text("name") ?? "");
            sink.ToolArguments(function.Text("arguments") ?? "{}");
        }
    }

    private void CallDelta(JsonElement call)
    {
        var function = call.Object("function");
        if (calls.Add(call.Whole("index") ?? calls.Count))
        {
            sink.ToolCall(call.Text("id") ?? "", function?.Text("name") ?? "");
        }

        if (function?.Text("arguments") is { Length: > 0 } arguments)
        {
            sink.ToolArguments(arguments);
        }
    }

    private void Finish(JsonElement choice)
    {
        if (choice.Text("finish_reason") is not { } reason)
        {
            return;
        }

        hasFinished = true;
        sink.Finish(reason switch
        {
            "length" => FinishReason.Length,
            "tool_calls" or "function_call" => FinishReason.ToolCalls,
            "content_filter" => FinishReason.Filtered,
            _ => FinishReason.Done,
        });
    }

    private void Usage(JsonElement answer)
    {
        if (answer.Object("usage") is { } usage)
        {
            sink.Usage(UsageRules.Read(Protocol.OpenAiChat, usage));
        }
    }
}
