using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Writes a plain answer of OpenAI's chat completions (<c>ChatCompletion</c>).</summary>
internal sealed class ChatSink(IBufferWriter<byte> output, DateTimeOffset createdAt) : IAnswerSink
{
    private readonly GatheredAnswer answer = new();

    public void Begin(string id, string model, ModelUsage usage) => answer.Begin(id, model, usage);

    public void Text(string text) => answer.Open(PieceKind.Text, out _).Value.Append(text);

    public void Reasoning(string text) => answer.Open(PieceKind.Reasoning, out _).Value.Append(text);

    public void Signature(string signature)
    {
        // OpenAI's answers have no place for it.
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
        json.WriteStartObject();
        ChatFormat.Head(json, "chat.completion", answer.Id, answer.Model, createdAt);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        Said(json);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", ChatFormat.Word(answer.Reason));
        json.WriteEndObject();
        json.WriteEndArray();
        ChatFormat.Usage(json, answer.Usage);
        json.WriteEndObject();
    }

    private void Said(Utf8JsonWriter json)
    {
        var calls = answer.Pieces.Where(piece => piece.Kind == PieceKind.ToolCall).ToList();
        var text = answer.TextOf(PieceKind.Text);
        if (text.Length > 0 || calls.Count == 0)
        {
            json.WriteString("content", text);
        }
        else
        {
            json.WriteNull("content");
        }

        json.WriteNull("refusal");
        if (answer.TextOf(PieceKind.Reasoning) is { Length: > 0 } reasoning)
        {
            json.WriteString("reasoning_content", reasoning);
        }

        if (calls.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Value.ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
