using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Quoin.Metering.Internal;

/// <summary>
/// JSON values in one form, so that equal content has equal bytes: no blanks, object members in byte order of their
/// names, strings with the fewest escapes, numbers without needless zeros or exponents (1e2 is 100; unlike RFC 8785,
/// which reads numbers as doubles, no digit is lost). Also the place where values PostgreSQL's <c>jsonb</c> would
/// refuse are refused first: U+0000, lone surrogates, endless numbers, doubled names.
/// </summary>
internal sealed class CanonicalJson
{
    private readonly List<Member> members = [];
    private byte[] bytes = new byte[4096];
    private int length;
    private int topLevelCount;

    /// <summary>One member of an object, as ranges of the canonical bytes.</summary>
    internal readonly record struct Member(int NameStart, int NameLength, int ValueStart, int ValueLength);

    /// <summary>The canonical bytes of the last value written.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

    /// <summary>
    /// Writes the value the reader stands on; leaves the reader on its last token. What was written before is gone.
    /// </summary>
    /// <exception cref="EventRejectedException">The value cannot be stored.</exception>
    public void Write(ref Utf8JsonReader reader)
    {
        length = 0;
        topLevelCount = 0;
        members.Clear();
        WriteValue(ref reader, depth: 0);
    }

    /// <summary>Some JSON text in canonical form.</summary>
    public static byte[] Of(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        var canonical = new CanonicalJson();
        canonical.Write(ref reader);
        return canonical.Written.ToArray();
    }

    /// <summary>The canonical value of a member of the object written last, or an empty span.</summary>
    public ReadOnlySpan<byte> TopLevel(ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < topLevelCount; index++)
        {
            var member = members[index];
            if (bytes.AsSpan(member.NameStart, member.NameLength).SequenceEqual(name))
            {
                return bytes.AsSpan(member.ValueStart, member.ValueLength);
            }
        }

        return default;
    }

    private void WriteValue(ref Utf8JsonReader reader, int depth)
    {
        if (depth > Limits.DataDepthMax)
        {
            throw new EventRejectedException($"data is nested deeper than {Limits.DataDepthMax} levels");
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, depth);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader, depth);
                break;
            case JsonTokenType.String:
                WriteString(ref reader);
                break;
            case JsonTokenType.Number:
                WriteNumber(reader.ValueSpan);
                break;
            default:
                Append(reader.ValueSpan);
                break;
        }
    }

    private void WriteArray(ref Utf8JsonReader reader, int depth)
    {
        Append((byte)'[');
        var isFirst = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!isFirst)
            {
                Append((byte)',');
            }

            isFirst = false;
            WriteValue(ref reader, depth + 1);
        }

        Append((byte)']');
    }

    // Members are written as they come, then sorted, then laid out again behind themselves and moved to the front.
    private void WriteObject(ref Utf8JsonReader reader, int depth)
    {
        var firstMember = members.Count;
        var start = length;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var nameStart = length;
            WriteString(ref reader);
            var nameLength = length - nameStart;
            reader.Read();
            var valueStart = length;
            var inner = members.Count;
            WriteValue(ref reader, depth + 1);
            members.RemoveRange(inner, members.Count - inner);
            members.Add(new Member(nameStart, nameLength, valueStart, length - valueStart));
        }

        var count = members.Count - firstMember;
        Sort(firstMember, count);
        var laidOut = length;
        Append((byte)'{');
        for (var index = firstMember; index < firstMember + count; index++)
        {
            if (index > firstMember)
            {
                Append((byte)',');
            }

            members[index] = LayOut(members[index], laidOut - start);
        }

        Append((byte)'}');
        bytes.AsSpan(laidOut, length - laidOut).CopyTo(bytes.AsSpan(start));
        length -= laidOut - start;
        topLevelCount = depth == 0 ? count : 0;
    }

    // The name's range loses its quotes, so that callers compare bare names.
    private Member LayOut(Member member, int shift)
    {
        var nameStart = length;
        Append(member.NameStart, member.NameLength);
        Append((byte)':');
        var valueStart = length;
        Append(member.ValueStart, member.ValueLength);
        return new Member(nameStart - shift + 1, member.NameLength - 2, valueStart - shift, member.ValueLength);
    }

    // Insertion sort: objects have few members, mostly sorted by habit of their senders; a doubled name meets its twin.
    private void Sort(int first, int count)
    {
        for (var index = first + 1; index < first + count; index++)
        {
            var member = members[index];
            var place = index;
            while (place > first && CompareNames(members[place - 1], member) is var order and >= 0)
            {
                if (order == 0)
                {
                    throw new EventRejectedException("data names a member twice");
                }

                members[place] = members[place - 1];
                place--;
            }

            members[place] = member;
        }
    }

    private int CompareNames(Member left, Member right) => bytes.AsSpan(left.NameStart, left.NameLength)
        .SequenceCompareTo(bytes.AsSpan(right.NameStart, right.NameLength));

    private void WriteString(ref Utf8JsonReader reader)
    {
        Append((byte)'"');
        if (reader.ValueIsEscaped)
        {
            WriteUnescaped(ref reader);
        }
        else
        {
            Append(reader.ValueSpan);
        }

        Append((byte)'"');
    }

    private void WriteUnescaped(ref Utf8JsonReader reader)
    {
        var plain = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            foreach (var letter in plain.AsSpan(0, Unescape(ref reader, plain)))
            {
                WriteLetter(letter);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    /// <summary>Copies a string without its escapes; refuses what text in PostgreSQL cannot hold.</summary>
    public static int Unescape(ref Utf8JsonReader reader, Span<byte> destination)
    {
        int written;
        try
        {
            written = reader.CopyString(destination);
        }
        catch (InvalidOperationException)
        {
            throw new EventRejectedException("a string holds half of a surrogate pair");
        }

        return destination[..written].Contains((byte)0)
            ? throw new EventRejectedException("a string holds U+0000")
            : written;
    }

    private void WriteLetter(byte letter)
    {
        switch (letter)
        {
            case (byte)'"' or (byte)'\\':
                Append((byte)'\\');
                Append(letter);
                break;
            case < 0x20:
                Append(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{letter:x4}")));
                break;
            default:
                Append(letter);
                break;
        }
    }

    private void WriteNumber(ReadOnlySpan<byte> number)
    {
        const int plainDigits = 18;
        var isPlain = number.Length <= plainDigits && number[0] != '-' && !number.ContainsAny("eE."u8);
        if (isPlain)
        {
            Append(number);
        }
        else
        {
            Append(Encoding.ASCII.GetBytes(NormalNumber(Encoding.ASCII.GetString(number))));
        }
    }

    private static string NormalNumber(string number)
    {
        var parts = number.ToLowerInvariant().Split('e');
        var exponent = parts.Length == 2
            && int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given)
            ? given
            : parts.Length == 2 ? int.MaxValue : 0;
        var isNegative = parts[0][0] == '-';
        var mantissa = parts[0].TrimStart('-');
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", string.Empty, StringComparison.Ordinal);
        if (digits.Length > Limits.NumberDigitsMax || exponent is > Limits.NumberExponentMax or < -Limits.NumberExponentMax)
        {
            throw new EventRejectedException("a number has more digits or a larger exponent than anyone means");
        }

        var scale = (point < 0 ? 0 : mantissa.Length - point - 1) - exponent;
        var significant = digits.TrimStart('0');
        var trimmed = significant.TrimEnd('0');
        scale -= significant.Length - trimmed.Length;
        if (trimmed.Length == 0)
        {
            return "0";
        }

        var text = scale <= 0
            ? trimmed + new string('0', -scale)
            : trimmed.PadLeft(scale + 1, '0') is var padded ? padded.Insert(padded.Length - scale, ".") : trimmed;
        return isNegative ? "-" + text : text;
    }

    private void Append(byte value)
    {
        Grow(1);
        bytes[length++] = value;
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        Grow(value.Length);
        value.CopyTo(bytes.AsSpan(length));
        length += value.Length;
    }

    private void Append(int start, int count)
    {
        Grow(count);
        bytes.AsSpan(start, count).CopyTo(bytes.AsSpan(length));
        length += count;
    }

    private void Grow(int more)
    {
        if (length + more > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + more));
        }
    }
}

/// <summary>An event cannot be counted; the message says why and becomes its verdict's reason.</summary>
internal sealed class EventRejectedException(string reason, ProblemKind kind = ProblemKind.InvalidEvent) : Exception(reason)
{
    public ProblemKind Kind => kind;
}

/// <summary>Why an event is rejected; each has its own problem code.</summary>
internal enum ProblemKind
{
    InvalidEvent,
    UnknownMeter,
    InvalidQuantity,
    EventInFuture,
    NoSuchOrganisation,
    OtherBillingAccount,
    ReservedSource,
}
