using System.Globalization;

namespace Quoin.Platform;

/// <summary>
/// Instants as text, RFC 3339: a date, a time and an offset, always. Read to whole microseconds, which is what
/// PostgreSQL keeps: what was read equals what will be read back.
/// </summary>
public static class Rfc3339
{
    /// <summary>The longest text there is: nanoseconds and a numeric offset.</summary>
    public const int LengthMax = 35;

    private const int FractionDigitsMax = 9;
    private const string WrittenForm = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    /// <summary>The instant in UTC with <c>Z</c>, and no more fraction than it has.</summary>
    public static string Format(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(WrittenForm, CultureInfo.InvariantCulture);

    /// <summary>Reads an instant; false without an offset, for a date that does not exist, and for a leap second.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        instant = default;
        Span<byte> ascii = stackalloc byte[LengthMax];
        return text.Length <= LengthMax
            && System.Text.Ascii.FromUtf16(text, ascii, out var written) == System.Buffers.OperationStatus.Done
            && TryParse(ascii[..written], out instant);
    }

    /// <summary>Reads an instant from UTF-8; digits after the sixth of a second are cut off.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset instant)
    {
        instant = default;
        if (text.Length is < 20 or > LengthMax
            || !Number(text, 0, 4, 9999, out var year) || text[4] != '-'
            || !Number(text, 5, 2, 12, out var month) || text[7] != '-'
            || !Number(text, 8, 2, 31, out var day) || text[10] is not ((byte)'T' or (byte)'t')
            || !Number(text, 11, 2, 23, out var hour) || text[13] != ':'
            || !Number(text, 14, 2, 59, out var minute) || text[16] != ':'
            || !Number(text, 17, 2, 59, out var second)
            || year == 0 || month == 0 || day == 0 || day > DateTime.DaysInMonth(year, month)
            || !Fraction(text[19..], out var microseconds, out var fractionLength)
            || !Offset(text[(19 + fractionLength)..], out var offsetMinutes))
        {
            return false;
        }

        var ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks
            + (microseconds * TimeSpan.TicksPerMicrosecond)
            - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        instant = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> text, int start, int length, int most, out int number)
    {
        number = 0;
        foreach (var letter in text.Slice(start, length))
        {
            if (letter is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + (letter - '0');
        }

        return number <= most;
    }

    private static bool Fraction(ReadOnlySpan<byte> rest, out long microseconds, out int length)
    {
        (microseconds, length) = (0, 0);
        if (rest[0] != '.')
        {
            return true;
        }

        var unit = 100_000;
        for (length = 1; length < rest.Length && rest[length] is >= (byte)'0' and <= (byte)'9'; length++)
        {
            microseconds += (rest[length] - '0') * unit;
            unit /= 10;
        }

        return length is > 1 and <= FractionDigitsMax + 1;
    }

    private static bool Offset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest is [(byte)'Z' or (byte)'z'])
        {
            return true;
        }

        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':'
            || !Number(rest, 1, 2, 23, out var hours) || !Number(rest, 4, 2, 59, out minutes))
        {
            return false;
        }

        minutes = (rest[0] == '-' ? -1 : 1) * ((hours * 60) + minutes);
        return true;
    }
}
