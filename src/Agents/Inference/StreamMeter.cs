using System.Runtime.CompilerServices;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>
/// Watches a provider's stream go by: reads the usage it tells, counts the text it delivers for the case that it tells none,
/// and notices its end. Allocates nothing for the events that only carry text.
/// </summary>
/// <param name="protocol">The provider's protocol.</param>
/// <param name="keepsText">Whether the beginning of the text is kept, so that its tokens can be counted.</param>
public sealed class StreamMeter(Protocol protocol, bool keepsText = false) : IDisposable
{
    private readonly TextSample? sample = keepsText ? new TextSample() : null;

    // Written by the one who delivers, read by the one who renews reservations: a reference changes in one go.
    private StrongBox<ModelUsage>? told;
    private bool isTotalTold;

    /// <summary>What the provider told; null as long as it told nothing.</summary>
    public ModelUsage? Told => told?.Value;

    /// <summary>Whether it told all: some say no more and close.</summary>
    public bool IsTotalTold => isTotalTold;

    /// <summary>Bytes of text, thoughts and arguments that came.</summary>
    public long DeliveredBytes { get; private set; }

    /// <summary>Whether the provider has said that this is all.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether the provider said, in the stream, that it failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Looks at an event.</summary>
    /// <returns>Whether the event is there only to tell usage, so that a client who did not ask for it need not see it.</returns>
    /// <exception cref="JsonException">Its data is not JSON.</exception>
    public bool Observe(in SseEvent one)
    {
        var data = one.Data.Span;
        if (data.Length == 0)
        {
            return false;
        }

        if (data.SequenceEqual("[DONE]"u8))
        {
            IsComplete = true;
            return false;
        }

        return protocol switch
        {
            Protocol.AnthropicMessages => Messages(data),
            Protocol.OpenAiResponses => Responses(data),
            Protocol.GeminiGenerateContent => Gemini(data),
            Protocol.BedrockConverse => Converse(one.Name.Span, data),
            _ => Chat(data),
        };
    }

    /// <summary>What was used: what was told, else an estimate of what went through.</summary>
    /// <param name="inputBytes">Bytes of text that were sent.</param>
    /// <param name="outputTokensMax">The bound of the output.</param>
    public ModelUsage Used(long inputBytes, long? outputTokensMax) => Told is { } all && isTotalTold
        ? all
        : Estimate.Of(Told, inputBytes, DeliveredBytes, outputTokensMax);

    /// <summary>
    /// Tokens of what came: counted where the text was kept, and by the bytes that those had for what came after. Not to be
    /// asked while somebody else observes.
    /// </summary>
    public long DeliveredTokens(TokenCounter counter) => sample is not { JsonBytes: > 0 } kept
        ? Estimate.Tokens(DeliveredBytes)
        : Math.Min(DeliveredBytes, ((counter.Count(kept.Text) * DeliveredBytes) + kept.JsonBytes - 1) / kept.JsonBytes);

    /// <summary>Gives back what was kept.</summary>
    public void Dispose() => sample?.Dispose();

    /// <summary>Bytes of text, thoughts and arguments in a plain answer of any protocol.</summary>
    public static long TextBytes(ReadOnlySpan<byte> answer) => TextBytes(answer, null);

    /// <summary>Tokens of the text, thoughts and arguments in a plain answer of any protocol.</summary>
    public static long TextTokens(ReadOnlySpan<byte> answer, TokenCounter counter)
    {
        using var kept = new TextSample();
        var bytes = TextBytes(answer, kept);
        return kept.JsonBytes == 0
            ? Estimate.Tokens(bytes)
            : Math.Min(bytes, ((counter.Count(kept.Text) * bytes) + kept.JsonBytes - 1) / kept.JsonBytes);
    }

    private static long TextBytes(ReadOnlySpan<byte> answer, TextSample? kept) =>
        BytesOf(answer, "content"u8, "arguments"u8, "reasoning_content"u8, kept)
        + BytesOf(answer, "text"u8, "thinking"u8, "refusal"u8, kept);

    private void Tell(ModelUsage? total)
    {
        Hear(total);
        isTotalTold = told is not null;
    }

    private void Hear(ModelUsage? usage) => told = usage is { } some ? new StrongBox<ModelUsage>(some) : told;

    private bool Messages(ReadOnlySpan<byte> data)
    {
        var type = TypeOf(data);
        if (type.SequenceEqual("content_block_delta"u8))
        {
            DeliveredBytes += BytesOf(data, "text"u8, "partial_json"u8, "thinking"u8, sample);
        }
        else if (type.SequenceEqual("message_start"u8) || type.SequenceEqual("message_delta"u8))
        {
            // The first tells the input, and output only as far as one token; the second tells all.
            Hear(UsageRules.Find(protocol, data, Told ?? default));
            isTotalTold = type.SequenceEqual("message_delta"u8);
        }
        else if (type.SequenceEqual("message_stop"u8))
        {
            IsComplete = true;
        }
        else
        {
            HasFailed |= type.SequenceEqual("error"u8);
        }

        return false;
    }

    private bool Responses(ReadOnlySpan<byte> data)
    {
        var type = TypeOf(data);
        if (type.EndsWith(".delta"u8))
        {
            DeliveredBytes += BytesOf(data, "delta"u8, default, default, sample);
        }
        else if (type.SequenceEqual("response.completed"u8) || type.SequenceEqual("response.incomplete"u8))
        {
            Tell(UsageRules.Find(protocol, data));
            IsComplete = true;
        }
        else if (type.SequenceEqual("response.failed"u8) || type.SequenceEqual("error"u8))
        {
            Tell(UsageRules.Find(protocol, data));
            HasFailed = true;
        }

        return false;
    }

    private bool Chat(ReadOnlySpan<byte> data)
    {
        DeliveredBytes += BytesOf(data, "content"u8, "arguments"u8, "reasoning_content"u8, sample)
            + BytesOf(data, "text"u8, "reasoning"u8, "refusal"u8, sample);
        HasFailed |= HasError(data);
        if (data.IndexOf("\"usage\""u8) < 0 || UsageRules.Find(protocol, data) is not { } total)
        {
            return false;
        }

        Tell(total);
        return HasNoChoices(data);
    }

    // Each chunk tells usage so far; the last one says why the model stopped.
    private bool Gemini(ReadOnlySpan<byte> data)
    {
        DeliveredBytes += BytesOf(data, "text"u8, default, default, sample) + ArgumentBytes(data);
        HasFailed |= HasError(data);
        Hear(UsageRules.Find(protocol, data));
        if (data.IndexOf("\"finishReason\""u8) >= 0 || data.IndexOf("\"blockReason\""u8) >= 0)
        {
            isTotalTold = told is not null;
            IsComplete = true;
        }

        return false;
    }

    private bool Converse(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (name.SequenceEqual("contentBlockDelta"u8))
        {
            DeliveredBytes += BytesOf(data, "text"u8, "input"u8, default, sample);
        }
        else if (name.SequenceEqual("metadata"u8))
        {
            Tell(UsageRules.Find(protocol, data));
            IsComplete = true;
        }
        else
        {
            HasFailed |= name.SequenceEqual("error"u8);
        }

        return false;
    }

    // Arguments are objects there, so all of their bytes count.
    private static long ArgumentBytes(ReadOnlySpan<byte> data)
    {
        if (data.IndexOf("\"functionCall\""u8) < 0)
        {
            return 0;
        }

        var bytes = 0L;
        var reader = new Utf8JsonReader(data);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("args"u8))
            {
                reader.Read();
                var start = reader.TokenStartIndex;
                reader.Skip();
                bytes += reader.BytesConsumed - start;
            }
        }

        return bytes;
    }

    // OpenRouter puts the error behind the chunk's other members.
    internal static bool HasError(ReadOnlySpan<byte> data)
    {
        if (data.IndexOf("\"error\""u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(data);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                var isError = reader.ValueTextEquals("error"u8);
                reader.Read();
                if (isError && reader.TokenType == JsonTokenType.StartObject)
                {
                    return true;
                }

                reader.Skip();
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
            {
                return reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
            }

            reader.Skip();
        }

        return default;
    }

    private static long BytesOf(
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> first,
        ReadOnlySpan<byte> second,
        ReadOnlySpan<byte> third,
        TextSample? kept)
    {
        var reader = new Utf8JsonReader(data);
        var bytes = 0L;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName
                && (reader.ValueTextEquals(first)
                    || (second.Length > 0 && reader.ValueTextEquals(second))
                    || (third.Length > 0 && reader.ValueTextEquals(third)))
                && reader.Read()
                && reader.TokenType == JsonTokenType.String)
            {
                bytes += reader.ValueSpan.Length;
                kept?.Add(ref reader);
            }
        }

        return bytes;
    }

    private static bool HasNoChoices(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("choices"u8))
            {
                return reader.Read() && reader.TokenType == JsonTokenType.StartArray
                    && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
            }
        }

        return true;
    }
}
