using System.Buffers;
using System.Buffers.Binary;

namespace Quoin.Platform;

/// <summary>
/// Rows in PostgreSQL's binary COPY format, written by hand so that bytes of a request go to the server without a
/// string in between. Format: PostgreSQL manual, COPY, "Binary Format".
/// </summary>
public sealed class BinaryCopyBuffer
{
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly long PostgresEpochTicks = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly ArrayBufferWriter<byte> buffer;

    /// <summary>An empty buffer, header written.</summary>
    /// <param name="capacityBytes">The expected size.</param>
    public BinaryCopyBuffer(int capacityBytes)
    {
        buffer = new ArrayBufferWriter<byte>(Math.Max(capacityBytes, Header.Length));
        buffer.Write(Header);
    }

    /// <summary>Bytes it can hold without growing.</summary>
    public int Capacity => buffer.Capacity;

    /// <summary>Begins anew, keeping the memory; what <see cref="Complete"/> gave is no longer good.</summary>
    public void Clear()
    {
        buffer.ResetWrittenCount();
        buffer.Write(Header);
    }

    /// <summary>Begins a row of so many fields.</summary>
    public void Row(short fields)
    {
        BinaryPrimitives.WriteInt16BigEndian(buffer.GetSpan(2), fields);
        buffer.Advance(2);
    }

    /// <summary>A null of any type.</summary>
    public void Null() => Length(-1);

    /// <summary>A <c>uuid</c>.</summary>
    public void Uuid(Guid value)
    {
        var span = Field(16);
        value.TryWriteBytes(span, bigEndian: true, out _);
    }

    /// <summary>An <c>integer</c>.</summary>
    public void Integer(int value) => BinaryPrimitives.WriteInt32BigEndian(Field(4), value);

    /// <summary>A <c>timestamptz</c>: microseconds since 2000; finer ticks are cut.</summary>
    public void Instant(DateTimeOffset value) =>
        BinaryPrimitives.WriteInt64BigEndian(Field(8), (value.UtcTicks - PostgresEpochTicks) / TimeSpan.TicksPerMicrosecond);

    /// <summary>A <c>text</c>, already UTF-8.</summary>
    public void Text(ReadOnlySpan<byte> utf8) => utf8.CopyTo(Field(utf8.Length));

    /// <summary>A <c>jsonb</c>, from JSON text: the server parses and checks it.</summary>
    public void Jsonb(ReadOnlySpan<byte> json)
    {
        const byte jsonbVersion = 1;
        var span = Field(json.Length + 1);
        span[0] = jsonbVersion;
        json.CopyTo(span[1..]);
    }

    /// <summary>Ends the rows and gives all bytes; nothing may be written after.</summary>
    public ReadOnlyMemory<byte> Complete()
    {
        BinaryPrimitives.WriteInt16BigEndian(buffer.GetSpan(2), -1);
        buffer.Advance(2);
        return buffer.WrittenMemory;
    }

    private void Length(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    private Span<byte> Field(int length)
    {
        Length(length);
        var span = buffer.GetSpan(length)[..length];
        buffer.Advance(length);
        return span;
    }
}
