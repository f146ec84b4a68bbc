using System.Buffers;
using System.Text;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>
/// The texts of a request: what people and tools said, in any protocol, and all else that is not known by its place to be
/// none. None are the words and ids of a protocol where they stand, and media in base 64.
/// </summary>
public static class GuardedText
{
    /// <summary>Whether a text is one that somebody wants to know of.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="isOne">Says so of a text.</param>
    /// <exception cref="RefusedRequestException">It has text that cannot be read.</exception>
    public static bool Any(ReadOnlySpan<byte> body, Func<string, bool> isOne)
    {
        var texts = new RequestTexts(body);
        while (texts.Next())
        {
            if (isOne(texts.Text))
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
        var texts = new RequestTexts(body);
        var (from, changed) = (0, 0);
        while (texts.Next())
        {
            var text = texts.Text;
            var other = change(text);
            if (ReferenceEquals(text, other) || text == other)
            {
                continue;
            }

            output ??= new ArrayBufferWriter<byte>(body.Length + 64);
            output.Write(body[from..texts.Start]);
            Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(texts.Written(other), SseWriter.JsonOptions.Encoder)}\"", output);
            (from, changed) = (texts.End, changed + 1);
        }

        if (output is null)
        {
            return null;
        }

        output.Write(body[from..]);
        return (output.WrittenMemory, changed);
    }
}
