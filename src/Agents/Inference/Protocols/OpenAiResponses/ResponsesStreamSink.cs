using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Writes a streamed answer of OpenAI's responses in the order its clients demand: <c>response.created</c>,
/// <c>response.in_progress</c>; each item from <c>response.output_item.added</c> over its parts and deltas to
/// <c>response.output_item.done</c> before the next begins; <c>response.completed</c> with everything again and the usage.
/// Events are counted by <c>sequence_number</c>.
/// </summary>
internal sealed class ResponsesStreamSink(IBufferWriter<byte> output, ResponsesFormat format) : IAnswerSink, IDisposable
{
    private readonly GatheredAnswer answer = new();
    private readonly SseWriter events = new(output);
    private int sequence;
    private bool isOpen;

    private int Index => answer.Pieces.Count - 1;

    private string ItemId => ResponsesFormat.IdOf(answer, Index);

    public void Begin(string id, string model, ModelUsage usage)
    {
        answer.Begin(id, model, usage);
        Whole("response.created", "in_progress");
        Whole("response.in_progress", "in_progress");
    }

    public void Text(string text)
    {
        Continue(PieceKind.Text).Value.Append(text);
        Delta("response.output_text.delta", "content_index", text);
    }

    public void Reasoning(string text)
    {
        Continue(PieceKind.Reasoning).Value.Append(text);
        Delta("response.reasoning_summary_text.delta", "summary_index", text);
    }

    public void Signature(string signature)
    {
        // OpenAI's answers have no place for another vendor's proof; marks of our own come back with what they mark.
        if (ThoughtMark.IsOne(signature))
        {
            answer.Last!.Signature = signature;
        }
    }

    public void ToolCall(string id, string name)
    {
        Close();
        Open(answer.OpenCall(id, name));
    }

    public void ToolArguments(string json)
    {
        var call = answer.Last!;
        call.Value.Append(json);

        // Text that is wrapped in JSON can be shown only once all of it is there.
        if (!format.IsFreeform(call))
        {
            Delta("response.function_call_arguments.delta", null, json);
        }
    }

    public void Usage(ModelUsage usage) => answer.Usage = usage;

    public void Finish(FinishReason reason, string? stopSequence = null) => answer.Finish(reason, stopSequence);

    public void End()
    {
        Close();
        var isCut = answer.Reason is FinishReason.Length or FinishReason.Filtered;
        Whole(isCut ? "response.incomplete" : "response.completed", isCut ? "incomplete" : "completed");
    }

    public void Fail(string type, string message) => Whole("response.failed", "failed", (type, message));

    public void Dispose() => events.Dispose();

    private void Whole(string type, string status, (string Code, string Message)? error = null)
    {
        var json = Event(type);
        json.WritePropertyName("response");
        format.Response(json, answer, status, error);
        End(json);
    }

    private Piece Continue(PieceKind kind)
    {
        if (isOpen && answer.Last!.Kind != kind)
        {
            Close();
        }

        var piece = answer.Open(kind, out var isNew);
        if (isNew)
        {
            Open(piece);
        }

        return piece;
    }

    private void Open(Piece piece)
    {
        isOpen = true;
        Item("response.output_item.added", piece, "in_progress");
        if (piece.Kind == PieceKind.Text)
        {
            Part("response.content_part.added", "content_index", json => ResponsesFormat.TextPart(json, ""));
        }
        else if (piece.Kind == PieceKind.Reasoning)
        {
            Part("response.reasoning_summary_part.added", "summary_index", json => ResponsesFormat.SummaryPart(json, ""));
        }
    }

    private void Close()
    {
        if (!isOpen)
        {
            return;
        }

        isOpen = false;
        var piece = answer.Last!;
        var value = piece.Value.ToString();
        switch (piece.Kind)
        {
            case PieceKind.Text:
                Said("response.output_text.done", "content_index", "text", value);
                Part("response.content_part.done", "content_index", json => ResponsesFormat.TextPart(json, value));
                break;
            case PieceKind.Reasoning:
                Said("response.reasoning_summary_text.done", "summary_index", "text", value);
                Part("response.reasoning_summary_part.done", "summary_index", json => ResponsesFormat.SummaryPart(json, value));
                break;
            case PieceKind.ToolCall when format.IsFreeform(piece):
                var input = ResponsesFormat.InputOf(piece);
                Delta("response.custom_tool_call_input.delta", null, input);
                Said("response.custom_tool_call_input.done", null, "input", input);
                break;
            default:
                Said("response.function_call_arguments.done", null, "arguments", value);
                break;
        }

        Item("response.output_item.done", piece, "completed");
    }

    private void Item(string type, Piece piece, string status)
    {
        var json = Event(type);
        json.WriteNumber("output_index", Index);
        json.WritePropertyName("item");
        format.Item(json, piece, ItemId, status);
        End(json);
    }

    private void Part(string type, string index, Action<Utf8JsonWriter> part)
    {
        var json = InItem(type, index);
        json.WritePropertyName("part");
        part(json);
        End(json);
    }

    private void Delta(string type, string? index, string delta)
    {
        var json = InItem(type, index);
        json.WriteString("delta", delta);
        if (type == "response.output_text.delta")
        {
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }

        End(json);
    }

    private void Said(string type, string? index, string member, string value)
    {
        var json = InItem(type, index);
        json.WriteString(member, value);
        if (answer.Last is { Kind: PieceKind.ToolCall } call)
        {
            json.WriteString("name", format.NameOf(call).Name);
        }
        else if (type == "response.output_text.done")
        {
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }

        End(json);
    }

    private Utf8JsonWriter InItem(string type, string? index)
    {
        var json = Event(type);
        json.WriteString("item_id", ItemId);
        json.WriteNumber("output_index", Index);
        if (index is not null)
        {
            json.WriteNumber(index, 0);
        }

        return json;
    }

    private Utf8JsonWriter Event(string type)
    {
        var json = events.Begin(type);
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteNumber("sequence_number", sequence++);
        return json;
    }

    private void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        events.End();
    }
}
