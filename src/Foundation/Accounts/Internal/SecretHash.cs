using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Quoin.Accounts;

/// <summary>The peppered hash of a secret: all that is kept of it.</summary>
/// <param name="High">The first half.</param>
/// <param name="Low">The second half.</param>
internal readonly record struct SecretHash(UInt128 High, UInt128 Low)
{
    public const int Bytes = 32;

    public static SecretHash From(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        Write(bytes);
        return bytes;
    }

    /// <summary>Equality that takes as long for a near miss as for a wild one.</summary>
    public bool EqualsInConstantTime(SecretHash other)
    {
        Span<byte> mine = stackalloc byte[Bytes];
        Span<byte> theirs = stackalloc byte[Bytes];
        Write(mine);
        other.Write(theirs);
        return CryptographicOperations.FixedTimeEquals(mine, theirs);
    }

    /// <inheritdoc />
    public override int GetHashCode() => unchecked((int)Low);

    private void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], Low);
    }
}
