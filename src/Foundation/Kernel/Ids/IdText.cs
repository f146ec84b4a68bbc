using System.Buffers.Binary;

namespace Quoin.Kernel;

/// <summary>
/// How an id looks outside: a type prefix and the 128 bits in 26 letters of Crockford's base 32, lower case
/// (the TypeID form): <c>org_01kx…</c>. Time-ordered ids sort as text.
/// </summary>
public static class IdText
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Letters = 26;

    /// <summary>The id with its prefix.</summary>
    public static string Format(string prefix, Guid value) => string.Create(
        prefix.Length + 1 + Letters,
        (prefix, value),
        static (text, id) =>
        {
            id.prefix.CopyTo(text);
            text[id.prefix.Length] = '_';
            Span<byte> bytes = stackalloc byte[16];
            id.value.TryWriteBytes(bytes, bigEndian: true, out _);
            var high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            var low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
            for (var index = text.Length - 1; index > id.prefix.Length; index--)
            {
                text[index] = Alphabet[(int)(low & 31)];
                low = (low >> 5) | (high << 59);
                high >>= 5;
            }
        });

    /// <summary>Reads an id of one type; false for another prefix, a wrong length or a strange letter.</summary>
    public static bool TryParse(string prefix, ReadOnlySpan<char> text, out Guid value)
    {
        value = default;
        if (text.Length != prefix.Length + 1 + Letters || !text.StartsWith(prefix, StringComparison.Ordinal)
            || text[prefix.Length] != '_' || text[prefix.Length + 1] > '7')
        {
            return false;
        }

        UInt128 bits = 0;
        foreach (var letter in text[(prefix.Length + 1)..])
        {
            var digit = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            bits = (bits << 5) | (UInt128)digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        value = new Guid(bytes, bigEndian: true);
        return true;
    }
}
