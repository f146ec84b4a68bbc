using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Reads answers of Anthropic's messages, plain (<c>Message</c>) and streamed (<c>message_start</c>,
/// <c>content_block_start</c>, <c>content_block_delta</c>, <c>content_block_stop</c>, <c>message_delta</c>,
/// <c>message_stop</c>; <c>ping</c> and what is not known yet is passed over, as Anthropic asks).
/// </summary>
internal sealed class MessagesAnswer(IAnswerSink sink, AnswerHead head) : IAnswerReader
{
    private ModelUsage used;
    private bool isInTool;
    private bool hasArguments;

    public bool IsComplete { get; private set; }

    public void ReadPlain(JsonElement answer)
    {
        Begin(answer);
        foreach (var block in answer.Items("content"))
        {
            Block(block);
        }

        Finish(answer);
        sink.Usage(used);
        IsComplete = true;
        sink.End();
    }

    public void ReadEvent(in SseEvent one)
    {
        if (one.Data.Length == 0 || IsComplete)
        {
            return;
        }

        using var document = JsonDocument.Parse(one.Data);
        var data = document.RootElement;
        switch (data.Text("type"))
        {
            case "message_start" when data.Object("message") is { } message:
                Begin(message);
                break;
            case "content_block_start" when data.Object("content_block") is { } block:
                BlockStart(block);
                break;
            case "content_block_delta" when data.Object("delta") is { } delta:
                Delta(delta);
                break;
            case "content_block_stop":
                BlockStop();
                break;
            case "message_delta":
                Used(data);
                sink.Usage(used);
                if (data.Object("delta") is { } end)
                {
                    Finish(end);
                }

                break;
            case "message_stop":
                IsComplete = true;
                sink.End();
                break;
            case "error":
                IsComplete = true;
                var error = data.Object("error");
                sink.Fail(error?.Text("type") ?? "api_error", error?.Text("message") ?? "The provider broke off.");
                break;
        }
    }

    public bool EndOfStream() => IsComplete;

    private void Begin(JsonElement message)
    {
        Used(message);
        sink.Begin(head.IdOr(message.Text("id")), head.ModelOr(message.Text("model")), used);
    }

    private void Used(JsonElement owner)
    {
        if (owner.Object("usage") is { } usage)
        {
            used = UsageRules.Read(Protocol.AnthropicMessages, usage, used);
        }
    }

    private void Block(JsonElement block)
    {
        switch (block.Text("type"))
        {
            case "text":
                sink.Text(block.Text("text") ?? "");
                break;
            case "thinking":
                sink.Reasoning(block.Text("thinking") ?? "");
                Signature(block);
                break;
            case "tool_use":
                sink.ToolCall(block.Text("id") ?? "", block.Text("name") ?? "");
                sink.ToolArguments(block.Member("input")?.GetRawText() ?? "{}");
                break;
        }
    }

    private void BlockStart(JsonElement block)
    {
        switch (block.Text("type"))
        {
            case "tool_use":
                sink.ToolCall(block.Text("id") ?? "", block.Text("name") ?? "");
                (isInTool, hasArguments) = (true, false);
                break;
            case "text" when block.Text("text") is { Length: > 0 } text:
                sink.Text(text);
                break;
            case "thinking" when block.Text("thinking") is { Length: > 0 } thought:
                sink.Reasoning(thought);
                break;
        }
    }

    private void Delta(JsonElement delta)
    {
        switch (delta.Text("type"))
        {
            case "text_delta":
                sink.Text(delta.Text("text") ?? "");
                break;
            case "thinking_delta":
                sink.Reasoning(delta.Text("thinking") ?? "");
                break;
            case "signature_delta":
                Signature(delta);
                break;
            case "input_json_delta" when isInTool && delta.Text("partial_json") is { Length: > 0 } json:
                hasArguments = true;
                sink.ToolArguments(json);
                break;
        }
    }

    // A tool without arguments streams none; elsewhere empty arguments are an empty object.
    private void BlockStop()
    {
        if (isInTool && !hasArguments)
        {
            sink.ToolArguments("{}");
        }

        isInTool = false;
    }

    private void Signature(JsonElement owner)
    {
        if (owner.Text("signature") is { Length: > 0 } signature)
        {
            sink.Signature(signature);
        }
    }

    private void Finish(JsonElement owner)
    {
        if (owner.Text("stop_reason") is not { } reason)
        {
            return;
        }

        sink.Finish(
            reason switch
            {
                "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
                "tool_use" => FinishReason.ToolCalls,
                "stop_sequence" => FinishReason.StopSequence,
                "refusal" => FinishReason.Filtered,
                _ => FinishReason.Done,
            },
            owner.Text("stop_sequence"));
    }
}
