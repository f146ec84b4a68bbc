using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>
/// What the gateway must know of a request, found in one pass over its bytes; everything else stays unread and goes through
/// as it is. Remembers where the few members stand that the gateway may change.
/// </summary>
public sealed class RequestHead
{
    private (int Start, int Length) modelAt;
    private (int Start, int Length) boundAt;
    private (int Start, int Length) optionsAt;
    private int end;
    private long mediaBytes;

    private RequestHead()
    {
    }

    /// <summary>The model as the client names it.</summary>
    public string Model { get; private set; } = "";

    /// <summary>Whether the answer is wanted as it comes.</summary>
    public bool IsStream { get; private set; }

    /// <summary>The bound of one answer's output; null where the client names none.</summary>
    public long? OutputTokensMax { get; private set; }

    /// <summary>Whether the client wants the usage told in the stream.</summary>
    public bool WantsUsage { get; private set; }

    /// <summary>How many answers are wanted.</summary>
    public long Answers { get; private set; } = 1;

    /// <summary>How many pictures are in it.</summary>
    public int Images { get; private set; }

    /// <summary>Whether it names things that are kept elsewhere, whose size cannot be seen.</summary>
    public bool HasReferences { get; private set; }

    /// <summary>The end user the client names; null where it names none.</summary>
    public string? User { get; private set; }

    /// <summary>Its bytes without those of pictures.</summary>
    public long TextBytes => end + 1 - mediaBytes;

    /// <summary>Reads one.</summary>
    /// <exception cref="RefusedRequestException">It is not a JSON object that names a model.</exception>
    public static RequestHead Read(ReadOnlySpan<byte> body)
    {
        var head = new RequestHead();
        try
        {
            head.Scan(body);
        }
        catch (JsonException exception)
        {
            throw JsonMembers.Wrong(
                $"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}.");
        }
        catch (InvalidOperationException)
        {
            // What is only passed on may be anything; names that are read here must be text.
            throw JsonMembers.NotUnicode();
        }

        return head.Model.Length > 0 ? head : throw JsonMembers.Wrong("'model' is missing.");
    }

    /// <summary>Writes the request again with another model, another bound, and the usage asked for where it streams.</summary>
    /// <param name="body">The bytes it was read from.</param>
    /// <param name="model">The provider's name of the model.</param>
    /// <param name="bound">The bound of the output, with the member's name where the client named none; null leaves it.</param>
    /// <param name="asksUsage">Whether <c>stream_options.include_usage</c> is to be set.</param>
    /// <param name="output">Takes the bytes.</param>
    public void Patch(
        ReadOnlySpan<byte> body, string model, (string Name, long Tokens)? bound, bool asksUsage, IBufferWriter<byte> output)
    {
        var edits = new List<(int Start, int Length, string Text)>(3) { (modelAt.Start, modelAt.Length, Quoted(model)) };
        var added = new StringBuilder();
        if (bound is var (name, tokens))
        {
            var text = tokens.ToString(CultureInfo.InvariantCulture);
            if (boundAt.Length > 0)
            {
                edits.Add((boundAt.Start, boundAt.Length, text));
            }
            else
            {
                added.Append(CultureInfo.InvariantCulture, $",\"{name}\":{text}");
            }
        }

        if (asksUsage && !WantsUsage)
        {
            if (optionsAt.Length > 0)
            {
                edits.Add((optionsAt.Start, optionsAt.Length, WithUsage(body.Slice(optionsAt.Start, optionsAt.Length))));
            }
            else
            {
                added.Append(",\"stream_options\":{\"include_usage\":true}");
            }
        }

        edits.Add((end, 0, added.ToString()));
        var from = 0;
        foreach (var edit in edits.OrderBy(edit => edit.Start))
        {
            output.Write(body[from..edit.Start]);
            Encoding.UTF8.GetBytes(edit.Text, output);
            from = edit.Start + edit.Length;
        }

        output.Write(body[from..]);
    }

    private void Scan(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Limits.RequestDepthMax });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonMembers.Wrong("The body must be a JSON object.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            Member(ref reader);
        }

        end = checked((int)reader.TokenStartIndex);

        // Whatever follows the object is an error the reader finds.
        while (reader.Read())
        {
        }
    }

    private void Member(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            modelAt = Place(reader);
            Model = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw JsonMembers.Wrong("'model' must be a string.");
        }
        else if (reader.ValueTextEquals("stream"u8))
        {
            reader.Read();
            IsStream = reader.TokenType == JsonTokenType.True;
        }
        else if (reader.ValueTextEquals("max_tokens"u8)
            || reader.ValueTextEquals("max_completion_tokens"u8)
            || reader.ValueTextEquals("max_output_tokens"u8))
        {
            reader.Read();
            Bound(reader);
        }
        else if (reader.ValueTextEquals("n"u8) || reader.ValueTextEquals("best_of"u8))
        {
            reader.Read();
            Answers = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var answers) && answers > Answers
                ? answers
                : Answers;
        }
        else if (reader.ValueTextEquals("stream_options"u8))
        {
            reader.Read();
            Options(ref reader);
        }
        else if (reader.ValueTextEquals("user"u8) || reader.ValueTextEquals("safety_identifier"u8))
        {
            reader.Read();
            User = reader.TokenType == JsonTokenType.String ? reader.GetString() : User;
            reader.Skip();
        }
        else
        {
            Content(ref reader);
        }
    }

    private void Bound(in Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var bound) || bound < 1)
        {
            throw JsonMembers.Wrong("The bound of the output must be a whole number above zero.");
        }

        // Both names at once: the vendor decides which holds, so the larger one counts.
        (OutputTokensMax, boundAt) = bound > (OutputTokensMax ?? 0) ? (bound, Place(reader)) : (OutputTokensMax, boundAt);
    }

    private void Options(ref Utf8JsonReader reader)
    {
        var start = checked((int)reader.TokenStartIndex);
        var depth = reader.CurrentDepth;
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        while (isObject && reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("include_usage"u8))
            {
                reader.Read();
                WantsUsage = reader.TokenType == JsonTokenType.True;
            }
        }

        optionsAt = (start, checked((int)reader.BytesConsumed) - start);
    }

    // Goes through a value for what it may cost: pictures are no text, and what is kept elsewhere has no size here.
    private void Content(ref Utf8JsonReader reader)
    {
        HasReferences |= IsReference(reader);
        var depth = reader.CurrentDepth;
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            Media(reader, isAddress: false);
            return;
        }

        var isAddress = false;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                HasReferences |= IsReference(reader);
                isAddress = reader.ValueTextEquals("url"u8) || reader.ValueTextEquals("image_url"u8);
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                Media(reader, isAddress);
            }
        }
    }

    private static bool IsReference(in Utf8JsonReader reader) =>
        reader.ValueTextEquals("file_id"u8)
        || reader.ValueTextEquals("file_url"u8)
        || reader.ValueTextEquals("previous_response_id"u8)
        || reader.ValueTextEquals("conversation"u8)
        || reader.ValueTextEquals("item_reference"u8);

    private void Media(in Utf8JsonReader reader, bool isAddress)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return;
        }

        var value = reader.ValueSpan;
        if (IsPicture(value))
        {
            Images++;
            mediaBytes += value.Length;
        }
        else if (isAddress && value.StartsWith("http"u8))
        {
            Images++;
        }
    }

    // The first bytes of PNG, JPEG, GIF and WebP in base 64; vendors take no other pictures.
    private static bool IsPicture(ReadOnlySpan<byte> value) =>
        value.StartsWith("data:image/"u8)
        || (value.Length > Limits.PictureBytesLeast
            && (value.StartsWith("iVBORw0KGgo"u8)
                || value.StartsWith("/9j/"u8)
                || value.StartsWith("R0lGOD"u8)
                || value.StartsWith("UklGR"u8)));

    private static (int Start, int Length) Place(in Utf8JsonReader reader)
    {
        var start = checked((int)reader.TokenStartIndex);
        return (start, checked((int)reader.BytesConsumed) - start);
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, SseWriter.JsonOptions.Encoder)}\"";

    private static string WithUsage(ReadOnlySpan<byte> options)
    {
        using var document = JsonDocument.Parse(options.ToArray());
        var output = new ArrayBufferWriter<byte>(options.Length + 32);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().Where(member => member.Name != "include_usage")
                : [])
            {
                member.WriteTo(writer);
            }

            writer.WriteBoolean("include_usage", true);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
