using System.Buffers.Text;
using System.Text;

namespace Quoin.Bench.Gateway;

/// <summary>As much of HTTP/1.1 as both ends of the bench need.</summary>
internal static class HttpMessage
{
    /// <summary>Bytes of the message these begin with; zero while it is not whole.</summary>
    public static int Length(ReadOnlySpan<byte> bytes)
    {
        var head = Head(bytes);
        if (head == 0)
        {
            return 0;
        }

        foreach (var range in bytes[..head].Split("\r\n"u8))
        {
            var line = bytes[range];
            if (Value(line, "content-length:") is { IsEmpty: false } length)
            {
                return Utf8Parser.TryParse(length, out int body, out _) && bytes.Length >= head + body ? head + body : 0;
            }

            if (!Value(line, "transfer-encoding:").IsEmpty)
            {
                return bytes.EndsWith("\r\n0\r\n\r\n"u8) ? bytes.Length : 0;
            }
        }

        return head;
    }

    /// <summary>Bytes before the body; zero while they are not all here.</summary>
    public static int Head(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) is > 0 and var end ? end + 4 : 0;

    /// <summary>The status of an answer.</summary>
    public static int Status(ReadOnlySpan<byte> answer) =>
        Utf8Parser.TryParse(answer["HTTP/1.1 ".Length..], out int status, out _) ? status : 0;

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, string name) =>
        line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name)
            ? line[name.Length..].TrimStart((byte)' ')
            : [];
}
