using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>
/// Makes of a request of Anthropic's messages what Bedrock's InvokeModel takes. The address names the model and whether it
/// streams; which beta features are wanted stands in the body; and what only Anthropic itself knows is left out, as Bedrock
/// refuses a whole call for one flag or member that is strange to it.
/// </summary>
public static class ClaudeInvocation
{
    private const string Version = "bedrock-2023-05-31";
    private const string ToolSearch = "tool-search-tool-2025-10-19";

    // "Amazon Bedrock User Guide", Anthropic Claude Messages API: "Request and Response" (anthropic_beta), "Tool use",
    // "Compaction". Which of them a model takes differs; that Bedrock itself says.
    private static readonly FrozenSet<string> KnownBetas = new[]
    {
        "compact-2026-01-12", "computer-use-2024-10-22", "computer-use-2025-01-24", "computer-use-2025-11-24",
        "context-1m-2025-08-07", "context-management-2025-06-27", "dev-full-thinking-2025-05-14", "effort-2025-11-24",
        "fine-grained-tool-streaming-2025-05-14", "interleaved-thinking-2025-05-14", "output-128k-2025-02-19",
        "token-efficient-tools-2025-02-19", "tool-examples-2025-10-29", ToolSearch,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Makes the body of an invocation.</summary>
    /// <param name="message">The request of Anthropic's messages.</param>
    /// <param name="betas">Values of the client's header <c>anthropic-beta</c>; a member of the body goes before them.</param>
    /// <param name="isCount">Whether its tokens are only counted: an invocation must bound its output, a count need not.</param>
    /// <exception cref="RefusedRequestException">The request is not a JSON object.</exception>
    public static ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> message, IEnumerable<string?> betas, bool isCount = false)
    {
        using var document = JsonMembers.Parse(message);
        var request = document.RootElement;
        List<string> known = [.. Betas(request, betas).Distinct(StringComparer.Ordinal).Where(KnownBetas.Contains)];
        var output = new ArrayBufferWriter<byte>(message.Length + 64);
        using var writer = new Utf8JsonWriter(output, SseWriter.JsonOptions);
        writer.WriteStartObject();
        writer.WriteString("anthropic_version", Version);
        foreach (var member in request.EnumerateObject())
        {
            Member(writer, member, known);
        }

        if (isCount && request.Member("max_tokens") is null)
        {
            writer.WriteNumber("max_tokens", 1);
        }

        if (known.Count > 0)
        {
            writer.WriteStartArray("anthropic_beta");
            foreach (var beta in known)
            {
                writer.WriteStringValue(beta);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static IEnumerable<string> Betas(JsonElement request, IEnumerable<string?> betas) => request.Member("anthropic_beta") switch
    {
        null => betas.SelectMany(Words),
        { ValueKind: JsonValueKind.Array } list =>
            list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!),
        { ValueKind: JsonValueKind.String } text => Words(text.GetString()),
        _ => [],
    };

    private static string[] Words(string? betas) => (betas ?? "").Split(',', StringSplitOptions.TrimEntries);

    private static void Member(Utf8JsonWriter writer, JsonProperty member, List<string> betas)
    {
        switch (member.Name)
        {
            case "model" or "stream" or "anthropic_version" or "anthropic_beta":
                break;
            case "tools" when member.Value.ValueKind == JsonValueKind.Array:
                writer.WriteStartArray(member.Name);
                foreach (var tool in member.Value.EnumerateArray())
                {
                    Tool(writer, tool, betas.Contains(ToolSearch));
                }

                writer.WriteEndArray();
                break;
            case "system" or "messages":
                writer.WritePropertyName(member.Name);
                Blocks(writer, member.Value);
                break;
            default:
                Marked(writer, member);
                break;
        }
    }

    private static void Tool(Utf8JsonWriter writer, JsonElement tool, bool canDefer)
    {
        if (tool.ValueKind != JsonValueKind.Object)
        {
            tool.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var member in tool.EnumerateObject())
        {
            if (member.Name is not "eager_input_streaming" && (canDefer || member.Name is not "defer_loading"))
            {
                Marked(writer, member);
            }
        }

        writer.WriteEndObject();
    }

    // Blocks stand in messages, results of tools and documents; what a tool takes and was given is the client's own.
    private static void Blocks(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var one in value.EnumerateArray())
                {
                    Blocks(writer, one);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    if (member.Name is "content" or "source")
                    {
                        writer.WritePropertyName(member.Name);
                        Blocks(writer, member.Value);
                    }
                    else
                    {
                        Marked(writer, member);
                    }
                }

                writer.WriteEndObject();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    // Who shares what is cached is Anthropic's own question.
    private static void Marked(Utf8JsonWriter writer, JsonProperty member)
    {
        if (member.Name is not "cache_control" || member.Value.ValueKind != JsonValueKind.Object)
        {
            member.WriteTo(writer);
            return;
        }

        writer.WriteStartObject(member.Name);
        foreach (var one in member.Value.EnumerateObject().Where(one => one.Name is not "scope"))
        {
            one.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
