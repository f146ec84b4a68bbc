using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Reads answers of OpenAI's chat completions, plain (<c>ChatCompletion</c>) and streamed (<c>ChatCompletionChunk</c>), and
/// the thoughts that DeepSeek, vLLM and OpenRouter add as <c>reasoning_content</c> or <c>reasoning</c>.
/// </summary>
internal sealed class ChatAnswer(IAnswerSink sink, ModelUsage estimate) : IAnswerReader
{
    private readonly HashSet<long> calls = [];
    private bool hasBegun;
    private bool hasFinished;
    private string? mark;

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
            sink.Begin(answer.Text("id") ?? "", answer.Text("model") ?? "", estimate);
        }
    }

    private void Said(JsonElement message)
    {
        if (message.Text("reasoning_content") is { } thought)
        {
            Thought(thought, ThoughtMark.ReasoningContent);
        }
        else
        {
            Thought(message.Text("reasoning"), ThoughtMark.Reasoning);
        }

        Text(message.Text("content"));
        Text(message.Text("refusal"));
    }

    private void Text(string? text)
    {
        if (text is { Length: > 0 })
        {
            EndThought();
            sink.Text(text);
        }
    }

    private void Thought(string? text, string by)
    {
        if (text is { Length: > 0 })
        {
            sink.Reasoning(text);
            mark = by;
        }
    }

    // A mark stands where a proof does: after all of the thought.
    private void EndThought()
    {
        if (mark is { Length: > 0 })
        {
            sink.Signature(mark);
        }

        mark = null;
    }

    private void Call(JsonElement call)
    {
        if (call.Object("function") is { } function)
        {
            EndThought();
            sink.ToolCall(call.Text("id") ?? "", function.Text("name") ?? "");
            sink.ToolArguments(function.Text("arguments") ?? "{}");
        }
    }

    private void CallDelta(JsonElement call)
    {
        var function = call.Object("function");
        if (calls.Add(call.Whole("index") ?? calls.Count))
        {
            EndThought();
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
        EndThought();
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
