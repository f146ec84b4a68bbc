using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Writes a streamed answer of OpenAI's chat completions: chunks with the role first, then pieces, then the reason it
/// ended, then usage where the client asked for it (<c>stream_options.include_usage</c>), then <c>[DONE]</c>.
/// </summary>
internal sealed class ChatStreamSink(IBufferWriter<byte> output, DateTimeOffset createdAt, bool includesUsage)
    : IAnswerSink, IDisposable
{
    private readonly SseWriter events = new(output);
    private string id = "";
    private string model = "";
    private int call = -1;
    private ModelUsage used;
    private FinishReason reason;

    public void Begin(string id, string model, ModelUsage usage)
    {
        (this.id, this.model, used) = (id, model, usage);
        var json = Delta();
        json.WriteString("role", "assistant");
        json.WriteString("content", "");
        EndDelta(json);
    }

    public void Text(string text) => Member("content", text);

    public void Reasoning(string text) => Member("reasoning_content", text);

    public void Signature(string signature)
    {
        // OpenAI's answers have no place for it.
    }

    public void ToolCall(string id, string name)
    {
        call++;
        var json = Delta();
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", call);
        json.WriteString("id", id);
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", name);
        json.WriteString("arguments", "");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        EndDelta(json);
    }

    public void ToolArguments(string json)
    {
        var delta = Delta();
        delta.WriteStartArray("tool_calls");
        delta.WriteStartObject();
        delta.WriteNumber("index", call);
        delta.WriteStartObject("function");
        delta.WriteString("arguments", json);
        delta.WriteEndObject();
        delta.WriteEndObject();
        delta.WriteEndArray();
        EndDelta(delta);
    }

    public void Usage(ModelUsage usage) => used = usage;

    public void Finish(FinishReason reason, string? stopSequence = null) => this.reason = reason;

    public void End()
    {
        EndDelta(Delta(), ChatFormat.Word(reason));
        if (includesUsage)
        {
            var json = Chunk();
            json.WriteStartArray("choices");
            json.WriteEndArray();
            ChatFormat.Usage(json, used);
            json.WriteEndObject();
            events.End();
        }

        events.Done();
    }

    public void Fail(string type, string message)
    {
        var json = events.Begin();
        ErrorShape.OpenAi(json, type, type, message);
        events.End();
    }

    public void Dispose() => events.Dispose();

    private void Member(string name, string text)
    {
        var json = Delta();
        json.WriteString(name, text);
        EndDelta(json);
    }

    private Utf8JsonWriter Chunk()
    {
        var json = events.Begin();
        json.WriteStartObject();
        ChatFormat.Head(json, "chat.completion.chunk", id, model, createdAt);
        return json;
    }

    private Utf8JsonWriter Delta()
    {
        var json = Chunk();
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        return json;
    }

    private void EndDelta(Utf8JsonWriter json, string? finishReason = null)
    {
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includesUsage)
        {
            json.WriteNull("usage");
        }

        json.WriteEndObject();
        events.End();
    }
}
