using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Writes a plain answer of Anthropic's messages (<c>Message</c>).</summary>
internal sealed class MessagesSink(IBufferWriter<byte> output) : IAnswerSink
{
    private readonly GatheredAnswer answer = new();

    public void Begin(string id, string model, ModelUsage usage) => answer.Begin(id, model, usage);

    public void Text(string text) => answer.Open(PieceKind.Text, out _).Value.Append(text);

    public void Reasoning(string text) => answer.Open(PieceKind.Reasoning, out _).Value.Append(text);

    public void Signature(string signature) => answer.Last!.Signature = signature;

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
        json.WriteStartObject();
        MessagesFormat.Head(json, answer.Id, answer.Model);
        json.WriteStartArray("content");
        foreach (var piece in answer.Pieces)
        {
            Block(json, piece);
        }

        json.WriteEndArray();
        json.WriteString("stop_reason", MessagesFormat.Word(answer.Reason));
        json.WriteString("stop_sequence", answer.StopSequence);
        MessagesFormat.Usage(json, answer.Usage, isWhole: true);
        json.WriteEndObject();
    }

    private static void Block(Utf8JsonWriter json, Piece piece)
    {
        json.WriteStartObject();
        switch (piece.Kind)
        {
            case PieceKind.Text:
                json.WriteString("type", "text");
                json.WriteString("text", piece.Value.ToString());
                json.WriteNull("citations");
                break;
            case PieceKind.Reasoning:
                json.WriteString("type", "thinking");
                json.WriteString("thinking", piece.Value.ToString());
                json.WriteString("signature", piece.Signature ?? "");
                break;
            default:
                json.WriteString("type", "tool_use");
                json.WriteString("id", piece.Id);
                json.WriteString("name", piece.Name);
                json.WritePropertyName("input");
                ToolInput.Write(json, piece.Value.ToString());
                break;
        }

        json.WriteEndObject();
    }
}
