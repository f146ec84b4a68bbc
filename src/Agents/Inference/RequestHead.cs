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
public sealed partial class RequestHead
{
    private readonly Protocol protocol;
    private readonly List<(int Start, int Length)> boundsAt = new(1);
    private (int Start, int Length) modelAt;
    private (int Start, int Length) optionsAt;
    private HeadMembers seen;
    private int end;
    private long mediaBytes;
    private long texts = 1;
    private long answersEach = 1;

    private RequestHead(Protocol protocol) => this.protocol = protocol;

    /// <summary>The model as the client names it.</summary>
    public string Model { get; private set; } = "";

    /// <summary>Whether the answer is wanted as it comes.</summary>
    public bool IsStream { get; private set; }

    /// <summary>The bound of one answer's output; null where the client names none.</summary>
    public long? OutputTokensMax { get; private set; }

    /// <summary>Whether the client wants the usage told in the stream.</summary>
    public bool WantsUsage { get; private set; }

    /// <summary>How many answers are wanted: so many of each text.</summary>
    public long Answers => answersEach * (protocol == Protocol.OpenAiCompletions ? texts : 1);

    /// <summary>How many texts are sent that have nothing to do with each other: each has the whole room of a model.</summary>
    public long Texts => texts;

    /// <summary>How many pictures are in it.</summary>
    public int Images { get; private set; }

    /// <summary>Whether it names what is kept, fetched or made elsewhere, whose size cannot be seen.</summary>
    public bool HasReferences { get; private set; }

    /// <summary>The end user the client names; null where it names none.</summary>
    public string? User { get; private set; }

    /// <summary>
    /// A member by which a gateway in front of models lets others answer than the one it is asked for; null where there is none.
    /// </summary>
    public string? ChoosesOthers { get; private set; }

    /// <summary>Its bytes without those of pictures.</summary>
    public long TextBytes => end + 1 - mediaBytes;

    /// <summary>Reads one.</summary>
    /// <param name="body">The request.</param>
    /// <param name="protocol">What it is written in: which of its members bound and multiply what it uses.</param>
    /// <exception cref="RefusedRequestException">
    /// It is not a JSON object that names a model, or it could be read in two ways, of which only one is paid for.
    /// </exception>
    public static RequestHead Read(ReadOnlySpan<byte> body, Protocol protocol)
    {
        var head = new RequestHead(protocol);
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
            edits.AddRange(boundsAt.Select(place => (place.Start, place.Length, text)));
            if (boundsAt.Count == 0)
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
        var member = MemberOf(reader);
        switch (member)
        {
            case HeadMembers.Model:
                reader.Read();
                modelAt = Place(reader);
                Model = reader.TokenType == JsonTokenType.String
                    ? reader.GetString()!
                    : throw JsonMembers.Wrong("'model' must be a string.");
                break;
            case HeadMembers.Stream:
                reader.Read();
                IsStream = reader.TokenType == JsonTokenType.True;
                break;
            case HeadMembers.MaxTokens or HeadMembers.MaxCompletionTokens or HeadMembers.MaxOutputTokens:
                reader.Read();
                Bound(reader);
                break;
            case HeadMembers.Answers or HeadMembers.BestOf:
                reader.Read();
                answersEach = Math.Max(answersEach, AnswersOf(reader));
                break;
            case HeadMembers.StreamOptions:
                reader.Read();
                Options(ref reader);
                break;
            case HeadMembers.User or HeadMembers.SafetyIdentifier:
                reader.Read();
                User = reader.TokenType == JsonTokenType.String ? reader.GetString() : User;
                reader.Skip();
                break;
            default:
                ChoosesOthers ??= ChoosingOther(reader);
                RefuseUnpaid(member, reader);
                texts = member is HeadMembers.Prompt or HeadMembers.Input ? TextsIn(reader) : texts;
                HasReferences |= member is HeadMembers.WebSearchOptions or HeadMembers.McpServers
                    || (member == HeadMembers.Tools && HasVendorTool(reader))
                    || (protocol == Protocol.OpenAiResponses && reader.ValueTextEquals("prompt"u8));
                Content(ref reader);
                break;
        }
    }

    // Each of several texts is answered for itself; one that is given as tokens is one.
    private static long TextsIn(Utf8JsonReader ahead)
    {
        var count = 0L;
        ahead.Read();
        if (ahead.TokenType == JsonTokenType.StartArray)
        {
            while (ahead.Read() && ahead.TokenType != JsonTokenType.EndArray)
            {
                count += ahead.TokenType == JsonTokenType.Number ? 0 : 1;
                ahead.Skip();
            }
        }

        return count <= Limits.TextsMax
            ? Math.Max(1, count)
            : throw JsonMembers.Wrong($"A request has at most {Limits.TextsMax} texts.");
    }

    private static long AnswersOf(in Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => 1,
        JsonTokenType.Number when reader.TryGetInt64(out var answers) && answers is >= 1 and <= Limits.AnswersMax => answers,
        _ => throw JsonMembers.Wrong($"'n' and 'best_of' must be whole numbers from 1 to {Limits.AnswersMax}."),
    };

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

        // Two names at once: the vendor decides which holds, so the larger one counts, and both are changed.
        OutputTokensMax = Math.Max(bound, OutputTokensMax ?? 0);
        boundsAt.Add(Place(reader));
    }

    private void Options(ref Utf8JsonReader reader)
    {
        var start = checked((int)reader.TokenStartIndex);
        var depth = reader.CurrentDepth;
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        var (isWanted, isUnwanted) = (false, false);
        while (isObject && reader.Read() && reader.CurrentDepth > depth)
        {
            var isUsage = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            isWanted |= isUsage && reader.TokenType == JsonTokenType.True;
            isUnwanted |= isUsage && reader.TokenType != JsonTokenType.True;
            reader.Skip();
        }

        // Said twice it is unclear, and is written anew.
        WantsUsage = isWanted && !isUnwanted;

        optionsAt = (start, checked((int)reader.BytesConsumed) - start);
    }

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
