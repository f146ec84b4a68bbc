using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// What the demo provider answers to a request, made of nothing but the request: the same one is answered the same way for
/// ever. A token is a word, so that a person can count what a call used.
/// </summary>
internal sealed record DemoScript(
    string Id,
    string Model,
    IReadOnlyList<string> Thoughts,
    IReadOnlyList<string> Words,
    Content.ToolCall? Call,
    ModelUsage Usage,
    FinishReason Reason)
{
    public static DemoScript Of(string model, ModelRequest request, ReadOnlySpan<byte> body)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(body));
        var call = model == DemoModels.Tools && !HasResult(request) ? Called(request, hash) : null;
        IReadOnlyList<string> thoughts = model == DemoModels.Reason ? ["Let ", "me ", "think."] : [];
        var words = call is null ? WordsOf(Said(request)) : [];
        var bound = request.OutputTokensMax ?? int.MaxValue;
        var isCut = thoughts.Count + words.Count > bound;
        words = isCut ? [.. words.Take((int)Math.Max(0, bound - thoughts.Count))] : words;
        var input = request.AllText().Sum(text => (long)WordsOf(text).Count);
        var cached = model == DemoModels.Cached ? input / 2 : 0;
        var usage = new ModelUsage
        {
            InputTokens = input - cached,
            CachedReadTokens = cached,
            OutputTokens = thoughts.Count + words.Count + (call is null ? 0 : WordsOf(call.Arguments).Count),
            ReasoningTokens = thoughts.Count,
            Requests = 1,
        };
        var reason = isCut ? FinishReason.Length : call is null ? FinishReason.Done : FinishReason.ToolCalls;
        return new DemoScript($"demo-{hash[..24]}", model, thoughts, words, call, usage, reason);
    }

    /// <summary>The words of a text, each with the white space behind it.</summary>
    public static IReadOnlyList<string> WordsOf(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var at = 1; at <= text.Length; at++)
        {
            if (at == text.Length || (char.IsWhiteSpace(text[at - 1]) && !char.IsWhiteSpace(text[at])))
            {
                words.Add(text[start..at]);
                start = at;
            }
        }

        return words;
    }

    private static bool HasResult(ModelRequest request) => ResultsOf(request).Any();

    private static IEnumerable<Content.ToolResult> ResultsOf(ModelRequest request) =>
        request.Turns is [.., { Speaker: Speaker.User } last] ? last.Parts.OfType<Content.ToolResult>() : [];

    private static string Said(ModelRequest request)
    {
        if (request.Shape is { } shape)
        {
            return shape.Schema is { } schema ? Example(schema) : "{\"answer\":\"demo\"}";
        }

        var results = ResultsOf(request).SelectMany(result => result.Parts).OfType<Content.Text>().ToList();
        if (results.Count > 0)
        {
            return $"The tool said: {string.Join(' ', results.Select(text => text.Value))}";
        }

        var last = request.Turns.LastOrDefault(turn => turn.Speaker == Speaker.User);
        return string.Join(' ', (last?.Parts ?? []).OfType<Content.Text>().Select(text => text.Value));
    }

    private static Content.ToolCall? Called(ModelRequest request, string hash)
    {
        var tool = request.Tools.FirstOrDefault(one => request.NamedTool is null || one.Name == request.NamedTool);
        return tool is null || request.ToolUse == ToolUse.Never
            ? null
            : new Content.ToolCall(
                $"call_{hash[..24]}",
                tool.Name,
                tool.IsFreeform ? ChatRequest.Freeform("demo") : tool.Parameters is { } schema ? Example(schema) : "{}");
    }

    /// <summary>The simplest JSON that follows a schema.</summary>
    private static string Example(JsonElement schema)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            Write(json, schema, depth: 0);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, JsonElement schema, int depth)
    {
        if (schema.Items("enum").FirstOrDefault() is { ValueKind: not JsonValueKind.Undefined } first)
        {
            first.WriteTo(json);
            return;
        }

        switch (TypeOf(schema))
        {
            case "object" when depth < JsonDepthMax:
                json.WriteStartObject();
                foreach (var member in schema.Object("properties")?.EnumerateObject() ?? default)
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value, depth + 1);
                }

                json.WriteEndObject();
                break;
            case "array" when depth < JsonDepthMax:
                json.WriteStartArray();
                if (schema.Object("items") is { } items)
                {
                    Write(json, items, depth + 1);
                }

                json.WriteEndArray();
                break;
            case "integer" or "number":
                json.WriteNumberValue(1);
                break;
            case "boolean":
                json.WriteBooleanValue(true);
                break;
            case "null":
                json.WriteNullValue();
                break;
            default:
                json.WriteStringValue("demo");
                break;
        }
    }

    private const int JsonDepthMax = 16;

    private static string? TypeOf(JsonElement schema) => schema.Member("type") switch
    {
        { ValueKind: JsonValueKind.String } type => type.GetString(),
        { ValueKind: JsonValueKind.Array } types => types.EnumerateArray().FirstOrDefault().GetString(),
        _ => schema.Member("properties") is null ? null : "object",
    };
}
