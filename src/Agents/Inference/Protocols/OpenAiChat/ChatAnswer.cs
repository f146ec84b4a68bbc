using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Reads answers of OpenAI's chat completions, plain (<c>ChatCompletion</c>) and streamed (<c>ChatCompletionChunk</c>), and
/// the thoughts that DeepSeek, vLLM and OpenRouter add as <c>reasoning_content</c> or <c>reasoning</c>.
/// </summary>
internal sealed class ChatAnswer(IAnswerSink sink, AnswerHead head, ModelUsage estimate) : IAnswerReader
{
    // The id of the call that goes on by each index.
    private readonly Dictionary<long, string> calls = [];
    private long latestCall;
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
            sink.Begin(head.IdOr(answer.Text("id")), head.ModelOr(answer.Text("model")), estimate);
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

        if (message.Member("content") is { ValueKind: JsonValueKind.Array } parts)
        {
            Parts(parts);
        }
        else
        {
            Text(message.Text("content"));
        }

        Text(message.Text("refusal"));
    }

    // Mistral's models that think say their thoughts in a list before their text; its references to sources are neither.
    private void Parts(JsonElement parts)
    {
        foreach (var part in parts.EnumerateArray())
        {
            switch (part.Text("type"))
            {
                case "text":
                    Text(part.Text("text"));
                    break;
                case "thinking" when part.Member("thinking") is { ValueKind: JsonValueKind.Array } thoughts:
                    Thought(string.Concat(thoughts.EnumerateArray().Select(thought => thought.Text("text"))), ThoughtMark.Listed);
                    break;
                case "thinking":
                    Thought(part.Text("thinking"), ThoughtMark.Listed);
                    break;
            }
        }
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
        var id = call.Text("id") ?? "";
        var name = function?.Text("name") ?? "";
        var index = call.Whole("index");
        latestCall = index ?? latestCall;
        if (!calls.TryGetValue(latestCall, out var begun) || IsAnother(begun, id, name, index))
        {
            EndThought();
            sink.ToolCall(id, name);
            calls[latestCall] = id;
        }

        if (function?.Text("arguments") is { Length: > 0 } arguments)
        {
            sink.ToolArguments(arguments);
        }
    }

    // Gemini's OpenAI endpoint gives all calls the same index, and some give none: ids tell them apart, else their names.
    private static bool IsAnother(string begun, string id, string name, long? index) => id.Length > 0
        ? id != begun && (begun.Length > 0 || name.Length > 0)
        : index is null && name.Length > 0;

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
