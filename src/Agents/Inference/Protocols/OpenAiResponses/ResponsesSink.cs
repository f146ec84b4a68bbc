using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Writes a plain answer of OpenAI's responses (<c>Response</c>).</summary>
internal sealed class ResponsesSink(IBufferWriter<byte> output, ResponsesFormat format) : IAnswerSink
{
    private readonly GatheredAnswer answer = new();

    public void Begin(string id, string model, ModelUsage usage) => answer.Begin(id, model, usage);

    public void Text(string text) => answer.Open(PieceKind.Text, out _).Value.Append(text);

    public void Reasoning(string text) => answer.Open(PieceKind.Reasoning, out _).Value.Append(text);

    public void Signature(string signature)
    {
        // OpenAI's answers have no place for another vendor's proof; marks of our own come back with what they mark.
        if (ThoughtMark.IsOne(signature))
        {
            answer.Last!.Signature = signature;
        }
    }

    public void ToolCall(string id, string name) => answer.OpenCall(id, name);

    public void ToolArguments(string json) => answer.Last!.Value.Append(json);

    public void Usage(ModelUsage usage) => answer.Usage = usage;

    public void Finish(FinishReason reason, string? stopSequence = null) => answer.Finish(reason, stopSequence);

    public void Fail(string type, string message)
    {
        // A plain answer that broke off is not written at all.
    }

    public void End()
    {
        using var json = new Utf8JsonWriter(output, SseWriter.JsonOptions);
        var isCut = answer.Reason is FinishReason.Length or FinishReason.Filtered;
        format.Response(json, answer, isCut ? "incomplete" : "completed");
    }
}
