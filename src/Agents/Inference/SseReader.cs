using System.Buffers;

namespace Quoin.Inference;

/// <summary>One event of a stream.</summary>
/// <param name="Raw">Its bytes as they came, the empty line at its end included.</param>
/// <param name="Name">The bytes of its <c>event</c> field; empty where it has none.</param>
/// <param name="Data">Its <c>data</c> lines, joined by line feeds; empty where it has none, as a comment.</param>
public readonly record struct SseEvent(ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Data);

/// <summary>
/// Finds the events in the bytes of a <c>text/event-stream</c> (WHATWG HTML, "Server-sent events"), wherever the network
/// cut them. Lines may end in CR, LF or both. The memory of an event is good until the next call.
/// </summary>
public sealed class SseReader : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    private static ReadOnlySpan<byte> LineEnds => "\r\n"u8;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int eventStart;
    private int lineStart;
    private int scanned;
    private int filled;
    private bool isFirstLine = true;
    private bool hasData;
    private (int Start, int Length) name;
    private (int Start, int Length) data;
    private ArrayBufferWriter<byte>? joined;

    /// <summary>Whether bytes have come that are not yet a whole event.</summary>
    public bool HasRest => eventStart < filled;

    /// <summary>Room for more bytes.</summary>
    /// <exception cref="InvalidDataException">One event is larger than <see cref="Limits.EventBytesMax"/>.</exception>
    public Memory<byte> Free()
    {
        if (eventStart > 0 && (eventStart == filled || filled == buffer.Length))
        {
            MoveToFront();
        }

        if (filled == buffer.Length)
        {
            Grow();
        }

        return buffer.AsMemory(filled);
    }

    /// <summary>Says how many bytes were put into what <see cref="Free"/> gave.</summary>
    public void Filled(int bytes) => filled += bytes;

    /// <summary>The next whole event; false when more bytes are needed.</summary>
    public bool TryRead(out SseEvent found)
    {
        while (NextLine(out var start, out var length))
        {
            if (length > 0)
            {
                Field(start, length);
                continue;
            }

            found = new SseEvent(
                buffer.AsMemory(eventStart, lineStart - eventStart),
                buffer.AsMemory(name.Start, name.Length),
                joined is { WrittenCount: > 0 } ? joined.WrittenMemory : buffer.AsMemory(data.Start, Math.Max(0, data.Length)));
            eventStart = lineStart;
            (name, data) = (default, default);
            hasData = false;
            return true;
        }

        found = default;
        return false;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    private bool NextLine(out int start, out int length)
    {
        (start, length) = (lineStart, 0);
        if (eventStart == lineStart && joined is { WrittenCount: > 0 })
        {
            joined.ResetWrittenCount();
        }

        var end = buffer.AsSpan(scanned, filled - scanned).IndexOfAny(LineEnds);
        if (end < 0)
        {
            scanned = filled;
            return false;
        }

        end += scanned;
        var isReturn = buffer[end] == (byte)'\r';
        if (isReturn && end + 1 == filled)
        {
            // The line feed that may belong to it has not come.
            scanned = end;
            return false;
        }

        length = end - start;
        lineStart = end + (isReturn && buffer[end + 1] == (byte)'\n' ? 2 : 1);
        scanned = lineStart;
        if (isFirstLine)
        {
            isFirstLine = false;
            var mark = buffer.AsSpan(start, length).StartsWith("\uFEFF"u8) ? 3 : 0;
            (start, length) = (start + mark, length - mark);
        }

        return true;
    }

    private void Field(int start, int length)
    {
        var line = buffer.AsSpan(start, length);
        var colon = line.IndexOf((byte)':');
        if (colon == 0)
        {
            return;
        }

        var field = colon < 0 ? line : line[..colon];
        var skipped = colon < 0 ? length : colon + 1 < length && line[colon + 1] == (byte)' ' ? colon + 2 : colon + 1;
        var value = (Start: start + skipped, Length: length - skipped);
        if (field.SequenceEqual("data"u8))
        {
            AddData(value);
        }
        else if (field.SequenceEqual("event"u8))
        {
            name = value;
        }
    }

    // Nearly every event has one line of data, which needs no copy.
    private void AddData((int Start, int Length) value)
    {
        if (!hasData)
        {
            (data, hasData) = (value, true);
            return;
        }

        joined ??= new ArrayBufferWriter<byte>();
        if (joined.WrittenCount == 0)
        {
            joined.Write(buffer.AsSpan(data.Start, data.Length));
        }

        joined.Write("\n"u8);
        joined.Write(buffer.AsSpan(value.Start, value.Length));
    }

    private void MoveToFront()
    {
        buffer.AsSpan(eventStart, filled - eventStart).CopyTo(buffer);
        Shift(eventStart);
    }

    private void Grow()
    {
        if (buffer.Length >= Limits.EventBytesMax)
        {
            throw new InvalidDataException($"An event of the stream is larger than {Limits.EventBytesMax} bytes.");
        }

        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private void Shift(int bytes)
    {
        eventStart -= bytes;
        lineStart -= bytes;
        scanned -= bytes;
        filled -= bytes;
        name.Start = Math.Max(0, name.Start - bytes);
        data.Start = Math.Max(0, data.Start - bytes);
    }
}
