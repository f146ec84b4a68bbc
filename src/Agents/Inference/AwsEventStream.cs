using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Quoin.Inference;

/// <summary>A message of an AWS event stream.</summary>
/// <param name="Headers">Its headers that are texts, as all that matter are.</param>
/// <param name="Payload">Its payload; good until the next message is read.</param>
public readonly record struct AwsMessage(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Payload)
{
    /// <summary>A header; null where it has none of the name.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>
/// Reads <c>application/vnd.amazon.eventstream</c>, wherever the network cut it: the length of a message and of its headers,
/// a checksum of both, headers, payload, and a checksum of all (Smithy, "Amazon Event Stream Specification"). What does not
/// add up is refused before it is believed.
/// </summary>
public sealed class AwsEventStream : IDisposable
{
    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;
    private const int FirstBytes = 16 * 1024;
    private const byte TypeOfText = 7;

    private static readonly uint[] Table = MadeTable();

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int start;
    private int filled;

    /// <summary>Whether bytes have come that are not yet a whole message.</summary>
    public bool HasRest => start < filled;

    /// <summary>Room for more bytes.</summary>
    public Memory<byte> Free()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            (start, filled) = (0, filled - start);
        }

        if (filled == buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, filled).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsMemory(filled);
    }

    /// <summary>Says how many bytes were put into what <see cref="Free"/> gave.</summary>
    public void Filled(int bytes) => filled += bytes;

    /// <summary>The next whole message; false when more bytes are needed.</summary>
    /// <exception cref="InvalidDataException">
    /// A checksum is wrong, lengths do not fit, or it is larger than <see cref="Limits.EventBytesMax"/>.
    /// </exception>
    public bool TryRead(out AwsMessage message)
    {
        message = default;
        var there = buffer.AsSpan(start, filled - start);
        if (there.Length < PreludeBytes)
        {
            return false;
        }

        // The prelude's own checksum first: a length that is wrong would have us wait for bytes that never come.
        var total = BinaryPrimitives.ReadUInt32BigEndian(there);
        var headers = BinaryPrimitives.ReadUInt32BigEndian(there[4..]);
        That(Crc32(there[..8]) == BinaryPrimitives.ReadUInt32BigEndian(there[8..]), "The prelude's checksum is wrong.");
        That(total <= Limits.EventBytesMax, "It is larger than allowed.");
        That(total >= PreludeBytes + headers + ChecksumBytes, "Its lengths do not fit.");
        if (there.Length < total)
        {
            return false;
        }

        var whole = there[..(int)total];
        That(
            Crc32(whole[..^ChecksumBytes]) == BinaryPrimitives.ReadUInt32BigEndian(whole[^ChecksumBytes..]),
            "The message's checksum is wrong.");
        var payloadAt = PreludeBytes + (int)headers;
        message = new AwsMessage(
            HeadersOf(whole[PreludeBytes..payloadAt]),
            buffer.AsMemory(start + payloadAt, whole.Length - payloadAt - ChecksumBytes));
        start += whole.Length;
        return true;
    }

    /// <summary>The checksum of ISO 3309, as zip files have it.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = Table[(crc ^ one) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    private static Dictionary<string, string> HeadersOf(ReadOnlySpan<byte> bytes)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (bytes.Length > 0)
        {
            var name = Encoding.UTF8.GetString(Taken(ref bytes, Taken(ref bytes, 1)[0]));
            var type = Taken(ref bytes, 1)[0];

            // True and false have no bytes; then numbers, texts and bytes with their length, an instant, a UUID.
            var length = type switch
            {
                0 or 1 => 0,
                2 => 1,
                3 => 2,
                4 => 4,
                5 or 8 => 8,
                6 or TypeOfText => BinaryPrimitives.ReadUInt16BigEndian(Taken(ref bytes, 2)),
                9 => 16,
                _ => throw Wrong("A header has a type that is none."),
            };
            var value = Taken(ref bytes, length);
            if (type == TypeOfText)
            {
                headers[name] = Encoding.UTF8.GetString(value);
            }
        }

        return headers;
    }

    private static ReadOnlySpan<byte> Taken(ref ReadOnlySpan<byte> bytes, int length)
    {
        That(bytes.Length >= length, "A header is cut off.");
        var taken = bytes[..length];
        bytes = bytes[length..];
        return taken;
    }

    private static void That(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Wrong(otherwise);
        }
    }

    private static InvalidDataException Wrong(string what) => new($"A message of the event stream is broken: {what}");

    private static uint[] MadeTable()
    {
        var table = new uint[256];
        for (var index = 0u; index < table.Length; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1);
            }

            table[index] = value;
        }

        return table;
    }
}
