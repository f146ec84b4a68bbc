using System.Buffers;
using System.Text;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>The texts of a request: what people and tools said, in any protocol. Names, ids, addresses and media are none.</summary>
public static class GuardedText
{
    private static readonly byte[][] NoText =
    [
        [.. "model"u8], [.. "id"u8], [.. "type"u8], [.. "role"u8], [.. "tool_call_id"u8], [.. "call_id"u8],
        [.. "tool_use_id"u8], [.. "url"u8], [.. "image_url"u8], [.. "media_type"u8], [.. "data"u8], [.. "file_id"u8],
        [.. "file_data"u8], [.. "encrypted_content"u8], [.. "signature"u8], [.. "previous_response_id"u8],
    ];

    /// <summary>Whether a text is one that somebody wants to know of.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="isOne">Says so of a text.</param>
    /// <exception cref="RefusedRequestException">It has text that cannot be read.</exception>
    public static bool Any(ReadOnlySpan<byte> body, Func<string, bool> isOne)
    {
        var reader = ReaderOf(body);
        while (NextText(ref reader, out _))
        {
            if (isOne(reader.GetString()!))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Changes texts and leaves every other byte as it is.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="change">Gives what a text becomes; the same object leaves it.</param>
    /// <returns>The changed bytes and how many texts changed; null where none did.</returns>
    /// <exception cref="RefusedRequestException">It has text that cannot be read.</exception>
    public static (ReadOnlyMemory<byte> Body, int Changed)? Change(ReadOnlySpan<byte> body, Func<string, string> change)
    {
        ArrayBufferWriter<byte>? output = null;
        var reader = ReaderOf(body);
        var (from, changed) = (0, 0);
        while (NextText(ref reader, out var start))
        {
            var text = reader.GetString()!;
            var other = change(text);
            if (ReferenceEquals(text, other) || text == other)
            {
                continue;
            }

            output ??= new ArrayBufferWriter<byte>(body.Length + 64);
            output.Write(body[from..start]);
            Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(other, SseWriter.JsonOptions.Encoder)}\"", output);
            (from, changed) = (checked((int)reader.BytesConsumed), changed + 1);
        }

        if (output is null)
        {
            return null;
        }

        output.Write(body[from..]);
        return (output.WrittenMemory, changed);
    }

    private static Utf8JsonReader ReaderOf(ReadOnlySpan<byte> body) => JsonUnicode.IsWhole(body)
        ? new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Limits.RequestDepthMax })
        : throw JsonMembers.NotUnicode();

    private static bool NextText(ref Utf8JsonReader reader, out int start)
    {
        var isText = true;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                isText = IsText(reader);
            }
            else if (reader.TokenType == JsonTokenType.String && isText && !reader.ValueSpan.StartsWith("data:"u8))
            {
                start = checked((int)reader.TokenStartIndex);
                return true;
            }
            else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.EndObject)
            {
                isText = true;
            }
        }

        start = 0;
        return false;
    }

    private static bool IsText(in Utf8JsonReader reader)
    {
        foreach (var name in NoText)
        {
            if (reader.ValueTextEquals(name))
            {
                return false;
            }
        }

        return true;
    }
}
