using System.Buffers;
using System.Buffers.Binary;
using System.Text;

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

    /// <summary>A <c>uuid</c>, or null.</summary>
    public void Uuid(Guid? value)
    {
        if (value is { } known)
        {
            Uuid(known);
        }
        else
        {
            Null();
        }
    }

    /// <summary>A <c>uuid[]</c>.</summary>
    public void Uuids(IReadOnlyList<Guid> values)
    {
        // PostgreSQL source, array_send: dimensions, nulls, element type, then each dimension's length and lower bound.
        const int uuidType = 2950;
        const int headBytes = 12;
        const int dimensionBytes = 8;
        const int elementBytes = 20;
        var span = Field(headBytes + (values.Count == 0 ? 0 : dimensionBytes + (values.Count * elementBytes)));
        BinaryPrimitives.WriteInt32BigEndian(span, values.Count == 0 ? 0 : 1);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], 0);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], uuidType);
        if (values.Count == 0)
        {
            return;
        }

        BinaryPrimitives.WriteInt32BigEndian(span[12..], values.Count);
        BinaryPrimitives.WriteInt32BigEndian(span[16..], 1);
        span = span[(headBytes + dimensionBytes)..];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteInt32BigEndian(span, 16);
            value.TryWriteBytes(span[4..], bigEndian: true, out _);
            span = span[elementBytes..];
        }
    }

    /// <summary>A <c>boolean</c>.</summary>
    public void Boolean(bool value) => Field(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>A <c>smallint</c>.</summary>
    public void Short(short value) => BinaryPrimitives.WriteInt16BigEndian(Field(2), value);

    /// <summary>A <c>bigint</c>.</summary>
    public void Long(long value) => BinaryPrimitives.WriteInt64BigEndian(Field(8), value);

    /// <summary>A <c>numeric</c>, with as many digits after the point as the value shows.</summary>
    public void Numeric(decimal value)
    {
        // PostgreSQL source, numeric_send: groups of four digits, the weight of the first one, sign, digits shown.
        const int groupDigits = 4;
        const ushort negative = 0x4000;
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var scale = (bits[3] >> 16) & 0x7F;
        var whole = unchecked(((UInt128)(uint)bits[2] << 64) | ((UInt128)(uint)bits[1] << 32) | (uint)bits[0]);

        // The point must fall between groups; then the whole number's groups are the value's.
        var padding = (groupDigits - (scale % groupDigits)) % groupDigits;
        for (var zero = 0; zero < padding; zero++)
        {
            whole *= 10;
        }

        Span<short> groups = stackalloc short[10];
        var (count, below) = (0, (scale + padding) / groupDigits);
        for (; whole != 0; whole /= 10_000)
        {
            groups[count++] = (short)(whole % 10_000);
        }

        var span = Field(8 + (2 * count));
        BinaryPrimitives.WriteInt16BigEndian(span, (short)count);
        BinaryPrimitives.WriteInt16BigEndian(span[2..], (short)(count == 0 ? 0 : count - 1 - below));
        BinaryPrimitives.WriteUInt16BigEndian(span[4..], bits[3] < 0 && count > 0 ? negative : (ushort)0);
        BinaryPrimitives.WriteInt16BigEndian(span[6..], (short)scale);
        for (var index = 0; index < count; index++)
        {
            BinaryPrimitives.WriteInt16BigEndian(span[(8 + (2 * index))..], groups[count - 1 - index]);
        }
    }

    /// <summary>A <c>timestamptz</c>: microseconds since 2000; finer ticks are cut.</summary>
    public void Instant(DateTimeOffset value) =>
        BinaryPrimitives.WriteInt64BigEndian(Field(8), (value.UtcTicks - PostgresEpochTicks) / TimeSpan.TicksPerMicrosecond);

    /// <summary>A <c>text</c>, already UTF-8.</summary>
    public void Text(ReadOnlySpan<byte> utf8) => utf8.CopyTo(Field(utf8.Length));

    /// <summary>A <c>text</c>, or null.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        Encoding.UTF8.GetBytes(value, Field(Encoding.UTF8.GetByteCount(value)));
    }

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
