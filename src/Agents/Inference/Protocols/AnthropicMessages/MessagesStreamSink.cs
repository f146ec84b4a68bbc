using System.Buffers;

namespace Quoin.Inference.Internal;

/// <summary>
/// Writes a streamed answer of Anthropic's messages in the order its clients demand: <c>message_start</c>; each block from
/// <c>content_block_start</c> to <c>content_block_stop</c> before the next begins; <c>message_delta</c> with the reason and
/// the cumulative usage; <c>message_stop</c>.
/// </summary>
internal sealed class MessagesStreamSink(IBufferWriter<byte> output) : IAnswerSink, IDisposable
{
    private readonly SseWriter events = new(output);
    private int block = -1;
    private PieceKind? open;
    private ModelUsage used;
    private FinishReason reason;
    private string? stopSequence;

    public void Begin(string id, string model, ModelUsage usage)
    {
        used = usage;
        var json = events.Begin("message_start");
        json.WriteStartObject();
        json.WriteString("type", "message_start");
        json.WriteStartObject("message");
        MessagesFormat.Head(json, id, model);
        json.WriteStartArray("content");
        json.WriteEndArray();
        json.WriteNull("stop_reason");
        json.WriteNull("stop_sequence");
        MessagesFormat.Usage(json, usage, isWhole: true);
        json.WriteEndObject();
        json.WriteEndObject();
        events.End();
    }

    public void Text(string text) => Piece(PieceKind.Text, "text_delta", "text", text);

    public void Reasoning(string text) => Piece(PieceKind.Reasoning, "thinking_delta", "thinking", text);

    public void Signature(string signature) => Piece(PieceKind.Reasoning, "signature_delta", "signature", signature);

    public void ToolCall(string id, string name)
    {
        Open(PieceKind.ToolCall, id, name);
    }

    public void ToolArguments(string json) => Delta("input_json_delta", "partial_json", json);

    public void Usage(ModelUsage usage) => used = usage;

    public void Finish(FinishReason reason, string? stopSequence = null) =>
        (this.reason, this.stopSequence) = (reason, stopSequence);

    public void End()
    {
        Close();
        var json = events.Begin("message_delta");
        json.WriteStartObject();
        json.WriteString("type", "message_delta");
        json.WriteStartObject("delta");
        json.WriteString("stop_reason", MessagesFormat.Word(reason));
        json.WriteString("stop_sequence", stopSequence);
        json.WriteEndObject();
        MessagesFormat.Usage(json, used, isWhole: false);
        json.WriteEndObject();
        events.End();
        json = events.Begin("message_stop");
        json.WriteStartObject();
        json.WriteString("type", "message_stop");
        json.WriteEndObject();
        events.End();
    }

    public void Fail(string type, string message)
    {
        var json = events.Begin("error");
        ErrorShape.Anthropic(json, type, message);
        events.End();
    }

    public void Dispose() => events.Dispose();

    private void Piece(PieceKind kind, string type, string member, string text)
    {
        if (open != kind)
        {
            Open(kind);
        }

        Delta(type, member, text);
    }

    private void Open(PieceKind kind, string? id = null, string? name = null)
    {
        Close();
        (open, block) = (kind, block + 1);
        var json = events.Begin("content_block_start");
        json.WriteStartObject();
        json.WriteString("type", "content_block_start");
        json.WriteNumber("index", block);
        json.WriteStartObject("content_block");
        switch (kind)
        {
            case PieceKind.Text:
                json.WriteString("type", "text");
                json.WriteString("text", "");
                break;
            case PieceKind.Reasoning:
                json.WriteString("type", "thinking");
                json.WriteString("thinking", "");
                json.WriteString("signature", "");
                break;
            default:
                json.WriteString("type", "tool_use");
                json.WriteString("id", id);
                json.WriteString("name", name);
                json.WriteStartObject("input");
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
        events.End();
    }

    private void Delta(string type, string member, string text)
    {
        var json = events.Begin("content_block_delta");
        json.WriteStartObject();
        json.WriteString("type", "content_block_delta");
        json.WriteNumber("index", block);
        json.WriteStartObject("delta");
        json.WriteString("type", type);
        json.WriteString(member, text);
        json.WriteEndObject();
        json.WriteEndObject();
        events.End();
    }

    private void Close()
    {
        if (open is null)
        {
            return;
        }

        open = null;
        var json = events.Begin("content_block_stop");
        json.WriteStartObject();
        json.WriteString("type", "content_block_stop");
        json.WriteNumber("index", block);
        json.WriteEndObject();
        events.End();
    }
}
