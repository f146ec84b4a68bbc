using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Quoin.Cli;

/// <summary>Cuts a stream of events into requests: one event, arrays of events, or one event a line, of any length.</summary>
public static class EventBatches
{
    /// <summary>The bodies of batch requests, in order. An event's own text is passed on as it is.</summary>
    /// <exception cref="JsonException">Something in the input is no JSON; what came before it was given out.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Read(
        Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new ArrayBufferWriter<byte>();
        var count = 0;
        await foreach (var element in Elements(input, cancellationToken))
        {
            foreach (var single in element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : new[] { element })
            {
                var text = JsonSerializer.SerializeToUtf8Bytes(single);
                if (count == Limits.BatchDefault || (count > 0 && batch.WrittenCount + text.Length > Limits.BatchBytesMax))
                {
                    yield return Closed(batch);
                    (batch, count) = (new ArrayBufferWriter<byte>(), 0);
                }

                batch.Write(count == 0 ? "["u8 : ","u8);
                batch.Write(text);
                count++;
            }
        }

        if (count > 0)
        {
            yield return Closed(batch);
        }
    }

    private static IAsyncEnumerable<JsonElement> Elements(Stream input, CancellationToken cancellationToken) =>
        JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(
            input, topLevelValues: true, cancellationToken: cancellationToken);

    private static ReadOnlyMemory<byte> Closed(ArrayBufferWriter<byte> batch)
    {
        batch.Write("]"u8);
        return batch.WrittenMemory;
    }
}
