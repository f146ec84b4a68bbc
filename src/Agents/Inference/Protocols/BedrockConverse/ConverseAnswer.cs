using System.Text;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Reads answers of Bedrock's Converse, plain and as the events of ConverseStream, whose names are their types: usage comes
/// last, behind the reason why the model stopped. They name neither the answer nor the model. Source: "Amazon Bedrock API
/// Reference", Converse, ConverseStreamOutput.
/// </summary>
internal sealed class ConverseAnswer(IAnswerSink sink, AnswerHead head, ModelUsage estimate) : IAnswerReader
{
    private bool isInTool;
    private bool hasArguments;
    private bool hasStopped;

    public bool IsComplete { get; private set; }

    public void ReadPlain(JsonElement answer)
    {
        sink.Begin(head.Id, head.Model, estimate);
        foreach (var block in answer.Object("output")?.Object("message")?.Items("content") ?? [])
        {
            Block(block);
        }

        Stop(answer);
        End(answer);
    }

    public void ReadEvent(in SseEvent one)
    {
        if (one.Data.Length == 0 || IsComplete)
        {
            return;
        }

        using var document = JsonDocument.Parse(one.Data);
        var data = document.RootElement;
        switch (Encoding.UTF8.GetString(one.Name.Span))
        {
            case "messageStart":
                sink.Begin(head.Id, head.Model, estimate);
                break;
            case "contentBlockStart" when data.Object("start")?.Object("toolUse") is { } tool:
                sink.ToolCall(tool.Text("toolUseId") ?? "", tool.Text("name") ?? "");
                (isInTool, hasArguments) = (true, false);
                break;
            case "contentBlockDelta" when data.Object("delta") is { } delta:
                Delta(delta);
                break;
            case "contentBlockStop":
                BlockStop();
                break;
            case "messageStop":
                Stop(data);
                break;
            case "metadata":
                End(data);
                break;
            case "error":
                IsComplete = true;
                sink.Fail("api_error", "The provider broke off.");
                break;
        }
    }

    public bool EndOfStream()
    {
        if (!IsComplete && hasStopped)
        {
            IsComplete = true;
            sink.End();
        }

        return IsComplete;
    }

    private void Block(JsonElement block)
    {
        if (block.Object("toolUse") is { } tool)
        {
            sink.ToolCall(tool.Text("toolUseId") ?? "", tool.Text("name") ?? "");
            sink.ToolArguments(tool.Member("input")?.GetRawText() ?? "{}");
        }
        else if (block.Object("reasoningContent")?.Object("reasoningText") is { } reasoning)
        {
            Reasoning(reasoning);
        }
        else if (block.Text("text") is { Length: > 0 } text)
        {
            sink.Text(text);
        }
    }

    private void Delta(JsonElement delta)
    {
        if (delta.Object("toolUse")?.Text("input") is { Length: > 0 } input)
        {
            hasArguments = true;
            sink.ToolArguments(input);
        }
        else if (delta.Object("reasoningContent") is { } reasoning)
        {
            Reasoning(reasoning);
        }
        else if (delta.Text("text") is { Length: > 0 } text)
        {
            sink.Text(text);
        }
    }

    private void Reasoning(JsonElement reasoning)
    {
        if (reasoning.Text("text") is { Length: > 0 } text)
        {
            sink.Reasoning(text);
        }

        if (reasoning.Text("signature") is { Length: > 0 } signature)
        {
            sink.Signature(signature);
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

    private void Stop(JsonElement owner)
    {
        hasStopped = true;
        sink.Finish(owner.Text("stopReason") switch
        {
            "tool_use" => FinishReason.ToolCalls,
            "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
            "stop_sequence" => FinishReason.StopSequence,
            "guardrail_intervened" or "content_filtered" => FinishReason.Filtered,
            _ => FinishReason.Done,
        });
    }

    private void End(JsonElement owner)
    {
        if (owner.Object("usage") is { } usage)
        {
            sink.Usage(UsageRules.Read(Protocol.BedrockConverse, usage));
        }

        IsComplete = true;
        sink.End();
    }
}
