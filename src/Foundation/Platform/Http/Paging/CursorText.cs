using System.Buffers.Binary;
using System.Buffers.Text;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Platform;

/// <summary>
/// Cursors as text: a checksum and the keys, in base64url. The checksum catches accidents and curiosity, not
/// attackers: a cursor says where to go on in a list, never whose list it is.
/// </summary>
internal static class CursorText
{
    private const int TextLengthMax = 1024;
    private const int ChecksumBytes = 6;

    // A new form of the keys gets a new word here, and cursors of the old form end as invalid_cursor.
    private static readonly byte[] Version = "quoin-cursor-1"u8.ToArray();

    public static string Write(Type type, object keys)
    {
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content, Encoding.UTF8, leaveOpen: true))
        {
            foreach (var (keyType, key) in Parts(type, keys))
            {
                WriteKey(writer, keyType, key!);
            }
        }

        var bytes = content.ToArray();
        return Base64Url.EncodeToString([.. Checksum(type, bytes), .. bytes]);
    }

    public static object? Read(Type type, string text)
    {
        if (text.Length > TextLengthMax || !Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < ChecksumBytes
            || Base64Url.EncodeToString(bytes) != text
            || !Checksum(type, bytes[ChecksumBytes..]).SequenceEqual(bytes.AsSpan(..ChecksumBytes)))
        {
            return null;
        }

        // The checksum covers the key types, so what follows was written by Write for this very type.
        using var reader = new BinaryReader(new MemoryStream(bytes, ChecksumBytes, bytes.Length - ChecksumBytes), Encoding.UTF8);
        return IsTuple(type)
            ? Activator.CreateInstance(type, [.. type.GenericTypeArguments.Select(keyType => ReadKey(reader, keyType))])
            : ReadKey(reader, type);
    }

    private static byte[] Checksum(Type type, byte[] content)
    {
        var names = string.Join(',', IsTuple(type) ? type.GenericTypeArguments.Select(key => key.Name) : [type.Name]);
        return SHA256.HashData([.. Version, .. Encoding.UTF8.GetBytes(names), 0, .. content])[..ChecksumBytes];
    }

    private static bool IsTuple(Type type) => type.IsAssignableTo(typeof(ITuple));

    private static IEnumerable<(Type Type, object? Key)> Parts(Type type, object keys) =>
        keys is ITuple tuple
            ? type.GenericTypeArguments.Select((keyType, index) => (keyType, tuple[index]))
            : [(type, keys)];

    private static void WriteKey(BinaryWriter writer, Type type, object key)
    {
        switch (key)
        {
            case DateTimeOffset instant: writer.Write(instant.UtcTicks); break;
            case Guid guid: writer.Write(guid.ToByteArray(bigEndian: true)); break;
            case string text: writer.Write(text); break;
            case long number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            default: writer.Write(((Guid)IdProperty(type).GetValue(key)!).ToByteArray(bigEndian: true)); break;
        }
    }

    private static object ReadKey(BinaryReader reader, Type type)
    {
        if (type == typeof(DateTimeOffset))
        {
            return new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        }

        if (type == typeof(string))
        {
            return reader.ReadString();
        }

        if (type == typeof(long))
        {
            return reader.ReadInt64();
        }

        if (type == typeof(int))
        {
            return reader.ReadInt32();
        }

        var guid = new Guid(reader.ReadBytes(16), bigEndian: true);
        return type == typeof(Guid) ? guid : Activator.CreateInstance(type, guid)!;
    }

    private static PropertyInfo IdProperty(Type type) => IdConverterFactory.IsId(type)
        ? type.GetProperty("Value")!
        : throw new NotSupportedException($"{type} cannot be a key of a cursor.");
}
