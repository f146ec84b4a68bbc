using System.Text.Json;

namespace Quoin.Inference;

/// <summary>
/// How each protocol tells what was used. Vendors' numbers contain one another, each in its own way; the rules take them
/// apart into sorts that share no token. They agree with the <c>extractors</c> of pydantic's genai-prices (MIT), which
/// collects them from the vendors' documentation.
/// </summary>
public static class UsageRules
{
    /// <summary>Reads the <c>usage</c> object of an answer, Gemini's <c>usageMetadata</c>.</summary>
    /// <param name="protocol">The protocol the answer is in.</param>
    /// <param name="usage">The object.</param>
    /// <param name="known">What earlier parts of the same answer told; numbers that are not told again stay.</param>
    public static ModelUsage Read(Protocol protocol, JsonElement usage, ModelUsage known = default) => protocol switch
    {
        _ when usage.ValueKind != JsonValueKind.Object => known,
        Protocol.AnthropicMessages => Messages(usage, known),
        Protocol.OpenAiResponses => OpenAi(usage, "input_tokens", "output_tokens"),
        Protocol.GeminiGenerateContent => Gemini(usage),
        Protocol.BedrockConverse => Converse(usage),
        _ => OpenAi(usage, "prompt_tokens", "completion_tokens"),
    };

    /// <summary>Finds the <c>usage</c> object in a plain answer or a stream's event, and reads it; null where none is told.</summary>
    /// <param name="protocol">The protocol the answer is in.</param>
    /// <param name="json">The answer or the event's data.</param>
    /// <param name="known">What earlier parts of the same answer told.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static ModelUsage? Find(Protocol protocol, ReadOnlySpan<byte> json, ModelUsage known = default)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var isUsage = protocol == Protocol.GeminiGenerateContent
                ? reader.ValueTextEquals("usageMetadata"u8)
                : reader.ValueTextEquals("usage"u8);
            // Cohere's embeddings tell what is billed beside their own version.
            isUsage |= protocol == Protocol.OpenAiEmbeddings && reader.CurrentDepth == 1 && reader.ValueTextEquals("meta"u8);
            if (isUsage && reader.CurrentDepth <= 2)
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    using var usage = JsonDocument.ParseValue(ref reader);
                    return Read(protocol, usage.RootElement, known);
                }
            }
            else if (!(reader.CurrentDepth == 1 && (reader.ValueTextEquals("response"u8) || reader.ValueTextEquals("message"u8))))
            {
                reader.Skip();
            }
        }

        return null;
    }

    // Anthropic counts caches beside the input, and splits writes by how long they are kept.
    private static ModelUsage Messages(JsonElement usage, ModelUsage known)
    {
        var written = Number(usage, "cache_creation_input_tokens")
            ?? known.CachedWriteTokens + known.CachedWriteHourTokens;
        var hour = usage.TryGetProperty("cache_creation", out var split) && split.ValueKind == JsonValueKind.Object
            ? Number(split, "ephemeral_1h_input_tokens") ?? 0
            : known.CachedWriteHourTokens;
        hour = Math.Min(hour, written);
        return known with
        {
            InputTokens = Number(usage, "input_tokens") ?? known.InputTokens,
            CachedReadTokens = Number(usage, "cache_read_input_tokens") ?? known.CachedReadTokens,
            CachedWriteTokens = written - hour,
            CachedWriteHourTokens = hour,
            OutputTokens = Number(usage, "output_tokens") ?? known.OutputTokens,
            ReasoningTokens = Number(usage, "output_tokens_details", "thinking_tokens") ?? known.ReasoningTokens,
            Requests = 1,
        };
    }

    // OpenAI counts caches and audio within the input, audio and reasoning within the output.
    private static ModelUsage OpenAi(JsonElement usage, string inputName, string outputName)
    {
        if (Cohere(usage) is { } billed)
        {
            return billed;
        }

        var inputDetails = inputName + "_details";
        var outputDetails = outputName + "_details";
        var input = Number(usage, inputName) ?? 0;
        var reasoning = Number(usage, outputDetails, "reasoning_tokens") ?? 0;
        var output = Number(usage, outputName) ?? 0;

        // xAI counts them beside the output; only the total tells.
        output += Number(usage, "total_tokens") == input + output + reasoning ? reasoning : 0;

        // DeepSeek, Moonshot and xAI had names of their own before they followed OpenAI's.
        var cached = Number(usage, inputDetails, "cached_tokens")
            ?? Number(usage, "prompt_cache_hit_tokens")
            ?? Number(usage, "cached_tokens")
            ?? Number(usage, "cached_prompt_text_tokens")
            ?? 0;
        cached = Math.Min(cached, input);
        var written = Math.Min(Number(usage, inputDetails, "cache_write_tokens") ?? 0, input - cached);
        var heard = Math.Min(Number(usage, inputDetails, "audio_tokens") ?? 0, input - cached - written);
        var spoken = Math.Min(Number(usage, outputDetails, "audio_tokens") ?? 0, output);
        return new ModelUsage
        {
            InputTokens = input - cached - written - heard,
            CachedReadTokens = cached,
            CachedWriteTokens = written,
            AudioInputTokens = heard,
            OutputTokens = output - spoken,
            AudioOutputTokens = spoken,
            ReasoningTokens = reasoning,
            Requests = 1,
            ToldCost = CostOf(usage),
        };
    }

    // OpenRouter says what it asks, beside what those behind it ask of it.
    private static decimal? CostOf(JsonElement usage) =>
        usage.TryGetProperty("cost", out var cost)
        && cost.ValueKind == JsonValueKind.Number
        && cost.TryGetDecimal(out var units)
        && units is >= 0 and < Limits.ToldCostMax
            ? units
            : null;

    // Cohere says what is billed beside what was counted; only what was counted says what a cache held.
    private static ModelUsage? Cohere(JsonElement usage)
    {
        var cached = Number(usage, "cached_tokens") ?? 0;
        var isBilled = usage.TryGetProperty("billed_units", out var units) && units.ValueKind == JsonValueKind.Object;
        if (!isBilled && !(usage.TryGetProperty("tokens", out units) && units.ValueKind == JsonValueKind.Object))
        {
            return null;
        }

        var input = Number(units, "input_tokens") ?? 0;
        cached = isBilled ? 0 : Math.Min(cached, input);
        return new ModelUsage
        {
            InputTokens = input - cached,
            CachedReadTokens = cached,
            OutputTokens = Number(units, "output_tokens") ?? 0,
            Requests = 1,
        };
    }

    // Gemini counts caches and audio within the prompt, tools' prompts and thoughts beside it all.
    private static ModelUsage Gemini(JsonElement usage)
    {
        var input = (Number(usage, "promptTokenCount") ?? 0) + (Number(usage, "toolUsePromptTokenCount") ?? 0);
        var cached = Math.Min(Number(usage, "cachedContentTokenCount") ?? 0, input);
        var cachedHeard = Math.Min(Audio(usage, "cacheTokensDetails"), cached);
        var heard = Audio(usage, "promptTokensDetails") + Audio(usage, "toolUsePromptTokensDetails");
        heard = Math.Clamp(heard - cachedHeard, 0, input - cached);
        var thoughts = Number(usage, "thoughtsTokenCount") ?? 0;
        var said = Number(usage, "candidatesTokenCount") ?? 0;
        var spoken = Math.Min(Audio(usage, "candidatesTokensDetails"), said);
        return new ModelUsage
        {
            InputTokens = input - cached - heard,
            CachedReadTokens = cached - cachedHeard,
            AudioInputTokens = heard,
            AudioCachedReadTokens = cachedHeard,
            OutputTokens = said - spoken + thoughts,
            AudioOutputTokens = spoken,
            ReasoningTokens = thoughts,
            Requests = 1,
        };
    }

    // Converse counts caches beside the input, as the models' vendors do.
    private static ModelUsage Converse(JsonElement usage) => new()
    {
        InputTokens = Number(usage, "inputTokens") ?? 0,
        CachedReadTokens = Number(usage, "cacheReadInputTokens") ?? 0,
        CachedWriteTokens = Number(usage, "cacheWriteInputTokens") ?? 0,
        OutputTokens = Number(usage, "outputTokens") ?? 0,
        Requests = 1,
    };

    private static long Audio(JsonElement usage, string details) =>
        usage.TryGetProperty(details, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
                .Where(one => one.ValueKind == JsonValueKind.Object
                    && one.TryGetProperty("modality", out var modality)
                    && modality.ValueKind == JsonValueKind.String
                    && modality.ValueEquals("AUDIO"u8))
                .Sum(one => Number(one, "tokenCount") ?? 0)
            : 0;

    private static long? Number(JsonElement owner, string name, string inner) =>
        owner.TryGetProperty(name, out var details) ? Number(details, inner) : null;

    // Some send whole numbers as 12.0, and null for what they do not count.
    private static long? Number(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object
        && owner.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetDecimal(out var number)
        && number is >= 0 and <= 1_000_000_000_000m
            ? (long)number
            : null;
}
